import type { Attributes } from "sequelize";
import type { CreateChat, CreateRequest } from "../../gen/parley/queue/v1/record_pb.ts";
import { formatMessageName } from "../aip/resource-name.ts";
import { rowFromNewChat } from "../chat/chat-codec.ts";
import type { MessageRow } from "../message/message-model.ts";
import { createRequestKey } from "../numbering/create-request-model.ts";
import type { CounterName } from "../numbering/numbering.ts";
import type { CommitMark } from "../write-queue/commit-mark.ts";
import { requestNameOf } from "./batch-references.ts";
import { type BatchRows, findLive } from "./batch-rows.ts";
import type { NewMessages } from "./new-messages.ts";

/** A create's number, or its request_id, belongs to another create that stands: the last fence. */
export class CreateConflictError extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = "CreateConflictError";
  }
}

/** The database refuses a number that it has; within a batch nothing else would. */
function checkIsNew(rows: ReadonlyMap<string, unknown>, name: string): void {
  if (rows.has(name)) throw new CreateConflictError(`${name} exists already`);
}

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
  { chat, request, epoch }: CreateChat,
  mark: CommitMark,
  requestTtlMs: number,
): void {
  const row = rowFromNewChat(chat!, mark, Number(epoch));
  const application = findLive(rows.applications, row.application);
  if (!application) return;
  const entry = { first: row.number, createTime: row.createTime, requestTtlMs };
  if (!enterRequest(rows, { application: row.application }, request, entry)) return;
  checkIsNew(rows.chats, chat!.name);
  rows.chats.set(chat!.name, { row, state: "new" });
  application.row.lastChatNumber = Math.max(application.row.lastChatNumber ?? 0, row.number);
  application.row.countDue = mark;
  application.state = "changed";
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
  for (const row of messages) rows.created.push(rows.mutated.size > 0 ? trackMutated(rows, row) : row);
  const last = messages.at(-1)!;
  chat.row.lastNumber = Math.max(chat.row.lastNumber, last.number);
  chat.row.lastMessageTime = Math.max(chat.row.lastMessageTime ?? 0, last.createTime);
  chat.row.countDue = mark;
  if (chat.state === "stored") chat.state = "changed";
}

/**
 * A new message, as a copy where a mutation of the batch names it: what that changes must not be there when the batch is
 * applied again, in parts. Of two messages with the same number the database refuses one.
 */
function trackMutated(rows: BatchRows, given: Attributes<MessageRow>): Attributes<MessageRow> {
  const name = formatMessageName({ application: given.application, chat: given.chat, message: given.number });
  if (!rows.mutated.has(name)) return given;
  checkIsNew(rows.messages, name);
  const row = { ...given };
  rows.messages.set(name, { row, state: "new" });
  return row;
}
