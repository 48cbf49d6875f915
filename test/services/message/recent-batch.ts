import { toBinary } from "@bufbuild/protobuf";
import { type Message, MessageSchema } from "../../../gen/parley/v1/message_pb.ts";
import type { ChatName } from "../../../services/aip/resource-name.ts";
import type { RecentBatch } from "../../../services/message/recent-messages.ts";

/** What a record brought of a chat, as the write path tells of it. */
export function recentBatch(chat: ChatName, messages: readonly Message[], repeated?: boolean): RecentBatch {
  const bytes = messages.map((message) => toBinary(MessageSchema, message));
  return { chat, messages, bytes, ...(repeated !== undefined && { repeated }) };
}
