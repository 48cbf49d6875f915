import { getEventListeners } from "node:events";
import type { ConnectError } from "@connectrpc/connect";
import { abortedByCaller, deadlineExceeded } from "./call-error.ts";

/** The abort reason of calls that ended by themselves; one for all, since making an error costs more than a call. */
const CALL_ENDED = new DOMException("The call has ended", "AbortError");

export type CallLifetimeOptions = {
  /** Its abort ends the call: with the reason where that is a ConnectError, else as CANCELLED. */
  caller?: AbortSignal | undefined;
  /** Told of the deadline or cancellation, before anybody else, and not of an end. */
  onAbort?: (error: ConnectError) => void;
};

/** From a call's start to its end, deadline or cancellation, whichever comes first. Its timer keeps no process alive. */
export class CallLifetime {
  /** Made for who asks for the signal: the edge's calls do without. */
  #controller: AbortController | undefined;
  readonly #deadline: number;
  readonly #timer: NodeJS.Timeout | undefined;
  readonly #options: CallLifetimeOptions;
  #failure: ConnectError | undefined;
  #ended = false;
  #rejectRace: ((error: ConnectError) => void) | undefined;

  /** @param timeoutMs from now; at most 2,147,483,647 */
  constructor(timeoutMs: number, options: CallLifetimeOptions = {}) {
    this.#deadline = performance.now() + timeoutMs;
    this.#options = options;
    const { caller } = options;
    if (caller?.aborted) this.#onCallerAbort();
    else if (timeoutMs <= 0) this.abort(deadlineExceeded());
    else {
      this.#timer = setTimeout(() => this.abort(deadlineExceeded()), timeoutMs).unref();
      caller?.addEventListener("abort", this.#onCallerAbort);
    }
  }

  /**
   * Aborted with a ConnectError at the deadline or a cancellation. At an end of itself the listeners that are left are
   * told, so that what the handler started ends with it.
   */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#failure !== undefined) this.#controller.abort(this.#failure);
    }
    return this.#controller.signal;
  }

  /** What ended the call, where that was its deadline or a cancellation. */
  get failure(): ConnectError | undefined {
    return this.#failure;
  }

  /** Milliseconds until the deadline; negative after it. */
  remainingMs(): number {
    return this.#deadline - performance.now();
  }

  /**
   * The outcome of `run`, or a failure as soon as the deadline or a cancellation comes; `run` is not called after that.
   *
   * @param toError what to reject with for what was thrown; told of one failure at most
   */
  race<T>(run: () => Promise<T>, toError: (thrown: unknown) => unknown): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.#failure) return reject(toError(this.#failure));
      let failed = false;
      const fail = (thrown: unknown) => {
        if (failed) return;
        failed = true;
        reject(toError(thrown));
      };
      this.#rejectRace = fail;
      try {
        run().then(resolve, fail);
      } catch (thrown) {
        fail(thrown);
      }
    });
  }

  /** Ends the call with a failure, of which `onAbort`, the race and then the signal are told; nothing where it has ended. */
  abort(error: ConnectError): void {
    if (this.#ended) return;
    const rejectRace = this.#rejectRace;
    this.#release();
    this.#failure = error;
    this.#options.onAbort?.(error);
    rejectRace?.(error);
    this.#controller?.abort(error);
  }

  /** Ends the call that went its way: its timer is cleared, and `onAbort` is not told. Nothing where it has ended. */
  end(): void {
    if (this.#ended) return;
    this.#release();
    // Aborting makes an event, which would be a tenth of what a unary call allocates, and mostly for nobody.
    const controller = this.#controller;
    if (controller && getEventListeners(controller.signal, "abort").length > 0) controller.abort(CALL_ENDED);
  }

  readonly #onCallerAbort = (): void => this.abort(abortedByCaller(this.#options.caller?.reason));

  #release(): void {
    this.#ended = true;
    this.#rejectRace = undefined;
    clearTimeout(this.#timer);
    this.#options.caller?.removeEventListener("abort", this.#onCallerAbort);
  }
}
