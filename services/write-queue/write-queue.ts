import type { CommitMark } from "./commit-mark.ts";

/** A record as it is stored. Sequences start at 1 and rise; `data` is a parley.queue.v1.Record. */
export type QueueRecord = { sequence: number; data: Uint8Array };

/** A write that the database refuses for its data, set aside so that those behind it go on. */
export type DeadLetter = {
  mark: CommitMark;
  /** A parley.queue.v1.Write. */
  write: Uint8Array;
  reason: string;
  /** Milliseconds since 1970, UTC. */
  timeMs: number;
};

/**
 * A new life of the numbering. `epoch` is the sequence of the record that began it; `life` a random UUID in that record.
 */
export type Epoch = { epoch: number; life: string };

/** The record was numbered in an epoch that is over; it is not stored, and never will be. */
export class EpochOverError extends Error {
  constructor(epoch: number) {
    super(`the epoch ${epoch} of numbers is over`);
    this.name = "EpochOverError";
  }
}

/** The epochs of the numbers, which are records of the queue. For adapters that several processes use. */
export interface EpochLog {
  /** The epoch in force as the queue knows it now; undefined before the first. QueueUnavailableError. */
  currentEpoch(): Promise<Epoch | undefined>;

  /**
   * Begins the epoch that follows `after` (0 for the first). Resolves with the new one, or with undefined where another
   * process was first. QueueUnavailableError where it is not known to have begun; it may have.
   */
  beginEpoch(after: number): Promise<Epoch | undefined>;
}

/** How a record is stored. */
export type AppendOptions = {
  /** Stored once under it: a further append under the same id resolves with the sequence of the first. */
  id?: string | undefined;
  /** The epoch that must be in force: EpochOverError where it is not. */
  epoch?: number | undefined;
};

/** How much one read gives at most; a first record that is larger comes alone. */
export type ReadLimit = { records: number; bytes: number };

/** What a reader takes at a time: enough to fill a transaction, little enough for memory. */
export const READ_LIMIT: ReadLimit = { records: 64, bytes: 8 * 1_048_576 };

/** How many records wait to be persisted, and their bytes. */
export type QueueBacklog = { records: number; bytes: number };

/** The queue's storage failed. The embedded queue stored nothing; of one behind a network it is not known. */
export class QueueUnavailableError extends Error {
  constructor(cause: unknown) {
    super("the write queue cannot be written", { cause });
    this.name = "QueueUnavailableError";
  }
}

/** The queue holds as many bytes that wait to be persisted as it may; nothing was stored. */
export class QueueFullError extends Error {
  constructor(limit: number) {
    super(`the write queue holds its limit of ${limit} bytes`);
    this.name = "QueueFullError";
  }
}

/**
 * The durable, ordered queue in front of the database. What it has stored survives a kill of any process and a power
 * cut.
 */
export interface WriteQueue {
  /**
   * Stores a record; resolves with its sequence once it is on disk.
   *
   * @throws QueueFullError, EpochOverError: it is not stored; QueueUnavailableError
   */
  append(data: Uint8Array, options?: AppendOptions): Promise<number>;

  /**
   * Records after a sequence, in order and without omissions: as many as are at hand, within the limit. Waits for the
   * first; empty only where `signal` aborts.
   */
  read(after: number, limit: ReadLimit, signal: AbortSignal): Promise<QueueRecord[]>;

  /** The sequence of the last record stored; 0 in an empty queue. */
  end(): Promise<number>;

  /** Tells that every record up to a sequence is persisted: it no longer counts against the limit. */
  persisted(sequence: number): void;

  /** Deletes persisted records stored before a time (milliseconds since 1970); resolves with how many. */
  trim(beforeMs: number): Promise<number>;

  /** Sets a write aside, once a mark. */
  bury(letter: DeadLetter): Promise<void>;

  /** What was set aside and is still there, by mark; at most `limit` with a higher mark than `after`. */
  deadLetters(after: CommitMark, limit: number): Promise<DeadLetter[]>;

  /** Forgets what was set aside under a mark; false where there is nothing. */
  dropDeadLetter(mark: CommitMark): Promise<boolean>;

  /** How much waits to be persisted; as was last known where that cannot be told now. Never rejects. */
  backlog(): Promise<QueueBacklog>;

  close(): Promise<void>;
}

/** What it takes to look at dead letters, and to write them again. */
export type DeadLetterBox = Pick<WriteQueue, "append" | "deadLetters" | "dropDeadLetter">;
