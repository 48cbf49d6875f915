import { Code } from "@connectrpc/connect";
import { ErrorReason } from "../../gen/parley/v1/error_reason_pb.ts";
import { rpcError } from "./errors.ts";

/**
 * A stream of messages that ends with its call: an abort of `signal` rejects what waits for the next message and
 * closes the source, even one that never answers.
 *
 * @param onEnd told once, when the stream ends in whatever way; given a failure, it returns the error to throw for it
 */
export class MessageStream<T> implements AsyncIterableIterator<T> {
  readonly #source: AsyncIterator<T>;
  readonly #signal: AbortSignal;
  readonly #onEnd: OnEnd;
  readonly #waiting = new Set<(error: unknown) => void>();
  #ended = false;
  #failure: Failure | undefined;

  constructor(source: AsyncIterable<T>, signal: AbortSignal, onEnd: OnEnd = (failure) => failure?.error) {
    this.#source = source[Symbol.asyncIterator]();
    this.#signal = signal;
    this.#onEnd = onEnd;
    if (signal.aborted) this.#abort();
    else signal.addEventListener("abort", this.#abort);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<T>> {
    if (this.#failure) return Promise.reject(this.#failure.error);
    if (this.#ended) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve, reject) => {
      this.#waiting.add(reject);
      this.#pull().then(
        (result) => {
          this.#waiting.delete(reject);
          if (result.done) this.#end();
          resolve(result);
        },
        (error) => this.#fail(error),
      );
    });
  }

  async return(): Promise<IteratorResult<T>> {
    this.#end();
    await this.#source.return?.();
    return { done: true, value: undefined };
  }

  /** Asynchronous, so that a source that throws at once rejects. */
  async #pull(): Promise<IteratorResult<T>> {
    return this.#source.next();
  }

  readonly #abort = (): void => {
    this.#fail(this.#signal.reason);
    this.#source.return?.().catch(() => {});
  };

  #fail(error: unknown): void {
    if (this.#ended) return;
    this.#failure = { error: this.#end({ error }) };
    for (const reject of this.#waiting) reject(this.#failure.error);
  }

  #end(failure?: Failure): unknown {
    if (this.#ended) return undefined;
    this.#ended = true;
    this.#signal.removeEventListener("abort", this.#abort);
    return this.#onEnd(failure);
  }
}

/** Boxed, since anything can be thrown, undefined too. */
type Failure = { error: unknown };
type OnEnd = (failure?: Failure) => unknown;

/**
 * The messages of `source`, each changed by `map`. Unlike a generator, it closes the source at once when it is closed.
 *
 * @param toError what to throw for what the source throws; by default that itself
 */
export function mapMessages<T, U>(
  source: AsyncIterable<T>,
  map: (message: T) => U,
  toError: (thrown: unknown) => unknown = (thrown) => thrown,
): AsyncIterable<U> {
  return {
    [Symbol.asyncIterator](): AsyncIterator<U> {
      const iterator = source[Symbol.asyncIterator]();
      return {
        async next() {
          try {
            const result = await iterator.next();
            return result.done ? result : { done: false, value: map(result.value) };
          } catch (error) {
            throw toError(error);
          }
        },
        async return() {
          await iterator.return?.();
          return { done: true, value: undefined };
        },
      };
    },
  };
}

/** The one message of a stream that must hold exactly one; any other count is UNIMPLEMENTED, as gRPC has it. */
export async function readSingle<T>(messages: AsyncIterable<T>): Promise<T> {
  let single: { message: T } | undefined;
  for await (const message of messages) {
    if (single) throw wrongCount("more than one");
    single = { message };
  }
  if (!single) throw wrongCount("no");
  return single.message;
}

function wrongCount(count: string): Error {
  const message = `the method takes one request message, and there was ${count}`;
  return rpcError(Code.Unimplemented, ErrorReason.MALFORMED_REQUEST, message);
}
