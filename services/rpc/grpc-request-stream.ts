type Waiting<T> = { resolve: (result: IteratorResult<T>) => void; reject: (error: unknown) => void };

/** The request messages of a call, each read from the connection when it is asked for, so that a slow handler slows the caller. */
export class GrpcRequestStream<T> implements AsyncIterableIterator<T> {
  readonly #startRead: () => void;
  readonly #parse: (bytes: Buffer) => T;
  readonly #waiting: Waiting<T>[] = [];
  #ended = false;

  /** @param startRead asks for one push or close */
  constructor(startRead: () => void, parse: (bytes: Buffer) => T) {
    this.#startRead = startRead;
    this.#parse = parse;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<T>> {
    if (this.#ended) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      if (this.#waiting.length === 1) this.#startRead();
    });
  }

  async return(): Promise<IteratorResult<T>> {
    this.close();
    return { done: true, value: undefined };
  }

  push(bytes: Buffer): void {
    const waiting = this.#waiting.shift();
    if (this.#ended || !waiting) return;
    try {
      waiting.resolve({ done: false, value: this.#parse(bytes) });
    } catch (error) {
      waiting.reject(error);
      this.close();
    }
    if (this.#waiting.length > 0) this.#startRead();
  }

  close(): void {
    this.#ended = true;
    for (const { resolve } of this.#waiting.splice(0)) resolve({ done: true, value: undefined });
  }
}
