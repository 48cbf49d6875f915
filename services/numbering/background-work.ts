import type { Life } from "../redis/redis-life.ts";
import { LifeOverError } from "../redis/redis-lives.ts";
import { counterKey } from "./counter-key.ts";
import type { CounterName, Readiness } from "./numbering.ts";

/** Longer than any call may take: who asked is gone then. */
const TIMEOUT_MS = 60_000;

/** Work for counters of a life, of which all who ask for the same counter share one. */
export class BackgroundWork {
  readonly #running = new Map<string, Promise<Readiness>>();

  /** Joins the work on a counter, or begins it. */
  share({ epoch }: Life, counter: CounterName, work: (signal: AbortSignal) => Promise<Readiness>): Promise<Readiness> {
    const key = `${epoch}/${counterKey(counter)}`;
    const running = this.#running.get(key);
    if (running) return running;
    const begun = inBackground(work(AbortSignal.timeout(TIMEOUT_MS)).finally(() => this.#running.delete(key)));
    this.#running.set(key, begun);
    return begun;
  }
}

/** The outcome of work in a life. Those who asked for it may all be gone when it fails. */
export function inBackground(work: Promise<Readiness>): Promise<Readiness> {
  const outcome = work.catch(againInNextLife);
  outcome.catch(() => undefined);
  return outcome;
}

/** What was to be found out of a life that is over does not matter in the next. */
function againInNextLife(error: unknown): Readiness {
  if (error instanceof LifeOverError) return "again";
  throw error;
}
