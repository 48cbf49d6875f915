import type { Logger } from "pino";
import type { NatsNames } from "./nats-names.ts";
import type { NatsQueueStream } from "./nats-queue-stream.ts";
import type { NatsStreamApi, SearchStart } from "./nats-stream-api.ts";

export type RetentionOptions = {
  api: NatsStreamApi;
  stream: NatsQueueStream;
  names: NatsNames;
  maxBytes: number;
  /** The sequence up to which the database has taken records. */
  persisted: () => Promise<number>;
  log: Logger;
};

/** Above this part of the limit, persisted records make room, the oldest first, down to the other. */
const FULL_ABOVE = 0.8;
const FULL_UP_TO = 0.7;
/** The time between two looks at the stream, in milliseconds. */
const LOOK_INTERVAL_MS = 250;
/** Records that one purge removes at most; publishes wait for it. */
const PURGE_RECORDS = 10_000;

/**
 * Removes persisted records: the old ones, and younger ones where there is no room. Never the epochs: they are on a
 * subject of their own, and a purge names the other.
 */
export class NatsRetention {
  readonly #options: RetentionOptions;
  #persisted = 0;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: RetentionOptions) {
    this.#options = options;
  }

  /** Tells that every record up to a sequence is persisted; makes room in the background where there is little. */
  persisted(sequence: number): void {
    if (sequence <= this.#persisted) return;
    this.#persisted = sequence;
    this.#lookSoon();
  }

  /** The sequence up to which this process knows records to be persisted. */
  get position(): number {
    return this.#persisted;
  }

  /** Deletes persisted records stored before a time; resolves with how many. */
  async trim(beforeMs: number): Promise<number> {
    this.#persisted = Math.max(this.#persisted, await this.#options.persisted());
    const kept = await this.#first({ start_time: new Date(beforeMs).toISOString() });
    return this.#purgeBefore(Math.min(this.#persisted + 1, kept ?? Number.POSITIVE_INFINITY));
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  #lookSoon(): void {
    if (this.#closed) return;
    this.#timer ??= setTimeout(() => void this.#lookOrRetry(), LOOK_INTERVAL_MS).unref();
  }

  async #lookOrRetry(): Promise<void> {
    try {
      await this.#makeRoom();
      this.#timer = undefined;
    } catch (err) {
      this.#options.log.warn({ err }, "the write queue cannot be trimmed; it will be tried again");
      this.#timer = undefined;
      this.#lookSoon();
    }
  }

  /** Purges what is persisted where the stream is nearly full. */
  async #makeRoom(): Promise<void> {
    const { stream, maxBytes } = this.#options;
    const { state } = await stream.info();
    if (state.bytes <= FULL_ABOVE * maxBytes) return;
    const first = await this.#first({ seq: 1 });
    if (first === undefined) return;
    const part = (state.bytes - FULL_UP_TO * maxBytes) / state.bytes;
    await this.#purgeBefore(Math.min(this.#persisted + 1, first + Math.ceil(part * (state.last_seq - first + 1))));
  }

  #first(start: SearchStart): Promise<number | undefined> {
    const { api, names } = this.#options;
    return api.firstSequence(names.stream, names.writes, start);
  }

  async #purgeBefore(end: number): Promise<number> {
    const { api, names } = this.#options;
    const first = (await this.#first({ seq: 1 })) ?? end;
    let purged = 0;
    for (let from = first; from < end; from += PURGE_RECORDS) {
      const seq = Math.min(end, from + PURGE_RECORDS);
      purged += (await api.ask(({ streams }) => streams.purge(names.stream, { filter: names.writes, seq }))).purged;
    }
    return purged;
  }
}
