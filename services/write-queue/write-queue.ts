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

/** How much one read gives at most; a first record that is larger comes alone. */
export type ReadLimit = { records: number; bytes: number };

/** What a reader takes at a time: enough to fill a transaction, little enough for memory. */
export const READ_LIMIT: ReadLimit = { records: 64, bytes: 8 * 1_048_576 };

/** The queue's storage failed. As far as it can tell, nothing was stored. */
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
   * Stores a record; resolves with its sequence once it is on disk. With an `id` it is stored once: a further append
   * under the same id resolves with the sequence of the first.
   *
   * @throws QueueFullError; QueueUnavailableError
   */
  append(data: Uint8Array, id?: string): Promise<number>;

  /**
   * Records after a sequence, in order: as many as there are, within the limit. Waits for the first; empty only where
   * `signal` aborts.
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

  /** How much waits to be persisted. */
  backlog(): { records: number; bytes: number };

  close(): Promise<void>;
}
