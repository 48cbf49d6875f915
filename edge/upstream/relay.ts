import { type ClientHttp2Session, type ClientHttp2Stream, constants, type IncomingHttpHeaders } from "node:http2";
import {
  FRAME,
  LAST_ID,
  MAX_CALL_BYTES,
  MAX_CALLS,
  RELAY_PATH,
  type RelayFrame,
  sizeOfFrame,
} from "../../services/rpc/relay/relay-frame.ts";
import { formatCallHead, formatFields } from "../../services/rpc/relay/relay-head.ts";
import { RelayReader } from "../../services/rpc/relay/relay-reader.ts";
import { BATCH_BYTES, RelayWriter } from "../../services/rpc/relay/relay-writer.ts";
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
  /** Of the call before the first. Default: 0. */
  lastId?: number;
};

/** Many unary calls on one stream, for as long as the session lasts. */
export class Relay {
  readonly #stream: ClientHttp2Stream;
  readonly #writer: RelayWriter;
  readonly #options: RelayOptions;
  readonly #exchanges = new Map<number, RelayExchange>();
  #lastId: number;
  #isOpen = false;
  #status: string | undefined;

  constructor(session: ClientHttp2Session, options: RelayOptions) {
    this.#options = options;
    this.#lastId = options.lastId ?? 0;
    this.#stream = session.request(
      { ":method": "POST", ":path": RELAY_PATH, te: "trailers", "content-type": "application/grpc" },
      { endStream: false },
    );
    this.#writer = new RelayWriter(this.#stream);
    const longest = Math.max(BATCH_BYTES, options.maxBytes + HEAD_BYTES);
    const reader = new RelayReader(longest, (frame) => this.#take(frame));
    this.#stream.on("response", (headers) => this.#onHeaders(headers));
    this.#stream.on("trailers", (trailers) => this.#onStatus(trailers));
    this.#stream.on("data", (chunk: Buffer) => this.#read(reader, chunk));
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
    const isFull = this.#exchanges.size >= MAX_CALLS || this.#writer.backlog > MAX_BACKLOG_BYTES;
    if (!this.#isOpen || !this.#stream.writable || isFull) return undefined;
    const id = this.#nextId();
    const head = formatCallHead(path, timeoutMs, formatFields(metadata));
    const frame = { kind: FRAME.CALL, id, head, body: message };
    if (sizeOfFrame(frame) > MAX_CALL_BYTES) return undefined;
    this.#lastId = id;
    const exchange = new RelayExchange(this.#options.maxBytes, (isDeadline) => this.#giveUp(id, isDeadline));
    this.#exchanges.set(id, exchange);
    this.#writer.add(frame);
    return exchange;
  }

  /** The next that no call under way has. */
  #nextId(): number {
    let id = this.#lastId;
    do id = id === LAST_ID ? 1 : id + 1;
    while (this.#exchanges.has(id));
    return id;
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
    const isTaken = this.#status === undefined && Number(headers[":status"]) === 200;
    this.#isOpen = isTaken && this.#stream.writable;
  }

  #onStatus(fields: IncomingHttpHeaders): void {
    if (fields["grpc-status"] !== undefined) this.#status = String(fields["grpc-status"]);
  }

  #read(reader: RelayReader, chunk: Buffer): void {
    try {
      reader.push(chunk);
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
    const message = `the relay of the call was closed with code ${this.#stream.rstCode}`;
    const unsent = new Set(this.#writer.unsent.map(({ id }) => id));
    for (const [id, exchange] of this.#exchanges) {
      if (exchange.isOver) this.#options.onGivenUp(-1);
      else exchange.fail(new BrokenCallError(message, this.#status === "0" || unsent.has(id)));
    }
    this.#exchanges.clear();
  }
}
