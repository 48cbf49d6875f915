import type { ConnectError } from "@connectrpc/connect";
import { abortedByCaller, deadlineExceeded } from "./call-error.ts";

/** The abort reason of calls that ended by themselves; one for all, since making an error costs more than a call. */
const CALL_ENDED = new DOMException("The call has ended", "AbortError");

/** From a call's start to its end, deadline or cancellation, whichever comes first. Its timer keeps no process alive. */
export class CallLifetime {
  readonly #controller = new AbortController();
  readonly #caller: AbortSignal | undefined;
  readonly #deadline: number;
  readonly #timer: NodeJS.Timeout | undefined;
  #failure: ConnectError | undefined;
  #rejectRace: ((error: ConnectError) => void) | undefined;

  /** @param timeoutMs from now; at most 2,147,483,647 */
  constructor(timeoutMs: number, caller: AbortSignal | undefined) {
    this.#deadline = Date.now() + timeoutMs;
    this.#caller = caller;
    if (caller?.aborted) this.#abort(abortedByCaller(caller.reason));
    else if (timeoutMs <= 0) this.#abort(deadlineExceeded());
    else {
      this.#timer = setTimeout(() => this.#abort(deadlineExceeded()), timeoutMs).unref();
      caller?.addEventListener("abort", this.#onCallerAbort);
    }
  }

  /** Aborted at the end, however the call ended. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Milliseconds until the deadline; negative after it. */
  readonly remainingMs = (): number => this.#deadline - Date.now();

  /** The outcome of `run`, unless the deadline or a cancellation comes before it; `run` is not called after the end. */
  race<T>(run: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.#failure) return reject(this.#failure);
      this.#rejectRace = reject;
      run().then(resolve, reject);
    });
  }

  end(): void {
    this.#release();
    if (!this.signal.aborted) this.#controller.abort(CALL_ENDED);
  }

  readonly #onCallerAbort = (): void => this.#abort(abortedByCaller(this.#caller?.reason));

  #abort(error: ConnectError): void {
    this.#release();
    this.#failure = error;
    this.#rejectRace?.(error);
    this.#controller.abort(error);
  }

  #release(): void {
    clearTimeout(this.#timer);
    this.#caller?.removeEventListener("abort", this.#onCallerAbort);
  }
}
