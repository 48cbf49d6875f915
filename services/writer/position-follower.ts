import type { Logger } from "pino";
import { abortableDelay } from "../process/abortable-delay.ts";
import { repeatWithBackOff } from "../process/back-off.ts";
import type { Horizon } from "./horizon.ts";
import type { WriterPosition } from "./writer-position.ts";

export type PositionFollowerOptions = {
  horizon: Horizon;
  position: Pick<WriterPosition, "load">;
  log: Logger;
  /** How often the position is read while somebody waits for it, in milliseconds. Default: 10. */
  intervalMs?: number;
};

const INTERVAL_MS = 10;

/**
 * Tells a process where the writer, in another one, is: it reads the database's position, again and again for as long as
 * somebody waits for it.
 */
export class PositionFollower {
  readonly #options: PositionFollowerOptions;
  readonly #stop = new AbortController();
  #running: Promise<void> | undefined;

  constructor(options: PositionFollowerOptions) {
    this.#options = options;
  }

  start(): void {
    const step = () => this.#step();
    this.#running = repeatWithBackOff(step, this.#stop.signal, (err, waitMs) => {
      this.#options.log.warn({ err, waitMs }, "the writer's position cannot be read; it will be tried again");
    });
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #step(): Promise<void> {
    const { horizon, position, intervalMs = INTERVAL_MS } = this.#options;
    await horizon.wanted(this.#stop.signal);
    if (this.#stop.signal.aborted) return;
    horizon.advance(await position.load());
    if (horizon.isWanted) await abortableDelay(intervalMs, this.#stop.signal);
  }
}
