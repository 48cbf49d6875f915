import { NatsReader, type RecordSource } from "./nats-reader.ts";
import { type QueueRecord, QueueUnavailableError, type ReadLimit } from "./write-queue.ts";

/** How many readers are kept for who goes on where they stopped. */
const IDLE_MAX = 8;

/** The readers of a process: each follower of the queue finds the one that read for it before by its position. */
export class NatsReaders {
  readonly #source: RecordSource;
  /** The idle ones, the one used last at the end. */
  readonly #idle: NatsReader[] = [];
  readonly #closing = new AbortController();

  constructor(source: RecordSource) {
    this.#source = source;
  }

  /** As WriteQueue.read. */
  async read(after: number, limit: ReadLimit, signal: AbortSignal): Promise<QueueRecord[]> {
    if (signal.aborted) return [];
    const reader = this.#readerAt(after);
    try {
      const records = await reader.take(limit, AbortSignal.any([signal, this.#closing.signal]));
      if (records.length > 0 || signal.aborted) return records;
      throw new QueueUnavailableError(this.#closing.signal.reason);
    } finally {
      this.#release(reader);
    }
  }

  close(): void {
    this.#closing.abort(new Error("the queue is closed"));
    for (const reader of this.#idle.splice(0)) reader.close();
  }

  #readerAt(after: number): NatsReader {
    const index = this.#idle.findLastIndex(({ position }) => position === after);
    return index === -1 ? new NatsReader(this.#source, after) : this.#idle.splice(index, 1)[0]!;
  }

  #release(reader: NatsReader): void {
    this.#idle.push(reader);
    const kept = this.#closing.signal.aborted ? 0 : IDLE_MAX;
    if (this.#idle.length > kept) this.#idle.shift()!.close();
  }
}
