import type { StreamInfo } from "@nats-io/jetstream";
import { unlessAborted } from "../process/unless-aborted.ts";
import type { QueueBacklog } from "./write-queue.ts";

export type NatsBacklogOptions = {
  /** The stream as it is; rejects where there is none. */
  look: () => Promise<StreamInfo>;
  /** The sequence up to which the database has taken records. */
  persisted: () => Promise<number>;
};

/** How long NATS and the database may take to answer; whoever asks does not wait longer. */
const ANSWER_TIMEOUT_MS = 2_000;

/** How much of the stream waits to be persisted, whichever process stores and persists it. */
export class NatsBacklog {
  readonly #options: NatsBacklogOptions;
  #persisted = 0;
  /** The stream as it was last seen. */
  #seen: StreamInfo | undefined;

  constructor(options: NatsBacklogOptions) {
    this.#options = options;
  }

  /** Tells that every record up to a sequence is persisted. */
  persisted(sequence: number): void {
    this.#persisted = Math.max(this.#persisted, sequence);
  }

  /** Keeps what the stream holds. */
  see(info: StreamInfo): void {
    this.#seen = info;
  }

  /** As NATS and the database say now; of one that does not answer, what was last known. Never rejects. */
  async measure(): Promise<QueueBacklog> {
    const { look, persisted } = this.#options;
    const signal = AbortSignal.timeout(ANSWER_TIMEOUT_MS);
    await Promise.allSettled([
      unlessAborted(look(), signal).then((info) => this.see(info)),
      unlessAborted(persisted(), signal).then((sequence) => this.persisted(sequence)),
    ]);
    return this.#seen ? backlogOf(this.#seen, this.#persisted) : { records: 0, bytes: 0 };
  }
}

/** The bytes are estimated from all that is stored. A stream begins above the position where it was made anew. */
function backlogOf({ config, state }: StreamInfo, persisted: number): QueueBacklog {
  const taken = Math.max(persisted, (config.first_seq ?? 1) - 1);
  const records = Math.max(0, state.last_seq - taken);
  const average = state.messages === 0 ? 0 : state.bytes / state.messages;
  return { records, bytes: Math.round(records * average) };
}
