import { fromJsonString, toJsonString } from "@bufbuild/protobuf";
import { type Message, type SystemEvent, SystemEventSchema } from "../../gen/parley/v1/message_pb.ts";

/** What happened in a chat as a row has it: JSON, or null where the message is none of the system's. */
export function formatSystemEvent({ content }: Pick<Message, "content">): string | null {
  return content.case === "systemEvent" ? toJsonString(SystemEventSchema, content.value) : null;
}

/** The event that formatSystemEvent made a text of. */
export function parseSystemEvent(stored: string): SystemEvent {
  return fromJsonString(SystemEventSchema, stored.replace(SHORT_ROLE, '"role":"ROLE_$1"'), {
    ignoreUnknownFields: true,
  });
}

/** Roles were stored without the prefix of their names. In a text within the JSON, quotation marks have a backslash. */
const SHORT_ROLE = /"role":"(MEMBER|ADMIN|OWNER)"/;
