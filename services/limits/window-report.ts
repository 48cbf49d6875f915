import type { Redis } from "ioredis";
import { StoredScript } from "../redis/stored-script.ts";
import type { CallWindow, CallWindows } from "./call-windows.ts";

const SCRIPT = new StoredScript("count-calls");

/** Windows of one call to Redis, which does nothing else meanwhile: about a millisecond. */
const WINDOWS_PER_CALL = 500;

export type WindowReportOptions = {
  redis: Redis;
  windows: CallWindows;
  keyPrefix: string;
  intervalMs: number;
};

type Changed = { key: string; window: CallWindow };

/** Tells Redis now and then what was counted here, and takes over what all processes together have counted. */
export class WindowReport {
  readonly #options: WindowReportOptions;
  #changed: Changed[] = [];
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;
  #hasFailed = false;

  constructor(options: WindowReportOptions) {
    this.#options = options;
  }

  /** Whether Redis did not take the last report, and there still is something to tell. */
  get isFailing(): boolean {
    return this.#hasFailed;
  }

  /** A window has something untold. */
  add(key: string, window: CallWindow): void {
    if (window.isListed) return;
    this.#list({ key, window });
    this.#schedule();
  }

  /** Sends no more reports. */
  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }

  #list(changed: Changed): void {
    changed.window.isListed = true;
    this.#changed.push(changed);
  }

  #schedule(): void {
    if (this.#isStopped) return;
    this.#timer ??= setTimeout(() => void this.#send(), this.#options.intervalMs).unref();
  }

  async #send(): Promise<void> {
    const changed = this.#changed;
    this.#changed = [];
    for (let first = 0; first < changed.length; first += WINDOWS_PER_CALL) {
      const part = changed.slice(first, first + WINDOWS_PER_CALL);
      const told = part.map(({ window }) => window.untold);
      await this.#tell(part, told).then(
        (answer) => this.#adopt(part, told, answer),
        () => this.#keep(part),
      );
    }
    this.#timer = undefined;
    if (this.#changed.length > 0) this.#schedule();
    else this.#hasFailed = false;
  }

  /** A window that Redis does not have yet ends there when it ends here. */
  async #tell(part: readonly Changed[], told: readonly number[]): Promise<number[]> {
    const { redis, keyPrefix } = this.#options;
    const keys = part.map(({ key }) => keyPrefix + key);
    const now = Date.now();
    const parameters = part.flatMap(({ window }, index) => [told[index]!, Math.max(window.endMs - now, 1)]);
    return (await SCRIPT.run(redis, keys, parameters)) as number[];
  }

  #adopt(part: readonly Changed[], told: readonly number[], answer: readonly number[]): void {
    const now = Date.now();
    this.#hasFailed = false;
    part.forEach((changed, index) => {
      const { window } = changed;
      window.untold -= told[index]!;
      window.count = answer[2 * index]! + window.untold;
      window.endMs = now + answer[2 * index + 1]!;
      window.isListed = false;
      if (window.untold !== 0) this.#list(changed);
    });
  }

  /** For the next report, as long as they count at all. */
  #keep(part: readonly Changed[]): void {
    this.#hasFailed = true;
    const { windows } = this.#options;
    for (const changed of part) {
      changed.window.isListed = false;
      if (windows.isCurrent(changed.key, changed.window)) this.#list(changed);
    }
  }
}
