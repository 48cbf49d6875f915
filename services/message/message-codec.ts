import { create } from "@bufbuild/protobuf";
import type { Attributes } from "sequelize";
import { type Author, AuthorSchema, type Message, MessageSchema } from "../../gen/parley/v1/message_pb.ts";
import { formatEtag } from "../aip/etag.ts";
import { formatMetadata, parseMetadata } from "../aip/metadata.ts";
import { type ChatName, formatMessageName } from "../aip/resource-name.ts";
import { millisFromTimestamp, timestampFromMillis, timestampOrNone } from "../aip/timestamp.ts";
import type { CommitMark } from "../write-queue/commit-mark.ts";
import { mentionsIn } from "./mentions.ts";
import { bodyOf } from "./message-body.ts";
import type { MessageFields, MessageRow } from "./message-model.ts";
import { reactionsFromRow } from "./stored-reactions.ts";
import { formatSystemEvent, parseSystemEvent } from "./stored-system-event.ts";

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
    body: bodyOf(message) ?? null,
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
    systemEvent: formatSystemEvent(message),
  };
}

function contentOf({ body, systemEvent }: MessageFields): Message["content"] {
  if (body !== null) return { case: "body", value: body };
  return systemEvent === null ? { case: undefined } : { case: "systemEvent", value: parseSystemEvent(systemEvent) };
}

function authorFromRow({ authorUser, authorDisplayName, authorType }: MessageFields): Author {
  return create(AuthorSchema, {
    user: authorUser ?? "",
    displayName: authorDisplayName ?? "",
    type: authorType as Author["type"],
  });
}

/** The message that a row holds, as it is answered. */
export function messageFromRow(row: MessageFields): Message {
  return create(MessageSchema, {
    name: formatMessageName({ application: row.application, chat: row.chat, message: row.number }),
    number: row.number,
    content: contentOf(row),
    author: authorFromRow(row),
    metadata: parseMetadata(row.metadata),
    requestId: row.requestId ?? "",
    createTime: timestampFromMillis(row.createTime),
    updateTime: timestampFromMillis(row.updateTime),
    editTime: timestampOrNone(row.editTime),
    deleteTime: timestampOrNone(row.deleteTime),
    etag: formatEtag({ revision: row.revision, updateTimeMs: row.updateTime }),
    internal: row.internal === 1,
    replyTo: row.replyTo ?? 0,
    reactions: reactionsFromRow(row.reactions),
    mentions: mentionsIn(row.body),
  });
}
