import type { Message } from "../../gen/parley/v1/message_pb.ts";
import type { ChatName, MessageName } from "../aip/resource-name.ts";
import type { NumberRange } from "./message-store.ts";
import type { ReadMessage } from "./read-message.ts";

/** Which of a chat's messages: the first `limit` of a range of numbers, in the order asked for. */
export type RecentQuery = NumberRange & { newestFirst: boolean; limit: number };

/** What is held of a query. */
export type RecentPart = {
  /** The lowest number that is held. Those below are in the database once the writer has passed the record `sequence`. */
  from: number;
  sequence: number;
  /** The query's messages with numbers ≥ `from`. */
  messages: readonly ReadMessage[];
  /** Whether none of these is missing. One that is missing is in the database, or nobody was told of it yet. */
  whole: boolean;
};

/** Messages of one chat that a record brought, in the order of their numbers. */
export type RecentBatch = {
  chat: ChatName;
  messages: readonly Message[];
  /** Each of them as toBinary(MessageSchema) makes it. Not changed afterwards, by whoever has them. */
  bytes: readonly Uint8Array[];
  /** Their numbers were given to an earlier try. Higher ones may be stored already, so what is held cannot begin here. */
  repeated?: boolean;
};

/** What the writer did to messages that may be held, and the record that asked for it. */
export type RecentChange = { sequence: number } & (
  | { kind: "changed"; name: MessageName; message: Message }
  /** The writer stored a message of the system. It goes where others around it are held. */
  | { kind: "added"; name: MessageName; message: Message }
  /** What is held of the chat may differ from the database: that refused messages, or others than the writer changed some. */
  | { kind: "stale"; chat: ChatName }
  | { kind: "chatDeleted"; chat: ChatName }
  | { kind: "applicationDeleted"; application: string }
);

/** What lets a reader see a write before the database has it: the newest messages of each chat. */
export interface RecentMessages {
  /**
   * Adds what a record brought; called before the callers are answered. What is held already stays as it is. Resolves
   * with whether every reader sees it now; where not, they will when the writer has passed the record.
   *
   * @param epoch in which the messages were numbered, where numbers have epochs
   */
  add(batches: readonly RecentBatch[], sequence: number, epoch?: number): Promise<boolean>;

  /** Brings what is held in line with the writer's changes; called before the verdicts on them are told. */
  change(changes: readonly RecentChange[]): Promise<void>;

  /** What is held of a query; undefined where nothing of the chat is. */
  read(chat: ChatName, query: RecentQuery): Promise<RecentPart | undefined>;
}
