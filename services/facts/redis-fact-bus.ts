import type { Redis } from "ioredis";
import type { Logger } from "pino";
import { abortableDelay } from "../process/abortable-delay.ts";
import { factChannel, type ToldChange } from "./redis-fact-store.ts";
import type { FactListener } from "./shared-facts.ts";

/** How often it is made sure that changes come in, and how long that is believed, in milliseconds. */
const BEAT_MS = 250;
const BELIEVED_MS = 1_000;

/**
 * Hears of changes, on a connection of its own. Redis answers a ping after what it told before, so an answer says that
 * everything told until the ping was heard.
 */
export class RedisFactBus {
  readonly #redis: Redis;
  readonly #channel: string;
  readonly #stop = new AbortController();
  readonly #log: Logger;
  #isSubscribed = false;
  #problem = "";
  /** When the last ping was sent that was answered, by performance.now(). */
  #heardMs = Number.NEGATIVE_INFINITY;
  #beating: Promise<void> | undefined;

  /** @param redis the connection that others use */
  constructor(redis: Redis, installation: string, log: Logger) {
    this.#log = log;
    this.#channel = factChannel(installation);
    this.#redis = redis.duplicate({ autoResubscribe: false });
    // Of a Redis that is away, the connection that others use tells in the log.
    this.#redis.on("error", () => undefined);
    this.#redis.on("close", () => {
      this.#isSubscribed = false;
    });
  }

  /** As SharedFacts has it. */
  isCurrent(now: number): boolean {
    return now < this.#heardMs + BELIEVED_MS;
  }

  start(listener: FactListener): void {
    this.#redis.on("message", (_channel: string, text: string) => tell(listener, JSON.parse(text) as ToldChange[]));
    this.#redis.connect().catch(() => undefined);
    this.#beating = this.#beat(listener);
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    this.#redis.disconnect();
    await this.#beating;
  }

  async #beat(listener: FactListener): Promise<void> {
    while (!this.#stop.signal.aborted) {
      await this.#listen(listener).catch((err: Error) => this.#warn(err));
      await abortableDelay(BEAT_MS, this.#stop.signal);
    }
  }

  /** What was told before the subscription was missed. */
  async #listen(listener: FactListener): Promise<void> {
    if (!this.#isSubscribed) {
      await this.#redis.subscribe(this.#channel);
      listener.clear();
      this.#isSubscribed = true;
    }
    const sentMs = performance.now();
    await this.#redis.ping();
    if (!this.#isSubscribed) return;
    this.#heardMs = sentMs;
    this.#problem = "";
  }

  /** Of what a server that is there refuses, as to a user without the right to subscribe; once until it is over. */
  #warn(err: Error): void {
    if (this.#redis.status !== "ready" || err.message === this.#problem) return;
    this.#problem = err.message;
    this.#log.warn({ err }, "Redis does not tell what changed: what is known of callers counts for a second");
  }
}

function tell(listener: FactListener, changes: readonly ToldChange[]): void {
  const known = changes.filter((change) => change.kind !== "everything");
  if (known.length < changes.length) listener.clear();
  else listener.forget(known);
}
