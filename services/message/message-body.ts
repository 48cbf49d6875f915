import type { Message } from "../../gen/parley/v1/message_pb.ts";

/** The text of a message; undefined in a tombstone and in a system message. */
export function bodyOf({ content }: Pick<Message, "content">): string | undefined {
  return content.case === "body" ? content.value : undefined;
}
