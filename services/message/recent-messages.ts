import type { Message } from "../../gen/parley/v1/message_pb.ts";
import type { ChatName, MessageName } from "../aip/resource-name.ts";

/**
 * The newest messages of a chat without a gap: every stored message with a number ≥ `from` is among them. Those below
 * are in the database once the writer has passed the record `sequence`.
 */
export type RecentWindow = { from: number; sequence: number; messages: readonly Message[] };

/** Messages of one chat that a record brought, in the order of their numbers. */
export type RecentBatch = {
  chat: ChatName;
  messages: readonly Message[];
  /** Their numbers were given to an earlier try. Higher ones may be stored already, so a window cannot begin here. */
  repeated?: boolean;
};

/** What lets a reader see a write before the database has it: the newest messages of each chat. */
export interface RecentMessages {
  /** Adds what a record brought; called before the callers are answered. What is held already stays as it is. */
  add(batches: readonly RecentBatch[], sequence: number): Promise<void>;

  /** Replaces a message by its changed self where it is held; called before the change is answered. */
  replace(name: MessageName, message: Message): Promise<void>;

  /** Forgets a chat. */
  drop(chat: ChatName): Promise<void>;

  /** Forgets every chat of an application. */
  dropApplication(application: string): Promise<void>;

  /** The chat's window, in the order of the numbers; undefined where nothing of the chat is held. */
  window(chat: ChatName): Promise<RecentWindow | undefined>;
}
