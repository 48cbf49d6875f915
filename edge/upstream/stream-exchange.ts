import type { ClientHttp2Stream, IncomingHttpHeaders } from "node:http2";
import { FrameReader, frameMessage } from "../../services/rpc/grpc-frame.ts";
import { untilDrained } from "../../services/rpc/until-drained.ts";
import { checkAnswerHead } from "./answer-head.ts";
import { appendMetadata } from "./call-metadata.ts";
import { describeBreak, isCutOff, readStatus } from "./call-status.ts";
import { MessageQueue } from "./message-queue.ts";
import { graceOf } from "./stream-resets.ts";

export type StreamExchangeOptions = {
  /** Of a message of the answer. */
  maxBytes: number;
  /** Gives up the call of the stream, which gets so many milliseconds to end by itself. */
  reset: (graceMs: number) => void;
  /** Told once, when the call is over in whatever way. */
  onEnd: () => void;
};

/** A call with streams, on a stream of HTTP/2; each side is read as fast as the other takes it. */
export class StreamExchange {
  /** The messages of the answer. Fails as `header` does; `return` gives the call up. */
  readonly answers: MessageQueue;
  /**
   * Resolves with the first message, or the end where there is none. Rejects with a ConnectError that was answered, with
   * a BrokenCallError, or with what `cancel` was given.
   */
  readonly header: Promise<Headers>;
  /** Complete when the messages have ended. */
  readonly trailer = new Headers();
  readonly #stream: ClientHttp2Stream;
  readonly #reader: FrameReader;
  readonly #options: StreamExchangeOptions;
  readonly #header = Promise.withResolvers<Headers>();
  #headers: IncomingHttpHeaders = {};
  #trailers: IncomingHttpHeaders | undefined;
  #isOver = false;
  #closeRequests = (): void => {};

  constructor(stream: ClientHttp2Stream, options: StreamExchangeOptions) {
    this.#stream = stream;
    this.#reader = new FrameReader(checkAnswerHead(options.maxBytes));
    this.#options = options;
    this.header = this.#header.promise;
    this.answers = new MessageQueue(stream, () => this.#giveUp());
    stream.on("response", (headers) => this.#onHeaders(headers));
    stream.on("trailers", (trailers) => {
      this.#trailers = trailers;
    });
    stream.on("data", (chunk: Buffer) => this.#onData(chunk));
    stream.on("end", () => this.#onStreamEnd());
    // What it is an error of shows in the code with which the stream closes.
    stream.on("error", () => {});
    stream.on("close", () => {
      if (!this.#isOver) this.#fail(describeBreak(stream));
    });
  }

  /** Sends all requests, then half-closes. Requests that fail end the call, with what `toError` makes of their error. */
  async send(requests: AsyncIterable<Uint8Array>, toError: (thrown: unknown) => unknown): Promise<void> {
    const iterator = requests[Symbol.asyncIterator]();
    this.#closeRequests = () => void iterator.return?.().catch(() => {});
    try {
      for (;;) {
        const { done, value } = await iterator.next();
        if (done || this.#isOver) break;
        if (!this.#stream.write(frameMessage(value))) await untilDrained(this.#stream);
      }
      if (!this.#isOver) this.#stream.end();
    } catch (error) {
      this.cancel(toError(error));
    }
  }

  cancel(error: unknown): void {
    if (this.#isOver) return;
    this.#options.reset(graceOf(error));
    this.#fail(error);
  }

  /** Nobody reads the rest of the answer. */
  #giveUp(): void {
    if (this.#isOver) return;
    this.#options.reset(0);
    this.#finish();
  }

  #onHeaders(headers: IncomingHttpHeaders): void {
    this.#headers = headers;
    if (headers["grpc-status"] === undefined) this.#header.resolve(appendMetadata(headers, new Headers()));
  }

  #onData(chunk: Buffer): void {
    if (this.#isOver) return;
    try {
      this.#reader.read(chunk, (message) => this.answers.push(message));
    } catch (error) {
      this.cancel(error);
    }
  }

  #onStreamEnd(): void {
    const headers = this.#headers;
    const trailers = this.#trailers ?? headers;
    if (this.#isOver || isCutOff(this.#stream, headers, trailers)) return;
    const error = readStatus(headers, trailers);
    if (error !== undefined) this.#fail(error);
    else {
      appendMetadata(this.#trailers ?? {}, this.trailer);
      this.#header.resolve(appendMetadata(headers, new Headers()));
      this.#finish();
      this.answers.end();
    }
  }

  #fail(error: unknown): void {
    if (this.#isOver) return;
    this.#finish();
    // Where the header has been given, its promise has settled, and the messages tell of the error.
    this.#header.reject(error);
    this.header.catch(() => {});
    this.answers.fail(error);
  }

  #finish(): void {
    this.#isOver = true;
    this.#closeRequests();
    // What still comes is dropped.
    this.#stream.resume();
    this.#options.onEnd();
  }
}
