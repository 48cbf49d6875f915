import { addressIn, type ServerAddress } from "../address.ts";
import { type RealServerOf, startServer } from "../real-server.ts";
import type { ServerKind } from "../server-profiles.ts";

async function startShared(kind: ServerKind): Promise<RealServerOf<ServerKind>> {
  return startServer(kind);
}

/** Servers that are started when they are first asked for, one of a kind; those in the environment are not started. */
export class SharedServers {
  readonly #environment: NodeJS.ProcessEnv;
  readonly #started = new Map<ServerKind, Promise<RealServerOf<ServerKind>>>();

  constructor(environment: NodeJS.ProcessEnv) {
    this.#environment = environment;
  }

  /** @throws MissingServerError where it cannot be had here */
  async address(kind: ServerKind): Promise<ServerAddress> {
    const given = addressIn(this.#environment, kind);
    if (given) return given;
    const starting = this.#started.get(kind) ?? startShared(kind);
    this.#started.set(kind, starting);
    const { url, ...extra } = await starting;
    return "monitorUrl" in extra ? { url, monitorUrl: extra.monitorUrl } : { url };
  }

  /** Ends what was started. */
  async stop(): Promise<void> {
    const started = await Promise.allSettled(this.#started.values());
    await Promise.all(started.map((start) => start.status === "fulfilled" && start.value.stop()));
  }
}
