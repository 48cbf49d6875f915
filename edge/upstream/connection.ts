import type { ClientHttp2Session, ClientHttp2Stream, OutgoingHttpHeaders } from "node:http2";
import { abortableDelay } from "../../services/process/abortable-delay.ts";
import { repeatWithBackOff } from "../../services/process/back-off.ts";
import { formatTimeout } from "../../services/rpc/grpc-timeout.ts";
import { toRequestHeaders } from "./call-metadata.ts";
import type { Endpoint } from "./endpoint.ts";
import type { Exchange, UnaryRequest } from "./exchange.ts";
import { type Health, type HealthWatchOptions, watchHealth } from "./health-watch.ts";
import { Relay } from "./relay.ts";
import { openSession } from "./session.ts";
import { StreamResets } from "./stream-resets.ts";
import { UnaryExchange } from "./unary-exchange.ts";

/** What is known of a server: its health, or that there is no connection. */
export type ServerState = Health | "away";

export type ConnectionOptions = HealthWatchOptions & {
  /** With it, the connection uses TLS, and the server's certificate must be of this authority. */
  ca?: Buffer | undefined;
  /** Of one message of an answer. */
  maxAnswerBytes: number;
  /** Calls of one session of HTTP/2, which has numbers for 2^30 and then another takes over. Default: 2^29. */
  maxCallsOfSession?: number;
};

const MAX_CALLS_OF_SESSION = 2 ** 29;

/** From the end of a connection that was good to the next attempt. */
const RECONNECT_MS = 100;

/** The longest between two attempts: servers that are started anew should get calls soon. */
const MAX_BACK_OFF_MS = 1_000;

/** Told of each change of the state; `error` is why the server is away, where that is known. */
export type OnState = (state: ServerState, error?: unknown) => void;

/** A connection to one server, opened again, with back-off, as often as it breaks. */
export class Connection {
  readonly endpoint: Endpoint;
  readonly #options: ConnectionOptions;
  readonly #onState: OnState;
  readonly #closed = new AbortController();
  /** Also those that take no more calls and finish what they have. */
  readonly #sessions = new Map<ClientHttp2Session, StreamResets>();
  #session: ClientHttp2Session | undefined;
  #relay: Relay | undefined;
  /** Of this session. */
  #calls = 0;
  /** Lets the session finish its calls, and opens another for those that come. */
  #renew = (): void => {};
  #state: ServerState = "away";
  #inFlight = 0;

  constructor(endpoint: Endpoint, options: ConnectionOptions, onState: OnState) {
    this.endpoint = endpoint;
    this.#options = options;
    this.#onState = onState;
    void repeatWithBackOff(
      () => this.#stayConnected(),
      this.#closed.signal,
      (error) => this.#set("away", error),
      MAX_BACK_OFF_MS,
    );
  }

  get state(): ServerState {
    return this.#state;
  }

  /** Calls under way, those that were given up included until the server has ended them. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** Opens a stream for a call, until `finish`; undefined where there is no connection that takes one. */
  open(headers: OutgoingHttpHeaders): ClientHttp2Stream | undefined {
    const session = this.#session;
    if (session === undefined || !isOpen(session)) return undefined;
    const stream = session.request(headers);
    this.#count();
    return stream;
  }

  #count(): void {
    this.#inFlight++;
    if (++this.#calls === (this.#options.maxCallsOfSession ?? MAX_CALLS_OF_SESSION)) this.#renew();
  }

  /** Begins an attempt of a call, until `finish`; undefined where there is no connection that takes one. */
  call(request: UnaryRequest, timeoutMs: number): Exchange | undefined {
    const session = this.#session;
    if (session === undefined || !isOpen(session)) return undefined;
    const exchange = this.#relay?.call(request, timeoutMs);
    if (exchange !== undefined) {
      this.#count();
      return exchange;
    }
    const headers = toRequestHeaders(request.path, request.metadata);
    headers["grpc-timeout"] = formatTimeout(timeoutMs);
    const stream = this.open(headers)!;
    return new UnaryExchange(stream, {
      request: request.message,
      maxBytes: this.#options.maxAnswerBytes,
      reset: (graceMs) => this.reset(stream, graceMs),
    });
  }

  /** A call is over for its caller. */
  finish(): void {
    this.#inFlight--;
  }

  /**
   * Gives up the call of a stream, which counts until the server has ended it.
   *
   * @param graceMs what it gets to end by itself
   */
  reset(stream: ClientHttp2Stream, graceMs: number): void {
    if (stream.closed) return;
    this.#inFlight++;
    stream.once("close", () => this.finish());
    if (stream.session) this.#sessions.get(stream.session as ClientHttp2Session)?.reset(stream, graceMs);
  }

  /** Takes no more calls; those under way finish. */
  retire(): void {
    this.#closed.abort();
    for (const session of this.#sessions.keys()) session.close();
    this.#relay?.finish();
  }

  /** Ends all that is under way. */
  close(): void {
    this.#closed.abort();
    for (const session of this.#sessions.keys()) session.destroy();
  }

  /** One session, from its opening until it takes no more calls. Rejects where it breaks. */
  async #stayConnected(): Promise<void> {
    const session = await openSession(this.endpoint, this.#options.ca, this.#closed.signal);
    const over = new AbortController();
    const end = () => over.abort();
    session.once("goaway", end).once("close", end);
    session.once("close", () => this.#sessions.delete(session));
    this.#closed.signal.addEventListener("abort", end);
    this.#sessions.set(session, new StreamResets());
    this.#calls = 0;
    this.#renew = () => {
      session.close();
      end();
    };
    try {
      await watchHealth(session, this.#options, over.signal, (health) => this.#use(session, health));
    } finally {
      this.#closed.signal.removeEventListener("abort", end);
      this.#session = undefined;
      this.#relay?.finish();
      this.#relay = undefined;
      this.#set("away");
    }
    // A server that takes connections and closes them at once must not be asked in a loop.
    await abortableDelay(RECONNECT_MS, this.#closed.signal);
  }

  /** Calls go by a session from the first time that its server has answered. */
  #use(session: ClientHttp2Session, health: Health): void {
    if (!isOpen(session) || (health === "silent" && this.#session !== session)) return;
    this.#session = session;
    if (this.#relay === undefined || (this.#relay.isClosed && !this.#relay.isUnknown))
      this.#relay = this.#openRelay(session);
    this.#set(health);
  }

  #openRelay(session: ClientHttp2Session): Relay {
    const { maxAnswerBytes } = this.#options;
    const onGivenUp = (change: number) => {
      this.#inFlight += change;
    };
    return new Relay(session, { maxBytes: maxAnswerBytes, onGivenUp });
  }

  #set(state: ServerState, error?: unknown): void {
    if (state === this.#state && error === undefined) return;
    this.#state = state;
    if (!this.#closed.signal.aborted) this.#onState(state, error);
  }
}

function isOpen(session: ClientHttp2Session): boolean {
  return !session.closed && !session.destroyed;
}
