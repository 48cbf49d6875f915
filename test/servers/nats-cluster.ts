import { freePort } from "./free-port.ts";
import { type RealServerOf, startServer } from "./real-server.ts";

const MEMBERS = ["one", "two", "three"];

/** What a member's monitor says of the streams that it has a copy of. */
type Copies = {
  account_details?: { stream_detail?: { name: string; cluster?: { leader?: string } }[] }[];
};

/** Three servers of NATS as one cluster. */
export class NatsCluster {
  readonly #servers: readonly RealServerOf<"nats">[];

  private constructor(servers: readonly RealServerOf<"nats">[]) {
    this.#servers = servers;
  }

  static async start(): Promise<NatsCluster> {
    const routes = await Promise.all(MEMBERS.map(() => freePort()));
    const started = MEMBERS.map((member, index) =>
      startServer("nats", { cluster: { member, port: routes[index]!, routes } }),
    );
    return new NatsCluster(await Promise.all(started));
  }

  get servers(): readonly RealServerOf<"nats">[] {
    return this.#servers;
  }

  /** The server that leads a stream, as one that is up says. */
  async leaderOf(stream: string): Promise<RealServerOf<"nats">> {
    const told = await Promise.any(this.#servers.map(({ monitorUrl }) => fetch(`${monitorUrl}/jsz?streams=true`)));
    const { account_details: accounts = [] } = (await told.json()) as Copies;
    const copies = accounts.flatMap(({ stream_detail: streams = [] }) => streams);
    const leader = copies.find(({ name }) => name === stream)?.cluster?.leader;
    const server = this.#servers[MEMBERS.indexOf(leader ?? "")];
    if (!server) throw new Error(`no server of the cluster leads ${stream}`);
    return server;
  }

  async stop(): Promise<void> {
    await Promise.all(this.#servers.map((server) => server.stop()));
  }
}
