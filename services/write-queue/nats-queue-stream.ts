import type { StreamInfo } from "@nats-io/jetstream";
import type { Logger } from "pino";
import { SharedCall } from "../process/shared-call.ts";
import { JETSTREAM_CODES } from "./jetstream-codes.ts";
import type { NatsNames } from "./nats-names.ts";
import { apiCode, type NatsStreamApi } from "./nats-stream-api.ts";
import { assertConfig, type streamConfig, throwRefusal } from "./nats-stream-config.ts";
import { QueueUnavailableError } from "./write-queue.ts";

/** What the stream of records is made of. */
export type QueueStreamOptions = {
  api: NatsStreamApi;
  names: NatsNames;
  config: ReturnType<typeof streamConfig>;
  /** The sequence up to which the database has taken records. */
  persisted: () => Promise<number>;
  log: Logger;
};

/** Less than any record takes in a stream. */
const RECORD_BYTES_MIN = 32;
const MADE_ANEW = "there was no stream in NATS; it is made anew, and what was in it and not in the database is lost";
/** Part of the stream's own metadata: what the database had taken when the stream was made. */
const MADE_AT = "parley_persisted";

/** The stream of records, which is made where there is none, and refused where it does not belong to the database. */
export class NatsQueueStream {
  readonly #options: QueueStreamOptions;
  readonly #restore = new SharedCall(() => this.#makeAnew());

  constructor(options: QueueStreamOptions) {
    this.#options = options;
  }

  /** Makes or checks the stream. */
  open(): Promise<StreamInfo> {
    return this.#ensure(false);
  }

  /** Makes the stream anew where somebody deleted it. */
  async restore(): Promise<void> {
    await this.#restore.ask();
  }

  /** The stream as its leader knows it. Makes none: QueueUnavailableError where there is none. */
  async look(): Promise<StreamInfo> {
    const { api, names } = this.#options;
    const info = await api.info(names.stream);
    if (info) return info;
    throw new QueueUnavailableError(new Error(`there is no stream ${names.stream} in NATS`));
  }

  /** The stream as its leader knows it. A stream that was deleted is made anew. */
  async info(): Promise<StreamInfo> {
    const { api, names } = this.#options;
    return (await api.info(names.stream)) ?? (await this.#restore.ask());
  }

  /** The sequence of the last record; 0 where none was stored since the stream was made. */
  async end(): Promise<number> {
    return lastSequence(await this.info());
  }

  async #makeAnew(): Promise<StreamInfo> {
    try {
      return await this.#ensure(true);
    } catch (error) {
      throw error instanceof QueueUnavailableError ? error : new QueueUnavailableError(error);
    }
  }

  async #ensure(wasThere: boolean): Promise<StreamInfo> {
    const { api, names, persisted, config, log } = this.#options;
    const position = await persisted();
    let info = await api.info(names.stream);
    if (!info) {
      info = await this.#create(position, wasThere);
      if (wasThere || position > 0) log.error(MADE_ANEW);
    }
    assertConfig(info.config, config);
    this.#assertEnd(info, position);
    await this.#assertComplete(info, position);
    return info;
  }

  /**
   * A stream made anew begins above all that one before it can have given: a process that still numbers in an epoch of
   * the old must not find an epoch of the same sequence in the new.
   */
  async #create(position: number, wasThere: boolean): Promise<StreamInfo> {
    const { api, names, config } = this.#options;
    const skipped = wasThere || position > 0 ? Math.ceil(config.max_bytes / RECORD_BYTES_MIN) : 0;
    const metadata = { [MADE_AT]: String(position) };
    try {
      return await api.ask(({ streams }) => streams.add({ ...config, first_seq: position + 1 + skipped, metadata }));
    } catch (error) {
      // Another process made it first.
      const made = apiCode(error) === JETSTREAM_CODES.StreamNameInUse ? await api.info(names.stream) : undefined;
      if (made) return made;
      return throwRefusal(error, config);
    }
  }

  #assertEnd({ config, state }: StreamInfo, position: number): void {
    if (state.last_seq >= position) return;
    throw new Error(
      `the stream ${config.name} in NATS ends at record ${state.last_seq}, but the database has taken records up to ` +
        `${position}: it is not the queue that belongs to this database; restore both from the same backup`,
    );
  }

  /** Nothing between the position and the end may be missing; the position may move while that is looked up. */
  async #assertComplete({ config, state }: StreamInfo, position: number): Promise<void> {
    const { api, names, persisted } = this.#options;
    const begin = config.first_seq ?? 1;
    const madeAt = Number(config.metadata?.[MADE_AT] ?? 0);
    const next = Math.max(position + 1, begin);
    const first = (await api.firstSequence(names.stream, ">", { seq: next })) ?? state.last_seq + 1;
    const missing = first > next && first > (await persisted()) + 1;
    if (madeAt <= position && !missing) return;
    throw new Error(
      `the stream ${config.name} in NATS begins at record ${missing ? first : begin}, but the database has taken records ` +
        `up to ${position} only: what lies between is lost to it; restore both from the same backup`,
    );
  }
}

/** The sequence of the last record of a stream; 0 where none was stored since it was made. */
function lastSequence({ config, state }: StreamInfo): number {
  return state.last_seq >= (config.first_seq ?? 1) ? state.last_seq : 0;
}
