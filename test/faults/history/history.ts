import type { Operation } from "./operation.ts";
import type { Item } from "./resource.ts";

/** A change as a subscriber of the commit stream saw it, once the twins are dropped. Marks rise in queue order. */
export type Event = Item & { kind: "created" | "changed" | "removed"; mark: number };

/** What is stored once everything has come to rest. */
export type Stored = {
  /** Every chat and message, as the API shows them. */
  shown: readonly Item[];
  /** The same, as they are in the database. */
  rows: readonly Item[];
  /** The live messages, as the search index has them. */
  indexed: readonly Item[];
  /** `messages_count` of every chat and `chats_count` of every application that exists. */
  counts: readonly { name: string; count: number }[];
  /** The origins of what the database refused. */
  deadLetters: readonly string[];
};

/** All that is known of a run. */
export type History = {
  operations: readonly Operation[];
  /** What each subscriber saw, in its order. */
  subscribers: readonly (readonly Event[])[];
  /** When a subscriber saw that an epoch of numbers begins, by the clock of the operations. */
  epochs: readonly number[];
  stored: Stored;
};
