import type { Attributes } from "sequelize";
import type { Message } from "../../gen/parley/v1/message_pb.ts";
import type { ChatRow } from "../chat/chat-model.ts";
import { rowFromNewMessage } from "../message/message-codec.ts";
import type { CommitMark } from "../write-queue/commit-mark.ts";
import { addMessages } from "./add-messages.ts";
import type { BatchRows, Tracked } from "./batch-rows.ts";

/** Stores the system message that a change of a chat brought, at the place of the change; gives it as stored. */
export function addSystemMessage(
  rows: BatchRows,
  chat: Tracked<Attributes<ChatRow>>,
  message: Message,
  mark: CommitMark,
): Message {
  const name = { application: chat.row.application, chat: chat.row.number };
  addMessages(rows, chat, [rowFromNewMessage(message, name, mark)], mark);
  return message;
}

/** Passes over the number of a system message that is not stored, as its change was refused or changes nothing: it stays given. */
export function skipSystemMessage(chat: Tracked<Attributes<ChatRow>>, { number }: Message): void {
  if (number <= chat.row.lastNumber) return;
  chat.row.lastNumber = number;
  if (chat.state === "stored") chat.state = "changed";
}
