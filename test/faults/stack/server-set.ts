import { isDeepStrictEqual } from "node:util";
import { type OptionsByKind, type RealServerOf, type ServerKind, startServer } from "../../servers/real-server.ts";

/** Servers that cases share, one of each kind; each is started when it is first asked for. */
export class ServerSet {
  readonly #options = new Map<ServerKind, unknown>();
  readonly #started = new Map<ServerKind, Promise<RealServerOf<ServerKind>>>();

  /** Rejects with MissingServerError where it cannot be had here. */
  get<K extends ServerKind>(kind: K, options: OptionsByKind[K] = {}): Promise<RealServerOf<K>> {
    const running = this.#started.get(kind);
    if (!running) this.#options.set(kind, options);
    const started = running ?? startServer(kind, options);
    this.#started.set(kind, started as Promise<RealServerOf<ServerKind>>);
    return started as Promise<RealServerOf<K>>;
  }

  /** The server that is shared, where it was started with these options, else one in its place that is. */
  async getWith<K extends ServerKind>(kind: K, options: OptionsByKind[K]): Promise<RealServerOf<K>> {
    const isSuch = this.#started.has(kind) && isDeepStrictEqual(this.#options.get(kind), options);
    return isSuch ? this.get(kind) : this.replace(kind, options);
  }

  /** Another server for the rest of a case, in place of the one that is shared, which ends. */
  async replace<K extends ServerKind>(kind: K, options: OptionsByKind[K]): Promise<RealServerOf<K>> {
    await this.drop(kind);
    return this.get(kind, options);
  }

  /** Ends a server, so that the next case gets another. */
  async drop(kind: ServerKind): Promise<void> {
    const started = this.#started.get(kind);
    this.#started.delete(kind);
    await (await started)?.stop();
  }

  async close(): Promise<void> {
    await Promise.all([...this.#started.keys()].map((kind) => this.drop(kind)));
  }
}
