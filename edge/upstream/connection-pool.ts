import { abortableDelay } from "../../services/process/abortable-delay.ts";
import { Connection, type ConnectionOptions, type ServerState } from "./connection.ts";
import { type Endpoint, formatEndpoint, resolveEndpoints } from "./endpoint.ts";

/**
 * What there is to tell of a server: its state; that its name does not have its address any more (`gone`); of a name that
 * could not be looked up, that it can be (`found`).
 */
type ServerNews = ServerState | "gone" | "found";

export type ConnectionPoolOptions = ConnectionOptions & {
  /** `host:port`s; a name stands for all addresses that it has at the time. */
  addresses: readonly string[];
  /** Between two look-ups of the names, in milliseconds. Default: 5,000. */
  resolveIntervalMs?: number;
  /** Finds the servers of a `host:port`. Default: by the system's names. */
  resolve?: (target: string) => Promise<Endpoint[]>;
  /** Told of each change. `error` is why a server is away, or why a name has no address. */
  onNews?: (address: string, news: ServerNews, error?: unknown) => void;
};

/** How a server is ranked for a call: the least first, and among equals the one with fewest calls under way. */
const RANKS: Readonly<Record<ServerState, number>> = { serving: 0, refusing: 2, silent: 4, away: 6 };

/** The servers that calls can go to, each behind a connection. */
export class ConnectionPool {
  readonly #options: ConnectionPoolOptions;
  /** By address. */
  readonly #connections = new Map<string, Connection>();
  /** The same, as the hot path goes through them. */
  #list: readonly Connection[] = [];
  #turn = 0;
  readonly #waiting = new Set<() => void>();
  readonly #closed = new AbortController();

  constructor(options: ConnectionPoolOptions) {
    this.#options = options;
    for (const target of options.addresses) void this.#followName(target);
  }

  /**
   * The connection that the next call should take; undefined where there is none. One to a server that does not serve, or
   * is silent, is better than none: what it says of itself may be wrong for this call.
   *
   * @param avoided is taken only where all others are worse
   */
  pick(avoided?: Connection): Connection | undefined {
    const list = this.#list;
    let best: Connection | undefined;
    let bestRank = RANKS.away;
    this.#turn++;
    for (let i = 0; i < list.length; i++) {
      const connection = list[(this.#turn + i) % list.length]!;
      const rank = RANKS[connection.state] + (connection === avoided ? 1 : 0);
      if (rank > bestRank || (rank === bestRank && connection.inFlight >= (best?.inFlight ?? 0))) continue;
      best = connection;
      bestRank = rank;
    }
    return best;
  }

  /** Resolves after a change of a server's state, or after so many milliseconds. */
  nextChange(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#waiting.delete(done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      this.#waiting.add(done);
    });
  }

  /** Calls that are under way, or wait for a server. */
  load(): number {
    let calls = this.#waiting.size;
    for (const { inFlight } of this.#list) calls += inFlight;
    return calls;
  }

  /** Whether a server says that it takes calls. */
  isServing(): boolean {
    return this.#list.some(({ state }) => state === "serving");
  }

  /** By address. */
  states(): Record<string, ServerState> {
    return Object.fromEntries([...this.#connections].map(([address, { state }]) => [address, state]));
  }

  close(): void {
    this.#closed.abort();
    for (const connection of this.#list) connection.close();
  }

  /** Follows the addresses of a name. Those that it had are kept while it cannot be looked up. */
  async #followName(target: string): Promise<void> {
    const { signal } = this.#closed;
    const { resolve = resolveEndpoints, resolveIntervalMs = 5_000, onNews } = this.#options;
    let known: readonly string[] = [];
    let isLost = false;
    while (!signal.aborted) {
      try {
        const endpoints = await resolve(target);
        if (signal.aborted) return;
        const addresses = endpoints.map(formatEndpoint);
        for (const endpoint of endpoints) this.#add(endpoint);
        for (const gone of known) if (!addresses.includes(gone)) this.#remove(gone);
        known = addresses;
        if (isLost) onNews?.(target, "found");
        isLost = false;
      } catch (error) {
        isLost = true;
        onNews?.(target, "away", error);
      }
      await abortableDelay(resolveIntervalMs, signal);
    }
  }

  #add(endpoint: Endpoint): void {
    const address = formatEndpoint(endpoint);
    if (this.#connections.has(address)) return;
    const connection = new Connection(endpoint, this.#options, (state, error) => {
      this.#options.onNews?.(address, state, error);
      for (const wake of [...this.#waiting]) wake();
    });
    this.#connections.set(address, connection);
    this.#list = [...this.#connections.values()];
  }

  #remove(address: string): void {
    this.#connections.get(address)?.retire();
    this.#connections.delete(address);
    this.#list = [...this.#connections.values()];
    this.#options.onNews?.(address, "gone");
  }
}
