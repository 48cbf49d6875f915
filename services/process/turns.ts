/** One owner has as much waiting as it may. */
export class TooManyWaitingError extends Error {
  constructor(max: number) {
    super(`${max} pieces of work of this owner wait for their turn, which is the limit`);
    this.name = "TooManyWaitingError";
  }
}

/** How much is done at once, of all owners, and how much of one owner may wait. */
export type TurnsOptions = { atOnce: number; maxWaiting: number };

/**
 * Does few pieces of work at a time. Owners take turns: while an owner waits, each other one gets a turn at most once,
 * however much it asks for. An owner's own work is done in the order of asking. What is given up before its turn is not
 * done, and waits no longer.
 */
export class Turns {
  readonly #atOnce: number;
  readonly #maxWaiting: number;
  /** What begins the work of those who wait, by owner; the first owner is the next. No entry is empty. */
  readonly #waiting = new Map<string, Set<() => void>>();
  #underWay = 0;

  constructor({ atOnce, maxWaiting }: TurnsOptions) {
    this.#atOnce = atOnce;
    this.#maxWaiting = maxWaiting;
  }

  /**
   * Settles as the work does. Rejects with the signal's reason where that aborts before the work begins, and with
   * TooManyWaitingError at the owner's limit.
   */
  async take<T>(owner: string, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    signal?.throwIfAborted();
    await this.#turn(owner, signal);
    try {
      signal?.throwIfAborted();
      return await work();
    } finally {
      this.#passOn();
    }
  }

  #turn(owner: string, signal: AbortSignal | undefined): Promise<void> {
    if (this.#underWay < this.#atOnce) {
      this.#underWay++;
      return Promise.resolve();
    }
    const waiting = this.#waiting.get(owner) ?? new Set();
    if (waiting.size >= this.#maxWaiting) return Promise.reject(new TooManyWaitingError(this.#maxWaiting));
    this.#waiting.set(owner, waiting);
    return new Promise((resolve, reject) => {
      const giveUp = () => {
        waiting.delete(begin);
        if (waiting.size === 0) this.#waiting.delete(owner);
        reject(signal?.reason);
      };
      const begin = () => {
        signal?.removeEventListener("abort", giveUp);
        resolve();
      };
      waiting.add(begin);
      signal?.addEventListener("abort", giveUp, { once: true });
    });
  }

  /** Gives the turn that ended to the next owner, who then comes after all others. */
  #passOn(): void {
    const [next] = this.#waiting;
    if (!next) {
      this.#underWay--;
      return;
    }
    const [owner, waiting] = next;
    const [begin] = waiting;
    waiting.delete(begin!);
    this.#waiting.delete(owner);
    if (waiting.size > 0) this.#waiting.set(owner, waiting);
    begin!();
  }
}
