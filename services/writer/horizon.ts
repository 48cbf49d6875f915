import { type CommitMark, endOfRecord, sequenceBefore } from "../write-queue/commit-mark.ts";
import type { WriteQueue } from "../write-queue/write-queue.ts";

type Waiter = { mark: CommitMark; isCaller: boolean; resolve: () => void; reject: (reason: unknown) => void };

/** Waits until the database has every write that was answered by now; rejects where `signal` aborts first. */
export async function catchUp(
  { queue, horizon }: { queue: Pick<WriteQueue, "end">; horizon: Horizon },
  signal: AbortSignal,
): Promise<void> {
  await horizon.reached(await queue.end(), signal);
}

/** Where the writer is, for those who wait for it. */
export class Horizon {
  #position: CommitMark;
  #waiters: Waiter[] = [];
  #wanted = Promise.withResolvers<void>();
  #watcher: () => void = () => undefined;

  constructor(position: CommitMark) {
    this.#position = position;
  }

  /** Every write up to this mark is in the database. */
  get position(): CommitMark {
    return this.#position;
  }

  advance(position: CommitMark): void {
    this.#position = position;
    const reached = this.#waiters.filter(({ mark }) => mark <= position);
    if (reached.length === 0) return;
    this.#waiters = this.#waiters.filter(({ mark }) => mark > position);
    for (const { resolve } of reached) resolve();
  }

  /** Ends every wait: it cannot be known whether it advances. */
  interrupt(reason: unknown): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const { reject } of waiters) reject(reason);
  }

  /** Whether somebody waits for it to advance. */
  get isWanted(): boolean {
    return this.#waiters.length > 0;
  }

  /** Whether one of those waits whom a caller waits for; those who follow the writer have time. */
  get isUrgent(): boolean {
    return this.#waiters.some(({ isCaller }) => isCaller);
  }

  /** Lets one be told when it becomes urgent. */
  watch(watcher: () => void): void {
    this.#watcher = watcher;
  }

  /** Resolves when somebody waits for it to advance, or the signal aborts. */
  async wanted(signal: AbortSignal): Promise<void> {
    if (this.isWanted || signal.aborted) return;
    this.#wanted = Promise.withResolvers<void>();
    const abort = () => this.#wanted.resolve();
    signal.addEventListener("abort", abort, { once: true });
    await this.#wanted.promise;
    signal.removeEventListener("abort", abort);
  }

  /**
   * For callers: resolves when every write of a record is in the database; rejects with the signal's reason where it aborts first, and
   * where it is interrupted.
   */
  reached(sequence: number, signal: AbortSignal): Promise<void> {
    return sequenceBefore(this.#position) >= sequence
      ? Promise.resolve()
      : this.#wait(endOfRecord(sequence), true, signal);
  }

  /** For those who follow the writer: resolves when the position is beyond a mark; rejects with the signal's reason where it aborts first. */
  passed(mark: CommitMark, signal: AbortSignal): Promise<void> {
    return this.#position > mark ? Promise.resolve() : this.#wait(mark + 1, false, signal);
  }

  #wait(mark: CommitMark, isCaller: boolean, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const abort = () => {
        this.#waiters = this.#waiters.filter((other) => other !== waiter);
        reject(signal.reason);
      };
      const release = () => signal.removeEventListener("abort", abort);
      const waiter: Waiter = {
        mark,
        isCaller,
        resolve: () => {
          release();
          resolve();
        },
        reject: (reason) => {
          release();
          reject(reason);
        },
      };
      signal.addEventListener("abort", abort, { once: true });
      this.#waiters.push(waiter);
      this.#wanted.resolve();
      if (isCaller) this.#watcher();
    });
  }
}
