import type { CommitMark } from "../write-queue/commit-mark.ts";
import type { WriteQueue } from "../write-queue/write-queue.ts";
import { type Batch, BatchFilling } from "./batch-filling.ts";
import type { Horizon } from "./horizon.ts";

/** Where batches come from, and where it is seen that somebody waits for what is in them. */
export type BatchReaderOptions = { queue: Pick<WriteQueue, "read">; horizon: Horizon };

/**
 * How long after a batch was taken the next one goes on to be filled, in milliseconds. Under load that makes one
 * transaction of many, whose commit is paid once.
 */
const PACE_MS = 50;

/** Reads the queue ahead of the writer: while one batch is written, the next is fetched and decoded. */
export class BatchReader {
  readonly #queue: Pick<WriteQueue, "read">;
  readonly #horizon: Horizon;
  #filling: BatchFilling | undefined;
  #takenAt = Number.NEGATIVE_INFINITY;
  #wake: () => void = () => undefined;

  constructor({ queue, horizon }: BatchReaderOptions) {
    this.#queue = queue;
    this.#horizon = horizon;
    horizon.watch(() => this.#wake());
  }

  /**
   * The batch that follows a position: what the queue has by now. Waits for the first record, and a little for more where
   * another batch was taken just before and nobody waits for what is in this one. Undefined where `signal` aborts.
   * Rejects as the queue does; the next call reads anew.
   */
  async take(position: CommitMark, signal: AbortSignal): Promise<Batch | undefined> {
    if (this.#filling?.position !== position) this.close();
    this.#filling ??= new BatchFilling(this.#queue, position, () => this.#wake());
    const filling = this.#filling;
    try {
      while (!signal.aborted && !filling.isBegun()) await this.#wait(signal);
      await this.#pace(filling, signal);
    } catch (error) {
      this.close();
      throw error;
    }
    if (signal.aborted) return undefined;
    this.#takenAt = performance.now();
    return filling.take();
  }

  /** Ends the reading ahead. */
  close(): void {
    this.#filling?.stop();
    this.#filling = undefined;
  }

  async #pace(filling: BatchFilling, signal: AbortSignal): Promise<void> {
    const until = this.#takenAt + PACE_MS;
    while (!filling.isDue && !this.#horizon.isUrgent && !signal.aborted) {
      const left = until - performance.now();
      if (left <= 0) return;
      await this.#wait(signal, left);
    }
  }

  /** Until something changed, the signal aborts or the time is over. */
  async #wait(signal: AbortSignal, limitMs?: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = limitMs === undefined ? undefined : setTimeout(resolve, limitMs);
    this.#wake = resolve;
    signal.addEventListener("abort", this.#abort, { once: true });
    await promise;
    signal.removeEventListener("abort", this.#abort);
    clearTimeout(timer);
  }

  readonly #abort = (): void => this.#wake();
}
