import { type ClientHttp2Stream, constants } from "node:http2";
import { Code, ConnectError } from "@connectrpc/connect";

/** Half of what Node takes: 1,000 at once, and 33 a second for long, after which it ends the session (CVE-2023-44487). */
const BURST = 500;
const A_SECOND = 16;

const LOOK_INTERVAL_MS = 250;

/** The server knows the deadline of a call, and ends it itself where it is not stuck. */
const DEADLINE_GRACE_MS = 1_000;

/** What a call that ends with an error gets to end by itself, in milliseconds. */
export function graceOf(error: unknown): number {
  return error instanceof ConnectError && error.code === Code.DeadlineExceeded ? DEADLINE_GRACE_MS : 0;
}

/**
 * Resets the streams of a session for calls that were given up, no more at a time than the other side bears: else callers
 * who leave, or whose deadlines pass together, would break the calls of all. What waits ends with its call, too.
 */
export class StreamResets {
  readonly #late = new Map<ClientHttp2Stream, number>();
  #tokens = BURST;
  #countedAt = performance.now();
  #timer: NodeJS.Timeout | undefined;

  /** @param graceMs what the call gets to end by itself */
  reset(stream: ClientHttp2Stream, graceMs = 0): void {
    if (graceMs === 0 && this.#late.size === 0 && this.#take()) stream.close(constants.NGHTTP2_CANCEL);
    else if (!stream.closed) {
      this.#late.set(stream, performance.now() + graceMs);
      stream.once("close", () => this.#forget(stream));
      this.#timer ??= setInterval(() => this.#resetLate(), LOOK_INTERVAL_MS).unref();
    }
  }

  #resetLate(): void {
    const now = performance.now();
    for (const [stream, from] of this.#late) {
      if (from > now) continue;
      if (!this.#take()) return;
      stream.close(constants.NGHTTP2_CANCEL);
      this.#forget(stream);
    }
  }

  #forget(stream: ClientHttp2Stream): void {
    this.#late.delete(stream);
    if (this.#late.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #take(): boolean {
    const now = performance.now();
    this.#tokens = Math.min(this.#tokens + ((now - this.#countedAt) / 1_000) * A_SECOND, BURST);
    this.#countedAt = now;
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }
}
