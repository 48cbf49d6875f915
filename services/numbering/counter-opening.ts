import { abortableDelay } from "../process/abortable-delay.ts";
import type { Life } from "../redis/redis-life.ts";
import type { RedisLives } from "../redis/redis-lives.ts";
import type { WriteQueue } from "../write-queue/write-queue.ts";
import { catchUp, type Horizon } from "../writer/horizon.ts";
import { BackgroundWork } from "./background-work.ts";
import type { CounterName, Readiness } from "./numbering.ts";
import type { NumberingSource } from "./numbering-source.ts";
import { counterArguments } from "./script-arguments.ts";

export type CounterOpeningOptions = {
  lives: RedisLives;
  source: NumberingSource;
  horizon: Horizon;
  queue: Pick<WriteQueue, "end">;
};

const POLL_MS = 20;
/** A deletion that is not judged by then was begun by a process that is gone, or stands still, in milliseconds. */
const DELETION_MAX_MS = 15_000;

/**
 * Waits for counters that give no numbers: of a new chat, whose record is being stored, or below a deletion under way.
 * When the writer has passed the queue's end, the database knows.
 */
export class CounterOpening {
  readonly #options: CounterOpeningOptions;
  readonly #opening = new BackgroundWork();
  readonly #judging = new BackgroundWork();

  constructor(options: CounterOpeningOptions) {
    this.#options = options;
  }

  /** Resolves when a new chat's counter is open, or it is known that its record is not stored. */
  open(life: Life, counter: CounterName): Promise<Readiness> {
    return this.#opening.share(life, counter, async (signal) => {
      if (!(await this.#exists(counter, signal))) return "absent";
      await this.#options.lives.call(life, "open", ...counterArguments(counter));
      return "again";
    });
  }

  /** Resolves when the deletions that a counter waits for are judged. */
  judged(life: Life, counter: CounterName): Promise<Readiness> {
    return this.#judging.share(life, counter, (signal) => this.#judged(life, counter, signal));
  }

  /**
   * A deletion whose process is gone holds the counter closed. That it will not be stored is sure in the next life
   * alone: the queue refuses a deletion of an earlier one.
   */
  async #judged(life: Life, counter: CounterName, signal: AbortSignal): Promise<Readiness> {
    const { lives } = this.#options;
    for (;;) {
      if (!(await this.#exists(counter, signal))) return "absent";
      const age = (await lives.call(life, "closed", ...counterArguments(counter))) as number;
      if (age > DELETION_MAX_MS) await lives.end(life);
      if (age < 0 || age > DELETION_MAX_MS) return "again";
      await abortableDelay(POLL_MS, signal);
      signal.throwIfAborted();
    }
  }

  /** Whether the database has it, once it has all that is in the queue now. */
  async #exists(counter: CounterName, signal: AbortSignal): Promise<boolean> {
    await catchUp(this.#options, signal);
    return (await this.#options.source.seed(counter)) !== undefined;
  }
}
