import type { ClientHttp2Session, ClientHttp2Stream, OutgoingHttpHeaders } from "node:http2";
import { formatTimeout } from "../../services/rpc/grpc-timeout.ts";
import { toRequestHeaders } from "./call-metadata.ts";
import type { Exchange, UnaryRequest } from "./exchange.ts";
import { Relay } from "./relay.ts";
import { StreamResets } from "./stream-resets.ts";
import { UnaryExchange } from "./unary-exchange.ts";

export type CallSessionOptions = {
  /** Of one message of an answer. */
  maxAnswerBytes: number;
  /** Told of each call that begins, by 1, and of each that the server has ended after it was given up, by -1. */
  onCount: (change: number) => void;
};

/** A session of HTTP/2 that calls go by: unary ones by a relay, where the server has those, others by streams of their own. */
export class CallSession {
  readonly #session: ClientHttp2Session;
  readonly #options: CallSessionOptions;
  readonly #resets = new StreamResets();
  #relay: Relay;

  constructor(session: ClientHttp2Session, options: CallSessionOptions) {
    this.#session = session;
    this.#options = options;
    this.#relay = this.#openRelay();
  }

  get isOpen(): boolean {
    return !this.#session.closed && !this.#session.destroyed;
  }

  /** Opens a stream for a call; undefined where the session takes no more. */
  open(headers: OutgoingHttpHeaders): ClientHttp2Stream | undefined {
    if (!this.isOpen) return undefined;
    const stream = this.#session.request(headers);
    this.#options.onCount(1);
    return stream;
  }

  /** Begins an attempt of a call; undefined where the session takes no more. */
  call(request: UnaryRequest, timeoutMs: number): Exchange | undefined {
    const relayed = this.#relay.call(request, timeoutMs);
    if (relayed === undefined) return this.#callByStream(request, timeoutMs);
    this.#options.onCount(1);
    return relayed;
  }

  /**
   * Gives up the call of a stream, which counts until the server has ended it.
   *
   * @param graceMs what it gets to end by itself
   */
  reset(stream: ClientHttp2Stream, graceMs: number): void {
    if (stream.closed) return;
    this.#options.onCount(1);
    stream.once("close", () => this.#options.onCount(-1));
    this.#resets.reset(stream, graceMs);
  }

  /** Opens another relay where the one that there was has ended; not where the server has none. */
  renewRelay(): void {
    if (this.#relay.isClosed && !this.#relay.isUnknown && this.isOpen) this.#relay = this.#openRelay();
  }

  /** Takes no more calls; those under way finish. */
  finish(): void {
    this.#session.close();
    this.#relay.finish();
  }

  #openRelay(): Relay {
    const { maxAnswerBytes: maxBytes, onCount } = this.#options;
    return new Relay(this.#session, { maxBytes, onGivenUp: onCount });
  }

  #callByStream({ path, metadata, message }: UnaryRequest, timeoutMs: number): Exchange | undefined {
    const headers = toRequestHeaders(path, metadata);
    headers["grpc-timeout"] = formatTimeout(timeoutMs);
    const stream = this.open(headers);
    if (stream === undefined) return undefined;
    const reset = (graceMs: number) => this.reset(stream, graceMs);
    return new UnaryExchange(stream, { request: message, maxBytes: this.#options.maxAnswerBytes, reset });
  }
}
