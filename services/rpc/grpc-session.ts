import { constants, type ServerHttp2Session } from "node:http2";

/** Times of a connection, in milliseconds. */
export type GrpcSessionTimes = {
  /** Between two looks whether the other end is still there. Default: 60,000. */
  keepaliveMs?: number;
  /** How long it may take to answer that. Default: 20,000. */
  keepaliveTimeoutMs?: number;
  /** How long a connection may be without a call; looked at when it is asked whether it is there. Default: 900,000. */
  idleMs?: number;
};

/**
 * All requests of a connection that a handler has not read yet, so that one which does not read keeps the others from
 * coming only at 64 times a stream's window.
 */
const WINDOW_BYTES = 16_777_216;

/** Of answers that a connection does not read, at which it ends: some 80 of the largest. */
const UNREAD_BYTES_MAX = 268_435_456;

/** What a connection without a call gets to read the last frames when the server stops, in milliseconds. */
const FAREWELL_MS = 500;

/** A connection of HTTP/2: ended where the other end is gone, or has not called for long. */
export class GrpcSession {
  /** Address and port of the other end. */
  readonly peer: string;
  readonly #session: ServerHttp2Session;
  readonly #times: Required<GrpcSessionTimes>;
  /** Streams that carry calls. */
  relays = 0;
  #calls = 0;
  #unreadBytes = 0;
  #isStopping = false;
  #lastCallAt = performance.now();
  #pingTimeout: NodeJS.Timeout | undefined;

  constructor(session: ServerHttp2Session, times: GrpcSessionTimes) {
    this.#session = session;
    this.#times = { keepaliveMs: 60_000, keepaliveTimeoutMs: 20_000, idleMs: 900_000, ...times };
    const { remoteAddress = "unknown", remotePort } = session.socket;
    this.peer = remotePort === undefined ? remoteAddress : `${remoteAddress}:${remotePort}`;
    session.setLocalWindowSize(WINDOW_BYTES);
    const look = setInterval(() => this.#look(), this.#times.keepaliveMs).unref();
    // A session that breaks closes, too.
    session.on("error", () => {});
    session.on("close", () => {
      clearInterval(look);
      clearTimeout(this.#pingTimeout);
    });
  }

  begin(): void {
    this.#calls++;
  }

  end(): void {
    this.#calls--;
    if (this.#calls > 0) return;
    this.#lastCallAt = performance.now();
    if (this.#isStopping) this.#takeLeave();
  }

  /** An answer was given to its stream, where it waits to be read, or is gone from there. */
  addUnread(bytes: number): void {
    this.#unreadBytes += bytes;
    if (this.#unreadBytes > UNREAD_BYTES_MAX) this.#session.destroy(undefined, constants.NGHTTP2_ENHANCE_YOUR_CALM);
  }

  /** Takes no more calls, and ends when those under way are answered, also where the other end does not say a word. */
  stop(): void {
    this.#isStopping = true;
    this.#session.close();
    if (this.#calls === 0) this.#takeLeave();
  }

  #takeLeave(): void {
    setTimeout(() => this.#calls === 0 && this.#session.destroy(), FAREWELL_MS).unref();
  }

  #look(): void {
    if (this.#session.destroyed) return;
    const isIdle = this.#calls === 0 && performance.now() - this.#lastCallAt >= this.#times.idleMs;
    if (isIdle) this.#session.close();
    else this.#ping();
  }

  #ping(): void {
    clearTimeout(this.#pingTimeout);
    const timeout = setTimeout(() => this.#session.destroy(), this.#times.keepaliveTimeoutMs).unref();
    this.#pingTimeout = timeout;
    const wasSent = this.#session.ping((error) => {
      clearTimeout(timeout);
      if (error) this.#session.destroy();
    });
    if (!wasSent) this.#session.destroy();
  }
}
