import { type CommitMark, endOfRecord, sequenceBefore } from "../write-queue/commit-mark.ts";
import type { QueueRecord, ReadLimit, WriteQueue } from "../write-queue/write-queue.ts";
import { type UnitKind, unitsOf, type WriteUnit } from "./write-unit.ts";

/** What one transaction takes: the writes of some records, without those that the position had passed. */
export type Batch = {
  units: WriteUnit[];
  /** The position of whoever is done with it. */
  end: CommitMark;
};

/** A batch with so many writes, or bytes, is full. */
const FULL_WRITES = 8_192;
const FULL_BYTES = 8 * 1_048_576;
/** What is read and decoded at a time: a few milliseconds, in which the statement under way may have ended. */
const READ: ReadLimit = { records: 16, bytes: 1_048_576 };

/** A batch that is filled with what the queue has, and the next one once it is taken. */
export class BatchFilling {
  readonly #queue: Pick<WriteQueue, "read">;
  readonly #stop = new AbortController();
  readonly #changed: () => void;
  #position: CommitMark;
  /** The sequence of the last record that was read. */
  #last: number;
  #units: WriteUnit[] = [];
  #bytes = 0;
  #isUrgent = false;
  #taken = Promise.withResolvers<void>();
  #failure: { error: unknown } | undefined;

  /**
   * Begins to read.
   *
   * @param changed called after each read, and when reading fails
   */
  constructor(queue: Pick<WriteQueue, "read">, position: CommitMark, changed: () => void) {
    this.#queue = queue;
    this.#position = position;
    this.#last = sequenceBefore(position);
    this.#changed = changed;
    void this.#fill();
  }

  /** The position that the batch follows. */
  get position(): CommitMark {
    return this.#position;
  }

  /** Whether there is anything in it. Throws what reading failed with. */
  isBegun(): boolean {
    if (this.#failure) throw this.#failure.error;
    return this.#last > sequenceBefore(this.#position);
  }

  /** Whether it should be written now: it has no room for more, or somebody may wait for the verdict on what is in it. */
  get isDue(): boolean {
    return this.#isUrgent || this.#isFull;
  }

  /** The batch; from now on the next one is filled. */
  take(): Batch {
    const batch = { units: this.#units, end: endOfRecord(this.#last) };
    this.#position = batch.end;
    this.#units = [];
    this.#bytes = 0;
    this.#isUrgent = false;
    this.#taken.resolve();
    return batch;
  }

  /** Ends the reading. */
  stop(): void {
    this.#stop.abort();
    this.#taken.resolve();
  }

  get #isFull(): boolean {
    return this.#units.length >= FULL_WRITES || this.#bytes >= FULL_BYTES;
  }

  async #fill(): Promise<void> {
    const { signal } = this.#stop;
    try {
      while (!signal.aborted) {
        if (this.#isFull) await this.#untilTaken();
        const records = await this.#queue.read(this.#last, READ, signal);
        for (const record of records) this.#add(record);
        this.#changed();
      }
    } catch (error) {
      this.#failure = { error };
      this.#changed();
    }
  }

  async #untilTaken(): Promise<void> {
    this.#taken = Promise.withResolvers<void>();
    await this.#taken.promise;
  }

  #add(record: QueueRecord): void {
    const units = unitsOf(record, this.#position);
    this.#units.push(...units);
    this.#last = record.sequence;
    this.#bytes += record.data.byteLength;
    this.#isUrgent ||= units.some(({ kind }) => !isPatient(kind));
  }
}

/** Whether nobody waits for what the writer makes of it. */
function isPatient({ case: kind }: UnitKind): boolean {
  return kind === "createMessages" || kind === "markRead" || kind === "applied";
}
