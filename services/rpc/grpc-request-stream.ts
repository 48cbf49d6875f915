import type { ServerHttp2Stream } from "node:http2";
import type { ConnectError } from "@connectrpc/connect";
import { malformedRequest } from "./call-error.ts";
import { type CheckHead, FrameReader } from "./grpc-frame.ts";

export type GrpcRequestStreamOptions<T> = {
  checkHead: CheckHead;
  parse: (bytes: Buffer, isCompressed: boolean) => T | Promise<T>;
  /** Told of what cannot be read, after which there are no more messages. */
  onError: (error: ConnectError) => void;
};

/**
 * The request messages of a call. The stream is read while one is waited for, so that a slow handler slows the caller.
 */
export class GrpcRequestStream<T> {
  readonly #stream: ServerHttp2Stream;
  readonly #options: GrpcRequestStreamOptions<T>;
  readonly #reader: FrameReader;
  readonly #waiting: { bytes: Buffer; isCompressed: boolean }[] = [];
  #isCompressed = false;
  #ended = false;
  #wake: () => void = () => {};

  constructor(stream: ServerHttp2Stream, options: GrpcRequestStreamOptions<T>) {
    this.#stream = stream;
    this.#options = options;
    this.#reader = new FrameReader((flags, length) => {
      options.checkHead(flags, length);
      this.#isCompressed = flags === 1;
    });
    stream.on("data", (chunk: Buffer) => this.#onData(chunk));
    stream.pause();
    // A cancellation shows as an end first; the handler must not take the cut request for a whole one.
    stream.on("end", () => setImmediate(() => this.#onEnd()));
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T> {
    for (;;) {
      const next = this.#waiting.shift();
      if (next !== undefined) yield await this.#options.parse(next.bytes, next.isCompressed);
      else if (this.#ended) return;
      else await this.#receive();
    }
  }

  /** There are no more messages, and what still comes is dropped. */
  close(): void {
    this.#ended = true;
    this.#waiting.length = 0;
    this.#stream.resume();
    this.#wake();
  }

  #receive(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
      this.#stream.resume();
    });
  }

  #onData(chunk: Buffer): void {
    if (this.#ended) return;
    try {
      this.#reader.read(chunk, (bytes) => this.#waiting.push({ bytes, isCompressed: this.#isCompressed }));
    } catch (error) {
      this.#options.onError(error as ConnectError);
      this.close();
    }
    if (this.#ended || this.#waiting.length === 0) return;
    this.#stream.pause();
    this.#wake();
  }

  #onEnd(): void {
    if (this.#ended) return;
    if (!this.#reader.isEmpty) this.#options.onError(malformedRequest("the request ends within a message"));
    this.#ended = true;
    this.#wake();
  }
}
