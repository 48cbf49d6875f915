import { create } from "@bufbuild/protobuf";
import type { Attributes } from "sequelize";
import { type Author, AuthorSchema, type Message, MessageSchema } from "../../gen/parley/v1/message_pb.ts";
import { formatEtag } from "../aip/etag.ts";
import { formatMetadata, parseMetadata } from "../aip/metadata.ts";
import { type ChatName, formatMessageName } from "../aip/resource-name.ts";
import { millisFromTimestamp, timestampFromMillis } from "../aip/timestamp.ts";
import type { CommitMark } from "../write-queue/commit-mark.ts";
import type { MessageFields, MessageRow } from "./message-model.ts";

/** The row of a message that was just created. */
export function rowFromNewMessage(
  message: Message,
  { application, chat }: ChatName,
  mark: CommitMark,
): Attributes<MessageRow> {
  const createTime = millisFromTimestamp(message.createTime!);
  return {
    application,
    chat,
    number: message.number,
    body: message.content.case === "body" ? message.content.value : null,
    authorUser: message.author?.user || null,
    authorDisplayName: message.author?.displayName || null,
    authorType: message.author?.type ?? 0,
    metadata: formatMetadata(message.metadata),
    requestId: message.requestId || null,
    revision: 1,
    createTime,
    updateTime: createTime,
    editTime: null,
    deleteTime: null,
    createSeq: mark,
    changeSeq: mark,
    internal: message.internal ? 1 : 0,
    replyTo: message.replyTo || null,
    reactions: null,
    systemEvent: null,
  };
}

function authorOf({ authorUser, authorDisplayName, authorType }: MessageFields): Author {
  return create(AuthorSchema, {
    user: authorUser ?? "",
    displayName: authorDisplayName ?? "",
    type: authorType as Author["type"],
  });
}

function timestampOrNone(millis: number | null) {
  return millis === null ? undefined : timestampFromMillis(millis);
}

/** The message that a row holds, as it is answered. */
export function messageFromRow(row: MessageFields): Message {
  return create(MessageSchema, {
    name: formatMessageName({ application: row.application, chat: row.chat, message: row.number }),
    number: row.number,
    content: row.body === null ? { case: undefined } : { case: "body", value: row.body },
    author: authorOf(row),
    metadata: parseMetadata(row.metadata),
    requestId: row.requestId ?? "",
    createTime: timestampFromMillis(row.createTime),
    updateTime: timestampFromMillis(row.updateTime),
    editTime: timestampOrNone(row.editTime),
    deleteTime: timestampOrNone(row.deleteTime),
    etag: formatEtag({ revision: row.revision, updateTimeMs: row.updateTime }),
  });
}
