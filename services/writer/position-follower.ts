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
/** How long the position may be unknown before those who wait for it are told, in milliseconds: a fail-over is shorter. */
const PATIENCE_MS = 2_000;

/**
 * Tells a process where the writer, in another one, is: it reads the database's position, again and again for as long as
 * somebody waits for it.
 */
export class PositionFollower {
  readonly #options: PositionFollowerOptions;
  readonly #stop = new AbortController();
  #running: Promise<void> | undefined;
  /** When the position was last known, or nobody wanted it. */
  #knownAt = Date.now();

  constructor(options: PositionFollowerOptions) {
    this.#options = options;
  }

  start(): void {
    const step = () => this.#step();
    this.#running = repeatWithBackOff(step, this.#stop.signal, (err, waitMs) => {
      this.#options.log.warn({ err, waitMs }, "the writer's position cannot be read; it will be tried again");
      if (Date.now() - this.#knownAt > PATIENCE_MS) this.#options.horizon.interrupt(err);
    });
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #step(): Promise<void> {
    const { horizon, position, intervalMs = INTERVAL_MS } = this.#options;
    if (!horizon.isWanted) {
      await horizon.wanted(this.#stop.signal);
      this.#knownAt = Date.now();
    }
    if (this.#stop.signal.aborted) return;
    horizon.advance(await position.load());
    this.#knownAt = Date.now();
    if (horizon.isWanted) await abortableDelay(intervalMs, this.#stop.signal);
  }
}
