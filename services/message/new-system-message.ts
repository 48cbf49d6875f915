import { create } from "@bufbuild/protobuf";
import { Author_Type, AuthorSchema, type Message, MessageSchema } from "../../gen/parley/v1/message_pb.ts";
import { formatEtag } from "../aip/etag.ts";
import { type ChatName, formatMessageName } from "../aip/resource-name.ts";
import { timestampFromMillis } from "../aip/timestamp.ts";

/** A message of the system as it is numbered. What happened, the writer says: it knows what came of it. */
export function newSystemMessage(chat: ChatName, number: number, createTimeMs: number): Message {
  const time = timestampFromMillis(createTimeMs);
  return create(MessageSchema, {
    name: formatMessageName({ ...chat, message: number }),
    number,
    author: create(AuthorSchema, { type: Author_Type.SYSTEM }),
    createTime: time,
    updateTime: time,
    etag: formatEtag({ revision: 1, updateTimeMs: createTimeMs }),
  });
}
