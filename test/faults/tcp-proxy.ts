import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

/** What a proxy does with what a server answers. */
type Passage = "pass" | "drop";

/** A client's connection and that to the server. */
type Pair = { client: Socket; server: Socket; lossy: boolean };

/** A proxy on a free port that passes bytes on, and can be told not to. */
export class TcpProxy {
  readonly #listener: Server;
  readonly #pairs = new Set<Pair>();
  #target: number;
  #refuses = false;
  #answers: Passage = "pass";
  #onRequest: (bytes: Buffer) => boolean = () => false;

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

  /** Ends a connection in place of the answer to bytes that `matches` says yes to; undefined ends that. */
  cutAnswerTo(matches: ((bytes: Buffer) => boolean) | undefined): void {
    this.#onRequest = matches ?? (() => false);
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
    let doomed = false;
    this.#pairs.add(pair);
    client.on("data", (bytes: Buffer) => {
      doomed ||= this.#onRequest(bytes);
      server.write(bytes);
    });
    server.on("data", (bytes: Buffer) => {
      if (doomed) end(pair);
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
