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

/** What is to be done about a wish that had to wait: it may be asked again, or there is no such chat or application. */
export type Readiness = "again" | "absent";

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
  /**
   * It cannot be said yet: a deletion is being judged, or a counter is on its way from the database. When it is,
   * `ready` resolves with what to do; it rejects where a store that must be asked does not answer.
   */
  | { kind: "later"; ready: Promise<Readiness> }
  /** All numbers are given. */
  | { kind: "exhausted" }
  /** A store that must be asked for this wish does not answer; no number was given. The others of the group go on. */
  | { kind: "unavailable"; cause: unknown };

/** Whether a wish got numbers that the caller has to store. */
export function isToBeStored(numbered: Numbered): numbered is Extract<Numbered, { kind: "assigned" | "repeated" }> {
  return numbered.kind === "assigned" || (numbered.kind === "repeated" && !numbered.stored);
}

/** The numbers of a group, and the epoch that its record must be stored in, where numbers have epochs. */
export type NumberedGroup = { numbered: readonly Numbered[]; epoch?: number };

/** A chat, or, without `chat`, an application: what has a counter. */
export type CounterName = { application: string; chat?: number };

/**
 * What a deletion's record must carry: the epoch in which its counter was closed, where numbers have epochs, and the last
 * number given before, 0 where none is known; what has it may be stored after the deletion.
 */
export type Closing = { epoch?: number; numbered: number };

/** The store of the numbers does not answer; no number was given that could be stored. */
export class NumberingUnavailableError extends Error {
  constructor(cause: unknown) {
    super("numbers cannot be given", { cause });
    this.name = "NumberingUnavailableError";
  }
}

/**
 * Gives the numbers of chats and messages. No number is ever given twice, whatever is lost; a number whose create
 * failed stays unused, or goes to the retry of the same request.
 */
export interface Numbering {
  /**
   * Numbers a group in its order. The caller must store what got numbers and then call `settle`.
   *
   * @param over an epoch that is known to be over: the group gets its numbers in a later one
   * @throws NumberingUnavailableError where no number can be given
   */
  number(group: readonly NumberRequest[], over?: number): Promise<NumberedGroup>;

  /**
   * Tells what became of a group that was numbered: its record's sequence, or undefined where it was not stored. Where it
   * rejects, the numbers stand all the same.
   */
  settle(group: readonly NumberRequest[], numbered: NumberedGroup, sequence: number | undefined): Promise<void>;

  /**
   * A deletion begins, known by the id of its mutation: from now on the counter, with all below it, gives no numbers,
   * until `reopen` or `remove`.
   *
   * @throws NumberingUnavailableError
   */
  close(counter: CounterName, id: string): Promise<Closing>;

  /** These deletions were judged, or never stored. */
  reopen(ids: readonly string[]): Promise<void>;

  /** What the counter belonged to is deleted; called before that is told. */
  remove(counter: CounterName): Promise<void>;

  /** Tells that every record up to a sequence is in the database. */
  persisted(sequence: number): void;
}
