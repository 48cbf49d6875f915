import type { Life } from "../redis/redis-life.ts";
import type { RedisLives } from "../redis/redis-lives.ts";
import type { WriteQueue } from "../write-queue/write-queue.ts";
import type { Horizon } from "../writer/horizon.ts";
import { BackgroundWork } from "./background-work.ts";
import type { CounterName, Readiness } from "./numbering.ts";
import type { NumberingSource } from "./numbering-source.ts";
import { counterArguments } from "./redis-numbering.ts";

export type CounterOpeningOptions = {
  lives: RedisLives;
  source: NumberingSource;
  horizon: Horizon;
  queue: Pick<WriteQueue, "end">;
};

/**
 * Opens counters that are closed: by the creation of their chat, whose process may have died, or by a deletion that is
 * not judged. When the writer has passed the queue's end, the database knows.
 */
export class CounterOpening {
  readonly #options: CounterOpeningOptions;
  readonly #work = new BackgroundWork();

  constructor(options: CounterOpeningOptions) {
    this.#options = options;
  }

  /** Resolves when the counter is open, or it is known that there is no such chat or application. */
  open(life: Life, counter: CounterName): Promise<Readiness> {
    return this.#work.share(life, counter, (signal) => this.#open(life, counter, signal));
  }

  async #open(life: Life, counter: CounterName, signal: AbortSignal): Promise<Readiness> {
    const { lives, source, horizon, queue } = this.#options;
    await horizon.reached(await queue.end(), signal);
    const application = { application: counter.application };
    const counters = counter.chat === undefined ? [application] : [application, counter];
    const seeds = await Promise.all(counters.map((each) => source.seed(each)));
    if (seeds.includes(undefined)) return "absent";
    await lives.call(life, "open", ...counters.flatMap(counterArguments));
    return "again";
  }
}
