import { Code, ConnectError } from "@connectrpc/connect";
import type { CallLifetime } from "../../services/rpc/call-lifetime.ts";
import { type CallMeans, findConnection } from "./call-means.ts";
import { BrokenCallError } from "./call-status.ts";
import type { Connection } from "./connection.ts";
import type { Exchange, UnaryAnswer, UnaryRequest } from "./exchange.ts";
import { MAX_ATTEMPTS } from "./retries.ts";

/** Where the only server has failed, in milliseconds: about how long one that takes over needs. */
const PAUSE_MS = 50;

/** A unary call, made again where that cannot do harm. */
export class UnaryCall {
  readonly #means: CallMeans;
  readonly #lifetime: CallLifetime;
  readonly #request: UnaryRequest & { isIdempotent: boolean };
  #exchange: Exchange | undefined;

  constructor(means: CallMeans, lifetime: CallLifetime, request: UnaryRequest & { isIdempotent: boolean }) {
    this.#means = means;
    this.#lifetime = lifetime;
    this.#request = request;
  }

  /** Ends the attempt under way; after the call's lifetime there is no other. */
  cancel(error: ConnectError): void {
    this.#exchange?.cancel(error);
  }

  /** Rejects as the last attempt does: with a ConnectError, or with a BrokenCallError. */
  async run(): Promise<UnaryAnswer> {
    this.#means.budget.earn();
    let failed: Connection | undefined;
    for (let attempt = 1; ; attempt++) {
      const connection = await findConnection(this.#means, this.#lifetime, failed);
      try {
        return await this.#attempt(connection);
      } catch (error) {
        if (attempt === MAX_ATTEMPTS || !this.#mayRepeat(error)) throw error;
      }
      this.#means.onRetry();
      if (this.#means.pool.pick(connection) === connection) await this.#pause(attempt);
      failed = connection;
    }
  }

  async #attempt(connection: Connection): Promise<UnaryAnswer> {
    if (this.#lifetime.failure !== undefined) throw this.#lifetime.failure;
    this.#exchange = connection.begin((session) => session.call(this.#request, this.#lifetime.remainingMs()));
    if (this.#exchange === undefined) throw new BrokenCallError("the connection takes no more calls", true);
    try {
      return await this.#exchange.answer;
    } finally {
      connection.finish();
      this.#exchange = undefined;
    }
  }

  /**
   * A call that nobody has begun can be made again, whatever it is. Any other only where it is idempotent, and the
   * connection broke or the answer is UNAVAILABLE: that says nothing of whether a write has happened, and another server
   * may reach what this one does not.
   */
  #mayRepeat(error: unknown): boolean {
    if (this.#lifetime.failure !== undefined) return false;
    if (error instanceof BrokenCallError && error.isUntouched) return true;
    const isUnavailable = error instanceof ConnectError && error.code === Code.Unavailable;
    return (
      this.#request.isIdempotent && (isUnavailable || error instanceof BrokenCallError) && this.#means.budget.spend()
    );
  }

  #pause(attempt: number): Promise<void> {
    const ms = PAUSE_MS * attempt * (0.5 + Math.random());
    return this.#lifetime.race(
      () => new Promise((resolve) => setTimeout(resolve, ms)),
      (thrown) => thrown,
    );
  }
}
