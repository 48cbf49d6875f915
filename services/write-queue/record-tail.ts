import { countWithin } from "../process/count-within.ts";
import type { QueueRecord, ReadLimit } from "./write-queue.ts";

/** What the tail may take. Who is further behind reads the storage. */
const TAIL_BYTES = 64 * 1_048_576;

/** The records just stored, without a gap up to the last, for readers who are close behind. */
export class RecordTail {
  readonly #records: QueueRecord[] = [];
  #bytes = 0;

  /** Adds the next record. */
  add(record: QueueRecord): void {
    this.#records.push(record);
    this.#bytes += record.data.byteLength;
    if (this.#bytes > TAIL_BYTES) this.#drop(Math.ceil(this.#records.length / 2));
  }

  /** Records after a sequence, within the limit; undefined where the first of them is not held. */
  after(sequence: number, limit: ReadLimit): QueueRecord[] | undefined {
    const first = this.#records[0];
    if (!first || first.sequence > sequence + 1) return undefined;
    const start = this.#records.findIndex((record) => record.sequence > sequence);
    const records = this.#records.slice(start, start + limit.records);
    return records.slice(
      0,
      countWithin(
        records.map(({ data }) => data.byteLength),
        limit.bytes,
      ),
    );
  }

  /** Drops the records up to a sequence. */
  dropUpTo(sequence: number): void {
    const kept = this.#records.findIndex((record) => record.sequence > sequence);
    this.#drop(kept === -1 ? this.#records.length : kept);
  }

  #drop(count: number): void {
    const dropped = this.#records.splice(0, count);
    this.#bytes -= dropped.reduce((sum, { data }) => sum + data.byteLength, 0);
  }
}
