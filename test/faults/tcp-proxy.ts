import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

/** What a proxy does with what a server answers. */
type Passage = "pass" | "drop";

/** What is done about the answer to certain bytes of a client: it is passed on, or its connection is ended. */
export type Ambush = { isAwaited(bytes: Buffer): boolean; meet(): "pass" | "cut" };

/** A client's connection and that to the server. */
type Pair = { client: Socket; server: Socket; lossy: boolean };

/** A proxy on a free port that passes bytes on, and can be told not to. */
export class TcpProxy {
  readonly #listener: Server;
  readonly #pairs = new Set<Pair>();
  #target: number;
  #refuses = false;
  #answers: Passage = "pass";
  #ambush: Ambush | undefined;
  /** What clients sent and servers did not get yet, in its order; undefined where nothing is kept. */
  #held: { server: Socket; bytes: Buffer }[] | undefined;

  private constructor(target: number) {
    this.#target = target;
    this.#listener = createServer((client) => this.#accept(client));
  }

  /** @param target the server's port */
  static async open(target: number): Promise<TcpProxy> {
    const proxy = new TcpProxy(target);
    proxy.#listener.listen(0, "127.0.0.1");
    await once(proxy.#listener, "listening");
    return proxy;
  }

  get port(): number {
    return (this.#listener.address() as AddressInfo).port;
  }

  /** Cuts all connections; those that come go to another server. */
  retarget(target: number): void {
    this.#target = target;
    this.cut();
  }

  /** Ends all connections. */
  cut(): void {
    for (const pair of this.#pairs) end(pair);
  }

  /** Whether connections that come are ended at once; those that are open are cut. */
  refuse(refuses: boolean): void {
    this.#refuses = refuses;
    if (refuses) this.cut();
  }

  /** Loses what the server answers from now on. */
  dropAnswers(): void {
    this.#answers = "drop";
  }

  /** Passes answers on again; connections on which some were lost are ended. */
  passAnswers(): void {
    this.#answers = "pass";
    for (const pair of this.#pairs) if (pair.lossy) end(pair);
  }

  /** Keeps what clients send, until `passRequests`. */
  holdRequests(): void {
    this.#held = [];
  }

  /** Sends what was kept on its way, late. */
  passRequests(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const { server, bytes } of held) server.write(bytes);
  }

  /** Meets the first answer to certain bytes, and every further one; undefined ends that. */
  ambush(ambush: Ambush | undefined): void {
    this.#ambush = ambush;
  }

  async close(): Promise<void> {
    this.cut();
    this.#listener.close();
    await once(this.#listener, "close");
  }

  #accept(client: Socket): void {
    if (this.#refuses) {
      client.resetAndDestroy();
      return;
    }
    const server = connect(this.#target, "127.0.0.1");
    const pair = { client, server, lossy: false };
    let awaited = false;
    this.#pairs.add(pair);
    client.on("data", (bytes: Buffer) => {
      awaited ||= this.#ambush?.isAwaited(bytes) ?? false;
      if (this.#held) this.#held.push({ server, bytes });
      else server.write(bytes);
    });
    server.on("data", (bytes: Buffer) => {
      const met = awaited;
      awaited = false;
      if (met && this.#ambush?.meet() === "cut") end(pair);
      else if (this.#answers === "drop") pair.lossy = true;
      else client.write(bytes);
    });
    for (const socket of [client, server]) {
      socket.setNoDelay(true).on("error", () => undefined);
      socket.on("close", () => {
        end(pair);
        this.#pairs.delete(pair);
      });
    }
  }
}

function end({ client, server }: Pair): void {
  client.resetAndDestroy();
  server.resetAndDestroy();
}
