import type { Readable } from "node:stream";

type Waiting = PromiseWithResolvers<IteratorResult<Buffer>>;

/** The messages of an answer, in order. Their source is paused while some wait to be taken. */
export class MessageQueue implements AsyncIterableIterator<Buffer> {
  readonly #source: Readable;
  readonly #onReturn: () => void;
  readonly #messages: Buffer[] = [];
  readonly #waiting: Waiting[] = [];
  #ended = false;
  #failure: { error: unknown } | undefined;

  /** @param onReturn told where the reader stops before the end */
  constructor(source: Readable, onReturn: () => void) {
    this.#source = source;
    this.#onReturn = onReturn;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Buffer>> {
    const message = this.#messages.shift();
    if (this.#messages.length === 0) this.#source.resume();
    if (message !== undefined) return Promise.resolve({ done: false, value: message });
    if (this.#failure !== undefined) return Promise.reject(this.#failure.error);
    if (this.#ended) return Promise.resolve({ done: true, value: undefined });
    const waiting = Promise.withResolvers<IteratorResult<Buffer>>();
    this.#waiting.push(waiting);
    return waiting.promise;
  }

  async return(): Promise<IteratorResult<Buffer>> {
    this.#messages.length = 0;
    this.end();
    this.#onReturn();
    return { done: true, value: undefined };
  }

  push(message: Buffer): void {
    const waiting = this.#waiting.shift();
    if (waiting !== undefined) waiting.resolve({ done: false, value: message });
    else {
      this.#messages.push(message);
      this.#source.pause();
    }
  }

  end(): void {
    this.#ended = true;
    for (const { resolve } of this.#waiting.splice(0)) resolve({ done: true, value: undefined });
  }

  /** Messages that are there already come before the error. */
  fail(error: unknown): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#failure = { error };
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }
}
