/** What a create was asked with, where it carries a request_id. */
export type CreateRequestKey = {
  /** `admin` or `applications/{token}`. */
  principal: string;
  requestId: string;
  /** SHA-256 of the request without its request_id. */
  digest: Uint8Array;
};

/** A wish for numbers: of messages in a chat, or, without `chat`, of a chat in an application. */
export type NumberRequest = {
  application: string;
  chat?: number;
  /** How many consecutive numbers. */
  count: number;
  request?: CreateRequestKey;
};

/** What became of a wish. */
export type Numbered =
  /** The numbers from `first` on are the caller's. `createTimeMs` never falls within a chat. */
  | { kind: "assigned"; first: number; createTimeMs: number }
  /**
   * The same request had these numbers before. Where it is not known to be stored, the caller stores the same again;
   * the writer drops the twin.
   */
  | { kind: "repeated"; first: number; createTimeMs: number; stored: boolean }
  /** The request_id was used for another request. */
  | { kind: "reused" }
  /** There is no such chat or application. */
  | { kind: "absent" }
  /** A deletion is being judged. When it is, `judged` resolves, and the caller may ask again. */
  | { kind: "closing"; judged: Promise<void> }
  /** All numbers are given. */
  | { kind: "exhausted" }
  /** A store that must be asked for this wish does not answer; no number was given. The others of the group go on. */
  | { kind: "unavailable"; cause: unknown };

/** Whether a wish got numbers that the caller has to store. */
export function isToBeStored(numbered: Numbered): numbered is Extract<Numbered, { kind: "assigned" | "repeated" }> {
  return numbered.kind === "assigned" || (numbered.kind === "repeated" && !numbered.stored);
}

/** A chat, or, without `chat`, an application: what has a counter. */
export type CounterName = { application: string; chat?: number };

/**
 * Gives the numbers of chats and messages. No number is ever given twice, whatever is lost; a number whose create
 * failed stays unused, or goes to the retry of the same request.
 */
export interface Numbering {
  /** Numbers a group in its order. The caller must store what got numbers and then call `settle`. */
  number(group: readonly NumberRequest[]): Promise<Numbered[]>;

  /** Tells what became of a group that was numbered: its record's sequence, or undefined where it was not stored. */
  settle(group: readonly NumberRequest[], numbered: readonly Numbered[], sequence: number | undefined): void;

  /**
   * From now on the counter, with all below it, is closing: it gives no numbers. Each call wants its own `reopen`, or
   * one `remove`.
   */
  close(counter: CounterName): Promise<void>;

  /** Takes a `close` back: what it was for was refused or never stored. */
  reopen(counter: CounterName): void;

  /** What the counter belonged to is deleted. */
  remove(counter: CounterName): void;

  /** Tells that every record up to a sequence is in the database. */
  persisted(sequence: number): void;
}
