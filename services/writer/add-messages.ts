import type { Attributes } from "sequelize";
import { Chat_Kind } from "../../gen/parley/v1/chat_pb.ts";
import { formatMessageName } from "../aip/resource-name.ts";
import type { ChatRow } from "../chat/chat-model.ts";
import type { MessageRow } from "../message/message-model.ts";
import type { CommitMark } from "../write-queue/commit-mark.ts";
import type { BatchRows, Tracked } from "./batch-rows.ts";
import { checkIsNew } from "./create-conflict.ts";
import { turnSession } from "./support-turn.ts";

/**
 * Adds new messages to a chat, and tells the chat of them. Internal notes leave its last activity as it is.
 *
 * @param messages at least one, with rising numbers
 */
export function addMessages(
  rows: BatchRows,
  chat: Tracked<Attributes<ChatRow>>,
  messages: readonly Attributes<MessageRow>[],
  mark: CommitMark,
): void {
  for (const row of messages) rows.created.push(rows.mutated.size > 0 ? trackMutated(rows, row) : row);
  const last = messages.at(-1)!;
  chat.row.lastNumber = Math.max(chat.row.lastNumber, last.number);
  chat.row.countDue = mark;
  if (chat.state === "stored") chat.state = "changed";
  if (chat.row.kind === Chat_Kind.SUPPORT) for (const message of messages) turnSession(chat.row, message);
  const shown = messages.findLast(({ internal }) => internal === 0);
  if (!shown) return;
  chat.row.lastMessageTime = Math.max(chat.row.lastMessageTime ?? 0, shown.createTime);
  chat.row.shownNumber = Math.max(chat.row.shownNumber, shown.number);
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
