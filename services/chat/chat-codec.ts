import { create } from "@bufbuild/protobuf";
import type { Attributes } from "sequelize";
import { type Chat, ChatSchema } from "../../gen/parley/v1/chat_pb.ts";
import { durationOrNone, millisFromDuration } from "../aip/duration.ts";
import { formatEtag } from "../aip/etag.ts";
import { formatMetadata, parseMetadata } from "../aip/metadata.ts";
import { formatChatName, parseChatName } from "../aip/resource-name.ts";
import { millisFromTimestamp, timestampFromMillis, timestampOrNone } from "../aip/timestamp.ts";
import type { CommitMark } from "../write-queue/commit-mark.ts";
import type { ChatRow } from "./chat-model.ts";
import { newSession, supportStateOf } from "./support-state.ts";

/**
 * The row of a chat that was just created, with a counter of its own in an epoch.
 *
 * @param pair as the record has it; empty for none
 */
export function rowFromNewChat(
  chat: Chat,
  mark: CommitMark,
  { epoch, pair }: { epoch: number; pair: string },
): Attributes<ChatRow> {
  const createTime = millisFromTimestamp(chat.createTime!);
  return {
    application: parseChatName(chat.name, "chat.name").application,
    number: chat.number,
    title: chat.title,
    kind: chat.kind,
    metadata: formatMetadata(chat.metadata),
    messagesCount: 0,
    lastNumber: 0,
    lastMessageTime: null,
    countDue: 0,
    revision: 1,
    createTime,
    updateTime: createTime,
    deleteTime: null,
    createSeq: mark,
    changeSeq: mark,
    seeded: epoch,
    creator: chat.creator || null,
    membersCount: chat.membersCount,
    slowModeMs: millisFromDuration(chat.slowMode),
    pair: pair || null,
    internalCount: 0,
    shownNumber: 0,
    ...newSession(chat.kind),
  };
}

/**
 * The chat that a row holds, as it is answered.
 *
 * @param notes whether to whom it is answered sees internal notes; to others they do not count
 */
export function chatFromRow(row: Attributes<ChatRow>, notes: boolean): Chat {
  return create(ChatSchema, {
    name: formatChatName({ application: row.application, chat: row.number }),
    number: row.number,
    title: row.title,
    kind: row.kind as Chat["kind"],
    metadata: parseMetadata(row.metadata),
    messagesCount: notes ? row.messagesCount : row.messagesCount - row.internalCount,
    createTime: timestampFromMillis(row.createTime),
    updateTime: timestampFromMillis(row.updateTime),
    lastMessageTime: timestampOrNone(row.lastMessageTime),
    etag: formatEtag({ revision: row.revision, updateTimeMs: row.updateTime }),
    creator: row.creator ?? "",
    membersCount: row.membersCount,
    slowMode: durationOrNone(row.slowModeMs),
    support: supportStateOf(row),
  });
}
