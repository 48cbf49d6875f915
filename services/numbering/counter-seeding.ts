import { abortableDelay } from "../process/abortable-delay.ts";
import type { Life } from "../redis/redis-life.ts";
import type { RedisLives } from "../redis/redis-lives.ts";
import type { WriteQueue } from "../write-queue/write-queue.ts";
import { catchUp, type Horizon } from "../writer/horizon.ts";
import { BackgroundWork } from "./background-work.ts";
import type { CounterName, Readiness } from "./numbering.ts";
import type { CounterClaim, NumberingSource } from "./numbering-source.ts";
import { counterArguments } from "./script-arguments.ts";

export type CounterSeedingOptions = {
  lives: RedisLives;
  source: NumberingSource;
  horizon: Horizon;
  queue: Pick<WriteQueue, "end">;
  /** How long another process has time to set a counter that it claimed, in milliseconds. */
  waitMs: number;
};

const POLL_MS = 20;

/**
 * Brings counters from the database into a life of Redis, each once a life: whoever claims it in the database sets it. A
 * counter that was set and is gone means that Redis lost keys, and ends the life.
 */
export class CounterSeeding {
  readonly #options: CounterSeedingOptions;
  readonly #work = new BackgroundWork();

  constructor(options: CounterSeedingOptions) {
    this.#options = options;
  }

  /** Resolves when the counter is there, or its life is over, or it is known that there is no such chat or application. */
  seed(life: Life, counter: CounterName): Promise<Readiness> {
    return this.#work.share(life, counter, (signal) => this.#seed(life, counter, signal));
  }

  async #seed(life: Life, counter: CounterName, signal: AbortSignal): Promise<Readiness> {
    const { lives, horizon } = this.#options;
    // Every record before the epoch is in the database then, and no other will come.
    await horizon.reached(life.epoch, signal);
    const claim = await this.#claim(life, counter, signal);
    if (!claim) return "absent";
    if (claim.isOurs) await this.#set(life, counter, claim);
    else if (claim.epoch > life.epoch) await lives.confirmed();
    else if (!(await this.#appears(life, counter, signal))) await lives.end(life);
    return "again";
  }

  /** A chat of this epoch may be in the queue still. */
  async #claim(life: Life, counter: CounterName, signal: AbortSignal): Promise<CounterClaim | undefined> {
    const { source } = this.#options;
    const claim = await source.claim(counter, life.epoch);
    if (claim) return claim;
    await catchUp(this.#options, signal);
    return source.claim(counter, life.epoch);
  }

  /** Sent once: where the outcome is unknown, it must not come later, so the life ends. */
  async #set(life: Life, counter: CounterName, { last, lastTimeMs }: CounterClaim): Promise<void> {
    const { lives } = this.#options;
    await lives.call(life, "seed", ...counterArguments(counter), last, lastTimeMs).catch(() => lives.end(life));
  }

  /** Whether the counter that another process claimed is there before the wait is over. */
  async #appears(life: Life, counter: CounterName, signal: AbortSignal): Promise<boolean> {
    const { lives, waitMs } = this.#options;
    for (const end = Date.now() + waitMs; ; ) {
      if ((await lives.call(life, "has", ...counterArguments(counter))) === 1) return true;
      if (Date.now() > end) return false;
      await abortableDelay(POLL_MS, signal);
      signal.throwIfAborted();
    }
  }
}
