import { toBinary } from "@bufbuild/protobuf";
import { type Message, MessageSchema } from "../../../gen/parley/v1/message_pb.ts";
import type { ChatName } from "../../../services/aip/resource-name.ts";
import type { ReadMessage } from "../../../services/message/read-message.ts";
import type { RecentBatch } from "../../../services/message/recent-messages.ts";

/** What a record brought of a chat, as the write path tells of it. */
export function recentBatch(chat: ChatName, messages: readonly Message[], repeated?: boolean): RecentBatch {
  const bytes = messages.map((message) => toBinary(MessageSchema, message));
  return { chat, messages, bytes, ...(repeated !== undefined && { repeated }) };
}

/** A message as it is read. */
export function readMessage(message: Message): ReadMessage {
  return { number: message.number, bytes: toBinary(MessageSchema, message), message, internal: message.internal };
}

/** What messages that were read have in them, to be compared. */
export function contentsOf(
  read: readonly ReadMessage[] | undefined,
): { bytes: number[]; message: Message }[] | undefined {
  return read?.map(({ bytes, message }) => ({ bytes: [...bytes], message }));
}
