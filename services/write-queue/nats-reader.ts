import { NatsLostError } from "../nats/nats-link.ts";
import { countWithin } from "../process/count-within.ts";
import { unlessAborted } from "../process/unless-aborted.ts";
import { NatsOrderedConsumer } from "./nats-ordered-consumer.ts";
import type { NatsQueueStream } from "./nats-queue-stream.ts";
import { isStreamMissing, type NatsStreamApi } from "./nats-stream-api.ts";
import { type QueueRecord, QueueUnavailableError, type ReadLimit } from "./write-queue.ts";

/** Where records are read from. */
export type RecordSource = { api: NatsStreamApi; stream: NatsQueueStream; name: string };

/** What a reader asks for at a time. It holds at most that and as much as one read takes. */
const PULL: ReadLimit = { records: 256, bytes: 4 * 1_048_576 };

/** Reads on where it left off, ahead of who takes the records. For one taker at a time. */
export class NatsReader {
  readonly #source: RecordSource;
  readonly #ahead: QueueRecord[] = [];
  #consumer: NatsOrderedConsumer | undefined;
  /** The sequence of the last record that was received. */
  #received: number;
  #taken: number;
  #changed = Promise.withResolvers<void>();
  /** Whether the last pull ended before a record that is larger than a pull. */
  #isNextLarge = false;

  /** @param after the sequence of the last record that is known already */
  constructor(source: RecordSource, after: number) {
    this.#source = source;
    this.#received = after;
    this.#taken = after;
  }

  /** The sequence of the last record that was taken. */
  get position(): number {
    return this.#taken;
  }

  /** The next records within the limit. Waits for the first; empty only where `signal` aborts. QueueUnavailableError. */
  async take(limit: ReadLimit, signal: AbortSignal): Promise<QueueRecord[]> {
    while (this.#ahead.length === 0 && !signal.aborted) {
      await this.#receive(signal).catch((error) => {
        if (!signal.aborted && !isLoss(error)) throw error;
      });
    }
    if (signal.aborted) return [];
    const sizes = this.#ahead.slice(0, limit.records).map(({ data }) => data.byteLength);
    const records = this.#ahead.splice(0, countWithin(sizes, limit.bytes));
    this.#taken = records.at(-1)!.sequence;
    this.#pull();
    return records;
  }

  close(): void {
    this.#consumer?.close();
    this.#consumer = undefined;
  }

  /** Waits until something came, over a consumer that is made where there is none. */
  async #receive(signal: AbortSignal): Promise<void> {
    await this.#source.api.link.connected(signal);
    this.#consumer ??= await this.#open();
    if (this.#ahead.length > 0) return;
    this.#changed = Promise.withResolvers<void>();
    this.#pull();
    await unlessAborted(this.#changed.promise, signal);
  }

  async #open(): Promise<NatsOrderedConsumer> {
    const { api, stream, name } = this.#source;
    const events = {
      onRecord: (record: QueueRecord) => this.#add(record),
      onPulled: () => this.#pulled(),
      onFailed: (error: Error) => this.#fail(error),
    };
    const open = () => NatsOrderedConsumer.open(api, name, this.#received + 1, events);
    try {
      return await open();
    } catch (error) {
      if (!isStreamMissing(error)) throw error;
      await stream.restore();
      return open();
    }
  }

  #add(record: QueueRecord): void {
    this.#received = record.sequence;
    this.#isNextLarge = false;
    this.#ahead.push(record);
    this.#changed.resolve();
  }

  #pulled(): void {
    this.#isNextLarge = this.#ahead.length === 0;
    this.#pull();
  }

  #fail(error: Error): void {
    this.#consumer = undefined;
    this.#changed.promise.catch(() => undefined);
    this.#changed.reject(new QueueUnavailableError(error));
  }

  /** Asks for more as soon as all that was asked for has come and been taken. */
  #pull(): void {
    if (!this.#consumer || this.#consumer.pulling || this.#ahead.length > 0) return;
    this.#consumer.pull(this.#isNextLarge ? { records: 1 } : PULL);
  }
}

/** A connection that was lost is made again; there is nothing to tell. */
function isLoss(error: unknown): boolean {
  return error instanceof QueueUnavailableError && error.cause instanceof NatsLostError;
}
