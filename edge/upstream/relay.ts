import { type ClientHttp2Session, type ClientHttp2Stream, constants, type IncomingHttpHeaders } from "node:http2";
import { FrameReader } from "../../services/rpc/grpc-frame.ts";
import { BATCH_BYTES, FrameWriter } from "../../services/rpc/relay/frame-writer.ts";
import {
  FRAME,
  MAX_CALL_BYTES,
  MAX_CALLS,
  RELAY_PATH,
  type RelayFrame,
  readFrames,
  sizeOfFrame,
} from "../../services/rpc/relay/relay-frame.ts";
import { formatCallHead, formatFields } from "../../services/rpc/relay/relay-head.ts";
import { BrokenCallError } from "./call-status.ts";
import type { UnaryRequest } from "./exchange.ts";
import { RelayExchange } from "./relay-exchange.ts";

/** What the other side has not taken, from which on calls take streams of their own. */
const MAX_BACKLOG_BYTES = 1_048_576;

/** Of the head of an answer, about. */
const HEAD_BYTES = 65_536;

const EMPTY = Buffer.alloc(0);

/** What servers of gRPC answer that know no relays. */
const UNIMPLEMENTED = "12";

export type RelayOptions = {
  /** Of the message of an answer. */
  maxBytes: number;
  /** A call that was given up counts until the server has answered it: told of its begin, 1, and its end, -1. */
  onGivenUp: (change: number) => void;
};

/** Many unary calls on one stream, for as long as the session lasts. */
export class Relay {
  readonly #stream: ClientHttp2Stream;
  readonly #writer: FrameWriter;
  readonly #reader: FrameReader;
  readonly #options: RelayOptions;
  readonly #exchanges = new Map<number, RelayExchange>();
  #lastId = 0;
  #isOpen = false;
  #status: string | undefined;

  constructor(session: ClientHttp2Session, options: RelayOptions) {
    this.#options = options;
    this.#stream = session.request(
      { ":method": "POST", ":path": RELAY_PATH, te: "trailers", "content-type": "application/grpc" },
      { endStream: false },
    );
    this.#writer = new FrameWriter(this.#stream);
    const longest = Math.max(BATCH_BYTES, options.maxBytes + HEAD_BYTES);
    this.#reader = new FrameReader((flags, length) => {
      if (flags !== 0 || length > longest) throw new Error("a message of a relay is compressed or too large");
    });
    this.#stream.on("response", (headers) => this.#onHeaders(headers));
    this.#stream.on("trailers", (trailers) => this.#onStatus(trailers));
    this.#stream.on("data", (chunk: Buffer) => this.#onData(chunk));
    this.#stream.on("end", () => this.#onEnd());
    // What it is an error of shows in the code with which the stream closes.
    this.#stream.on("error", () => {});
    this.#stream.on("close", () => this.#onClose());
  }

  /** Whether the server has no relays. */
  get isUnknown(): boolean {
    return this.#status === UNIMPLEMENTED;
  }

  get isClosed(): boolean {
    return this.#stream.closed || this.#stream.destroyed;
  }

  /** Sends a call; undefined where it must take a stream of its own. */
  call({ path, metadata, message }: UnaryRequest, timeoutMs: number): RelayExchange | undefined {
    if (!this.#isOpen || this.#exchanges.size >= MAX_CALLS || this.#writer.backlog > MAX_BACKLOG_BYTES)
      return undefined;
    const id = this.#lastId + 1;
    const frame = {
      kind: FRAME.CALL,
      id,
      head: formatCallHead(path, timeoutMs, formatFields(metadata)),
      body: message,
    };
    if (sizeOfFrame(frame) > MAX_CALL_BYTES) return undefined;
    this.#lastId = id;
    const exchange = new RelayExchange(this.#options.maxBytes, (isGone) => this.#giveUp(id, isGone));
    this.#exchanges.set(id, exchange);
    this.#writer.add(frame);
    return exchange;
  }

  /** Takes no more calls, and ends when those under way are answered. */
  finish(): void {
    this.#isOpen = false;
    if (this.#exchanges.size === 0 && this.#stream.writable) this.#writer.end();
  }

  #giveUp(id: number, isDeadline: boolean): void {
    this.#options.onGivenUp(1);
    // The server knows the deadline itself.
    if (!isDeadline) this.#writer.add({ kind: FRAME.CANCEL, id, head: "", body: EMPTY });
  }

  #onHeaders(headers: IncomingHttpHeaders): void {
    this.#onStatus(headers);
    this.#isOpen = this.#status === undefined && Number(headers[":status"]) === 200;
  }

  #onStatus(fields: IncomingHttpHeaders): void {
    if (fields["grpc-status"] !== undefined) this.#status = String(fields["grpc-status"]);
  }

  #onData(chunk: Buffer): void {
    try {
      this.#reader.push(chunk);
      for (let message = this.#reader.next(); message !== undefined; message = this.#reader.next()) {
        for (const frame of readFrames(message)) this.#take(frame);
      }
    } catch {
      this.#stream.close(constants.NGHTTP2_PROTOCOL_ERROR);
    }
  }

  #take(frame: RelayFrame): void {
    const exchange = this.#exchanges.get(frame.id);
    if (exchange === undefined) return;
    if (exchange.isOver) this.#options.onGivenUp(-1);
    else if (frame.kind === FRAME.REFUSAL) exchange.fail(new BrokenCallError("the server refused the call", true));
    else exchange.answerWith(frame);
    this.#exchanges.delete(frame.id);
    if (!this.#isOpen) this.finish();
  }

  /** The server has answered what it had begun; the stream closes, which tells of all other calls. */
  #onEnd(): void {
    this.#isOpen = false;
    if (this.#stream.writable) this.#writer.end();
  }

  /** A relay that ends well has answered all calls that were begun. */
  #onClose(): void {
    this.#isOpen = false;
    const isUntouched = this.#status === "0" || this.#status === UNIMPLEMENTED;
    const error = new BrokenCallError(
      `the relay of the call was closed with code ${this.#stream.rstCode}`,
      isUntouched,
    );
    for (const exchange of this.#exchanges.values()) {
      if (exchange.isOver) this.#options.onGivenUp(-1);
      else exchange.fail(error);
    }
    this.#exchanges.clear();
  }
}
