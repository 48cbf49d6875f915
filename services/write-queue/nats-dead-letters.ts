import { randomUUID } from "node:crypto";
import type { StoredMsg } from "@nats-io/jetstream";
import { SharedCall } from "../process/shared-call.ts";
import type { CommitMark } from "./commit-mark.ts";
import type { NatsNames } from "./nats-names.ts";
import { NatsPublisher, type PublisherOptions } from "./nats-publisher.ts";
import { isStreamMissing, type NatsStreamApi } from "./nats-stream-api.ts";
import { assertConfig, streamConfig, throwRefusal } from "./nats-stream-config.ts";
import { type DeadLetter, QueueUnavailableError } from "./write-queue.ts";

export type DeadLetterOptions = Omit<PublisherOptions, "unheard"> & {
  api: NatsStreamApi;
  names: NatsNames;
  replicas: number;
};

/** What all dead letters may take. */
const MAX_BYTES = 64 * 1_048_576;
/** As much of a reason is kept, in UTF-16 code units. */
const REASON_MAX = 1_000;
const REASON = "Parley-Reason";
const TIME = "Parley-Time";

/**
 * The dead letters, in a stream of their own: the write as it is, on a subject that ends in its mark; its reason, as
 * encodeURIComponent makes it, and its time in headers.
 */
export class NatsDeadLetters {
  readonly #options: DeadLetterOptions;
  readonly #publisher: NatsPublisher;
  readonly #ensure = new SharedCall(() => this.#makeOrCheck());

  constructor(options: DeadLetterOptions) {
    this.#options = options;
    this.#publisher = new NatsPublisher({ ...options, unheard: () => this.#ensure.ask() });
  }

  /** Makes or checks the stream. */
  open(): Promise<void> {
    return this.#ensure.ask();
  }

  /** Sets a write aside where there is none under its mark. */
  async bury({ mark, write, reason, timeMs }: DeadLetter): Promise<void> {
    const subject = this.#subjectOf(mark);
    const headers = {
      [REASON]: encodeURIComponent(reason.slice(0, REASON_MAX).toWellFormed()),
      [TIME]: String(timeMs),
    };
    const fence = { subject, sequence: 0 };
    const answer = await this.#publisher.publish({ subject, data: write, id: randomUUID(), fence, headers });
    if (answer.kind !== "full") return;
    const advice = "replay or drop some with `npm run dead-letters`";
    throw new QueueUnavailableError(new Error(`the dead letters hold their limit of ${MAX_BYTES} bytes: ${advice}`));
  }

  /** The letters with a higher mark than `after`, by mark. */
  async list(after: CommitMark, limit: number): Promise<DeadLetter[]> {
    const marks = (await this.#marks()).filter((mark) => mark > after).sort((a, b) => a - b);
    const letters: DeadLetter[] = [];
    for (const mark of marks.slice(0, limit)) {
      const message = await this.#find(mark);
      if (message) letters.push(letterOf(mark, message));
    }
    return letters;
  }

  /** Forgets a letter; false where there is none. */
  async drop(mark: CommitMark): Promise<boolean> {
    const message = await this.#find(mark);
    if (!message) return false;
    const { api, names } = this.#options;
    return api.ask(({ streams }) => streams.deleteMessage(names.deadLetterStream, message.seq, false));
  }

  async #marks(): Promise<CommitMark[]> {
    const { api, names } = this.#options;
    const filter = { subjects_filter: `${names.deadLetters}.*` };
    try {
      const { state } = await api.ask(({ streams }) => streams.info(names.deadLetterStream, filter));
      return Object.keys(state.subjects ?? {}).map((subject) => Number(subject.slice(names.deadLetters.length + 1)));
    } catch (error) {
      if (isStreamMissing(error)) return [];
      throw error;
    }
  }

  #find(mark: CommitMark): Promise<StoredMsg | undefined> {
    const { api, names } = this.#options;
    return api.last(names.deadLetterStream, this.#subjectOf(mark));
  }

  #subjectOf(mark: CommitMark): string {
    return `${this.#options.names.deadLetters}.${mark}`;
  }

  async #makeOrCheck(): Promise<void> {
    const { api, names, replicas } = this.#options;
    const name = names.deadLetterStream;
    const wanted = streamConfig({ name, subjects: [`${names.deadLetters}.*`], maxBytes: MAX_BYTES, replicas });
    const make = () => api.ask(({ streams }) => streams.add({ ...wanted }));
    const { config } = (await api.info(name)) ?? (await make().catch((error) => throwRefusal(error, wanted)));
    assertConfig(config, wanted);
  }
}

function letterOf(mark: CommitMark, { data, header }: StoredMsg): DeadLetter {
  return { mark, write: data, reason: decodeURIComponent(header.get(REASON)), timeMs: Number(header.get(TIME)) };
}
