import type { Attributes } from "sequelize";
import type { Message, SystemEvent } from "../../gen/parley/v1/message_pb.ts";
import type { ChatRow } from "../chat/chat-model.ts";
import { rowFromNewMessage } from "../message/message-codec.ts";
import type { CommitMark } from "../write-queue/commit-mark.ts";
import { addMessages } from "./add-messages.ts";
import type { BatchRows, Tracked } from "./batch-rows.ts";

/** What a chat is told of a change: the message with its number, and what happened; nothing where that is undefined. */
export type Telling = { message: Message; event: SystemEvent | undefined };

/**
 * Tells a chat of a change that was judged, at the place of the change; gives the message as stored. Where there is nothing
 * to tell, as the change was refused or changes nothing, the message's number is passed over: it stays given.
 */
export function tell(
  rows: BatchRows,
  chat: Tracked<Attributes<ChatRow>>,
  { message, event }: Telling,
  mark: CommitMark,
): Message | undefined {
  if (!event) {
    skipNumber(chat, message);
    return undefined;
  }
  const told = { ...message, content: { case: "systemEvent", value: event } as const };
  const name = { application: chat.row.application, chat: chat.row.number };
  addMessages(rows, chat, [rowFromNewMessage(told, name, mark)], mark);
  return told;
}

function skipNumber(chat: Tracked<Attributes<ChatRow>>, { number }: Message): void {
  if (number <= chat.row.lastNumber) return;
  chat.row.lastNumber = number;
  if (chat.state === "stored") chat.state = "changed";
}
