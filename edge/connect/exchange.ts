import { Code, ConnectError, createContextKey } from "@connectrpc/connect";
import type { OpenCall } from "../call-observer.ts";
import type { Refuse } from "./refusal.ts";

/** The context value that is told the code of a call that fails. */
export const openCall = createContextKey<OpenCall | undefined>(undefined);

/** The context value by which a forwarder finds the exchange that it serves. */
export const exchangeKey = createContextKey<Exchange | undefined>(undefined);

/** A request of Connect or gRPC-Web, and what becomes of it. */
export class Exchange {
  /** Makes the error that the caller is told of where the request cannot be read. */
  readonly refuse: Refuse;
  /** Aborted as CANCELLED where the caller goes before `end`. */
  readonly signal: AbortSignal;
  /** Whether the call was handed on. An error before that is one of the request. */
  isForwarded = false;
  /** Why messages of a call that was handed on could not be read: its outcome, whatever the transport makes of it. */
  refusal: ConnectError | undefined;
  #isOver = false;

  /** @param gone aborted, with whatever reason, when the caller goes, and also after the answer */
  constructor(gone: AbortSignal, refuse: Refuse) {
    const controller = new AbortController();
    this.refuse = refuse;
    this.signal = controller.signal;
    const abort = () => {
      if (!this.#isOver) controller.abort(new ConnectError("the caller has gone", Code.Canceled));
    };
    if (gone.aborted) abort();
    else gone.addEventListener("abort", abort, { once: true });
  }

  /** The other side has answered to the end. */
  end(): void {
    this.#isOver = true;
  }
}
