import type { ClientHttp2Stream, IncomingHttpHeaders } from "node:http2";
import { FrameReader, frameMessage } from "../../services/rpc/grpc-frame.ts";
import { checkAnswerHead } from "./answer-head.ts";
import { pickMetadata } from "./call-metadata.ts";
import { describeBreak, isCutOff, readStatus } from "./call-status.ts";
import type { Exchange, UnaryAnswer } from "./exchange.ts";
import { graceOf } from "./stream-resets.ts";

export type UnaryExchangeOptions = {
  /** A message. */
  request: Uint8Array;
  /** Of the answer. */
  maxBytes: number;
  /** Gives up the call of the stream, which gets so many milliseconds to end by itself. */
  reset: (graceMs: number) => void;
};

/** One attempt of a unary call on a stream of HTTP/2 of its own. */
export class UnaryExchange implements Exchange {
  readonly answer: Promise<UnaryAnswer>;
  readonly #stream: ClientHttp2Stream;
  readonly #reader: FrameReader;
  readonly #reset: (graceMs: number) => void;
  readonly #answer = Promise.withResolvers<UnaryAnswer>();
  #message: Buffer | undefined;
  #headers: IncomingHttpHeaders = {};
  #trailers: IncomingHttpHeaders | undefined;
  #isOver = false;

  constructor(stream: ClientHttp2Stream, { request, maxBytes, reset }: UnaryExchangeOptions) {
    this.#stream = stream;
    this.#reader = new FrameReader(checkAnswerHead(maxBytes));
    this.#reset = reset;
    this.answer = this.#answer.promise;
    stream.on("response", (headers) => {
      this.#headers = headers;
    });
    stream.on("trailers", (trailers) => {
      this.#trailers = trailers;
    });
    stream.on("data", (chunk: Buffer) => this.#onData(chunk));
    stream.on("end", () => this.#onEnd());
    // What it is an error of shows in the code with which the stream closes.
    stream.on("error", () => {});
    stream.on("close", () => {
      // Most calls are over by then, and an error costs more than all else here.
      if (!this.#isOver) this.#fail(describeBreak(stream));
    });
    stream.end(frameMessage(request));
  }

  cancel(error: unknown): void {
    if (this.#isOver) return;
    this.#reset(graceOf(error));
    this.#fail(error);
  }

  #fail(error: unknown): void {
    this.#isOver = true;
    this.#answer.reject(error);
  }

  #onData(chunk: Buffer): void {
    if (this.#isOver) return;
    try {
      this.#reader.push(chunk);
      const message = this.#reader.next();
      if (message === undefined) return;
      if (this.#message !== undefined) throw new Error("a call was answered with more than one message");
      this.#message = message;
    } catch (error) {
      this.cancel(error);
    }
  }

  #onEnd(): void {
    const headers = this.#headers;
    const trailers = this.#trailers ?? headers;
    if (this.#isOver || isCutOff(this.#stream, headers, trailers)) return;
    const error = readStatus(headers, trailers);
    if (error !== undefined) this.#fail(error);
    else if (this.#message === undefined) this.#fail(new Error("a call was answered without a message"));
    else {
      this.#isOver = true;
      const trailerFields = pickMetadata(this.#trailers ?? {});
      this.#answer.resolve({ message: this.#message, headers: pickMetadata(headers), trailers: trailerFields });
    }
  }
}
