import type { Attributes } from "sequelize";
import type { CreateChat, CreateRequest } from "../../gen/parley/queue/v1/record_pb.ts";
import { Chat_Kind } from "../../gen/parley/v1/chat_pb.ts";
import { Member_Role } from "../../gen/parley/v1/member_pb.ts";
import { formatUserName } from "../aip/resource-name.ts";
import { rowFromNewChat } from "../chat/chat-codec.ts";
import type { ChatRow } from "../chat/chat-model.ts";
import { newMemberRow } from "../member/member-codec.ts";
import { createRequestKey } from "../numbering/create-request-model.ts";
import type { CounterName } from "../numbering/numbering.ts";
import type { CommitMark } from "../write-queue/commit-mark.ts";
import { addMessages } from "./add-messages.ts";
import { requestNameOf } from "./batch-references.ts";
import { type BatchRows, findLive } from "./batch-rows.ts";
import { CreateConflictError, checkIsNew } from "./create-conflict.ts";
import type { NewMessages } from "./new-messages.ts";
import { makeNextOwner } from "./succession.ts";

/**
 * Enters a create's request. False where this very create was applied before: a twin, to be dropped. A request older
 * than `requestTtlMs` gives its id up.
 */
function enterRequest(
  rows: BatchRows,
  counter: CounterName,
  request: CreateRequest | undefined,
  { first, createTime, requestTtlMs }: { first: number; createTime: number; requestTtlMs: number },
): boolean {
  if (!request?.requestId) return true;
  const name = requestNameOf(counter, request);
  const key = createRequestKey(name);
  const known = rows.requests.get(key);
  const resource = String(first);
  if (known && known.row.resource === resource && known.row.createTime === createTime) return false;
  if (known && known.row.createTime > createTime - requestTtlMs) {
    throw new CreateConflictError(`the request_id made another resource: ${key}`);
  }
  const row = { ...name, digest: Buffer.from(request.digest).toString("hex"), resource, createTime };
  rows.requests.set(key, { row, state: known && known.state !== "new" ? "changed" : "new" });
  return true;
}

/** Applies the creation of a chat; one in an application that is gone is dropped with it. */
export function applyCreateChat(
  rows: BatchRows,
  { chat, request, epoch, members, pair }: CreateChat,
  mark: CommitMark,
  requestTtlMs: number,
): void {
  const row = rowFromNewChat(chat!, mark, { epoch: Number(epoch), pair });
  const application = findLive(rows.applications, row.application);
  if (!application) return;
  const entry = { first: row.number, createTime: row.createTime, requestTtlMs };
  if (!enterRequest(rows, { application: row.application }, request, entry)) return;
  checkIsNew(rows.chats, chat!.name);
  rows.chats.set(chat!.name, { row, state: "new" });
  enterMembers(rows, row, members);
  application.row.lastChatNumber = Math.max(application.row.lastChatNumber ?? 0, row.number);
  application.row.countDue = mark;
  application.state = "changed";
}

/**
 * A new chat's first members: the creator owns a group. Users who were deleted meanwhile are left out, but of a DIRECT
 * chat, where a pair stays one; a group whose creator was has another owner, as where an owner is erased.
 */
function enterMembers(rows: BatchRows, chat: Attributes<ChatRow>, members: readonly string[]): void {
  if (chat.kind === Chat_Kind.OPEN) return;
  const { application, number, createSeq: mark, createTime: timeMs } = chat;
  const users = new Set([chat.creator ?? "", ...members]);
  const isMember = (user: string) =>
    chat.kind === Chat_Kind.DIRECT || rows.users.has(formatUserName({ application, user }));
  const entering = [...users].filter(isMember);
  const isGroup = chat.kind === Chat_Kind.GROUP;
  for (const user of entering) {
    const owns = isGroup && user === chat.creator;
    const role = owns ? Member_Role.OWNER : Member_Role.MEMBER;
    rows.members.put(newMemberRow({ application, chat: number, user }, role, { mark, timeMs }));
  }
  const isOwned = chat.creator !== null && entering.includes(chat.creator);
  if (isGroup && !isOwned) makeNextOwner(rows.members, { application, chat: number }, { mark, timeMs });
  chat.membersCount = entering.length;
  rows.forgotten.push({ kind: "chat", chat: { application, chat: number } });
}

/** Applies the creation of messages; those in a chat that is gone are dropped with it. */
export function applyCreateMessages(
  rows: BatchRows,
  { application, chat: number, parent, rows: messages, request }: NewMessages,
  mark: CommitMark,
  requestTtlMs: number,
): void {
  const name = { application, chat: number };
  const chat = findLive(rows.chats, parent);
  if (!chat) {
    rows.dropped.push(name);
    return;
  }
  const first = messages[0]!;
  const entry = { first: first.number, createTime: first.createTime, requestTtlMs };
  if (!enterRequest(rows, name, request, entry)) return;
  addMessages(rows, chat, messages, mark);
}
