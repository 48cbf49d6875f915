import type { ClientHttp2Session } from "node:http2";
import { abortableDelay } from "../../services/process/abortable-delay.ts";
import { repeatWithBackOff } from "../../services/process/back-off.ts";
import { CallSession } from "./call-session.ts";
import type { Endpoint } from "./endpoint.ts";
import { type Health, type HealthWatchOptions, watchHealth } from "./health-watch.ts";
import { openSession } from "./session.ts";

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
  readonly #sessions = new Set<ClientHttp2Session>();
  #session: CallSession | undefined;
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

  /**
   * Begins a call, or an attempt of one, by what is given the session, until `finish`; undefined where there is no
   * connection that takes one.
   */
  begin<T>(by: (session: CallSession) => T | undefined): T | undefined {
    const begun = this.#session && by(this.#session);
    if (begun === undefined) return undefined;
    if (++this.#calls === (this.#options.maxCallsOfSession ?? MAX_CALLS_OF_SESSION)) this.#renew();
    return begun;
  }

  /** A call is over for its caller. */
  finish(): void {
    this.#inFlight--;
  }

  /** Takes no more calls; those under way finish. */
  retire(): void {
    this.#closed.abort();
  }

  /** Ends all that is under way. */
  close(): void {
    this.#closed.abort();
    for (const session of this.#sessions) session.destroy();
  }

  /** One session, from its opening until it takes no more calls. Rejects where it breaks. */
  async #stayConnected(): Promise<void> {
    const http2 = await openSession(this.endpoint, this.#options.ca, this.#closed.signal);
    const session = new CallSession(http2, { ...this.#options, onCount: (change) => this.#count(change) });
    const over = new AbortController();
    const end = () => {
      session.finish();
      over.abort();
    };
    http2.once("goaway", end).once("close", end);
    http2.once("close", () => this.#sessions.delete(http2));
    this.#closed.signal.addEventListener("abort", end);
    this.#sessions.add(http2);
    this.#calls = 0;
    this.#renew = end;
    try {
      await watchHealth(http2, this.#options, over.signal, (health) => this.#use(session, health));
    } finally {
      this.#closed.signal.removeEventListener("abort", end);
      this.#session = undefined;
      this.#set("away");
    }
    // A server that takes connections and closes them at once must not be asked in a loop.
    await abortableDelay(RECONNECT_MS, this.#closed.signal);
  }

  /** Calls go by a session from the first time that its server has answered. */
  #use(session: CallSession, health: Health): void {
    if (!session.isOpen || (health === "silent" && this.#session !== session)) return;
    this.#session = session;
    session.renewRelay();
    this.#set(health);
  }

  #count(change: number): void {
    this.#inFlight += change;
  }

  #set(state: ServerState, error?: unknown): void {
    if (state === this.#state && error === undefined) return;
    this.#state = state;
    if (!this.#closed.signal.aborted) this.#onState(state, error);
  }
}
