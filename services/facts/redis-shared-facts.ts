import type { Redis } from "ioredis";
import type { Logger } from "pino";
import { abortableDelay } from "../process/abortable-delay.ts";
import { repeatWithBackOff } from "../process/back-off.ts";
import { inTime } from "../process/in-time.ts";
import type { FactName, FactOf } from "./fact-name.ts";
import { type FactTtls, longestTtl } from "./fact-ttls.ts";
import type { FactChange } from "./facts.ts";
import type { RecordedChange } from "./recorded-changes.ts";
import { RedisFactBus } from "./redis-fact-bus.ts";
import { type ChangeInRedis, RedisFactStore } from "./redis-fact-store.ts";
import type { FactListener, SharedFacts, SharedLookUp } from "./shared-facts.ts";

export type RedisSharedFactsOptions = {
  redis: Redis;
  installation: string;
  ttlMs: FactTtls;
  /** How many facts are held at most. */
  max: number;
  log: Logger;
};

/** Changes that are told at once. */
const CHANGES_MAX = 200;
/** Changes that wait for Redis; of more, it is told that everything may have changed. */
const WAITING_MAX = 10_000;
/**
 * How long who changed something waits for a Redis that is away, in milliseconds: longer than others believe what they
 * hold while nothing can be told.
 */
const PATIENCE_MS = 2_000;

/** How long a look-up may take before the database is asked, in milliseconds. */
const LOOK_UP_MS = 250;

const NOTHING = { held: undefined, stamp: undefined };

/** Facts that processes share in Redis, which also tells each of them what the others changed. */
export class RedisSharedFacts implements SharedFacts {
  readonly #store: RedisFactStore;
  readonly #bus: RedisFactBus;
  readonly #ttlMs: RedisSharedFactsOptions["ttlMs"];
  readonly #log: Logger;
  readonly #stop = new AbortController();
  #waiting: ChangeInRedis[] = [];
  #telling: Promise<void> | undefined;

  constructor({ redis, installation, ttlMs, max, log }: RedisSharedFactsOptions) {
    this.#ttlMs = ttlMs;
    this.#log = log;
    this.#store = new RedisFactStore({ redis, installation, max, ttlMs: longestTtl(ttlMs) });
    this.#bus = new RedisFactBus(redis, installation, log);
  }

  async find<Name extends FactName>(name: Name): Promise<SharedLookUp<Name>> {
    try {
      const { held, stamp } = await inTime(this.#store.find(name), LOOK_UP_MS);
      if (!held) return { held, stamp };
      return { held: { value: (JSON.parse(held.json) ?? undefined) as FactOf<Name>, ageMs: held.ageMs }, stamp };
    } catch {
      return NOTHING;
    }
  }

  async keep<Name extends FactName>(name: Name, value: FactOf<Name>, stamp: string): Promise<void> {
    const ttlMs = this.#ttlMs[name.kind];
    if (ttlMs > 0) await this.#store.keep(name, JSON.stringify(value ?? null), stamp, ttlMs).catch(() => undefined);
  }

  /** Where Redis is away, it is told when it is back. */
  async forget(changes: readonly FactChange[]): Promise<void> {
    await this.#tell(changes.map((change) => ({ change })));
  }

  /** As `forget`, where Redis is away. */
  async empty(changes: readonly RecordedChange[]): Promise<void> {
    await this.#tell(changes);
  }

  isCurrent(now: number): boolean {
    return this.#bus.isCurrent(now);
  }

  listen(listener: FactListener): void {
    this.#bus.start(listener);
  }

  /** Hears of nothing any more, and tells nothing. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#bus.stop();
    await this.#telling;
  }

  async #tell(changes: readonly ChangeInRedis[]): Promise<void> {
    if (changes.length === 0) return;
    this.#waiting.push(...changes);
    if (this.#waiting.length > WAITING_MAX) this.#waiting = [{ change: { kind: "everything" } }];
    this.#telling ??= this.#tellAll();
    const patience = new AbortController();
    await Promise.race([this.#telling, abortableDelay(PATIENCE_MS, patience.signal)]);
    patience.abort();
  }

  async #tellAll(): Promise<void> {
    const done = new AbortController();
    await repeatWithBackOff(
      async () => {
        while (this.#waiting.length > 0) {
          const told = this.#waiting.slice(0, CHANGES_MAX);
          await this.#store.forget(told);
          this.#waiting = this.#waiting.filter((change) => !told.includes(change));
        }
        this.#telling = undefined;
        done.abort();
      },
      AbortSignal.any([this.#stop.signal, done.signal]),
      (err, waitMs) => this.#log.warn({ err, waitMs }, "Redis cannot be told what changed; it will be tried again"),
    );
  }
}
