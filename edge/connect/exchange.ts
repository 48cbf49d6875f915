import { type ConnectError, createContextKey } from "@connectrpc/connect";
import { callerGone } from "../transcode/index.ts";
import type { ToRequestError } from "./request-error.ts";

/** The context value by which a forwarder finds the exchange that it serves. */
export const exchangeKey = createContextKey<Exchange | undefined>(undefined);

/** A request of Connect or gRPC-Web, and what becomes of it. */
export class Exchange {
  readonly toRequestError: ToRequestError;
  /** Aborted as CANCELLED where the caller goes before `end`. */
  readonly signal: AbortSignal;
  /** Whether the call was handed on. An error before that is one of the request. */
  isForwarded = false;
  /** Why messages of a call that was handed on could not be read: its outcome, whatever the transport makes of it. */
  requestError: ConnectError | undefined;
  #isOver = false;

  /** @param gone aborted, with whatever reason, when the caller goes, and also after the answer */
  constructor(gone: AbortSignal, toRequestError: ToRequestError) {
    const controller = new AbortController();
    this.toRequestError = toRequestError;
    this.signal = controller.signal;
    const abort = () => {
      if (!this.#isOver) controller.abort(callerGone());
    };
    if (gone.aborted) abort();
    else gone.addEventListener("abort", abort, { once: true });
  }

  /** The other side has answered to the end. */
  end(): void {
    this.#isOver = true;
  }
}
