import type { ServerResponse } from "node:http";

/** How old a sum may be, in milliseconds. Answers take longer to make than this. */
const FRESH_MS = 20;

/** How often answers are looked at that do not get on, as parts of the time that they may take. */
const LOOKS = 4;

type Progress = { unsent: number; looks: number };

/**
 * What answers hold in memory because their callers do not read them. One that does not get on for `stallMs` ends, with
 * its connection or stream.
 */
export class UnsentBytes {
  readonly #responses = new Map<ServerResponse, Progress>();
  readonly #timer: NodeJS.Timeout;
  #sum = 0;
  #summedAt = Number.NEGATIVE_INFINITY;

  /** @param stallMs in milliseconds */
  constructor(stallMs: number) {
    this.#timer = setInterval(() => this.#endStalled(), stallMs / LOOKS).unref();
  }

  /** An answer may follow. */
  follow(response: ServerResponse): void {
    this.#responses.set(response, { unsent: 0, looks: 0 });
    response.on("close", () => this.#responses.delete(response));
  }

  /** Bytes of all answers. */
  get total(): number {
    if (performance.now() - this.#summedAt < FRESH_MS) return this.#sum;
    this.#sum = 0;
    for (const response of this.#responses.keys()) this.#sum += response.writableLength;
    this.#summedAt = performance.now();
    return this.#sum;
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #endStalled(): void {
    for (const [response, progress] of this.#responses) {
      const unsent = response.writableLength;
      progress.looks = unsent > 0 && unsent === progress.unsent ? progress.looks + 1 : 0;
      progress.unsent = unsent;
      if (progress.looks >= LOOKS) response.destroy();
    }
  }
}
