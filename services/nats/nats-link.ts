import type { NatsConnection } from "@nats-io/transport-node";
import type { Logger } from "pino";
import { unlessAborted } from "../process/unless-aborted.ts";

/** The connection to NATS is lost; another is being made. */
export class NatsLostError extends Error {
  constructor() {
    super("the connection to NATS is lost");
    this.name = "NatsLostError";
  }
}

/**
 * A client of NATS that reconnects for ever, and tells one connection from the next: what was asked for over one that is
 * lost gets no answer.
 */
export class NatsLink {
  readonly client: NatsConnection;
  readonly #log: Logger;
  #session = new AbortController();
  #restored = Promise.withResolvers<void>();

  /** @param client connected */
  constructor(client: NatsConnection, log: Logger) {
    this.client = client;
    this.#log = log;
    void this.#follow();
  }

  /** Aborts, with a NatsLostError, when the connection of now is lost; aborted where there is none. */
  get session(): AbortSignal {
    return this.#session.signal;
  }

  /** Resolves as soon as there is a connection; rejects with the signal's reason where that aborts first. */
  async connected(signal: AbortSignal): Promise<void> {
    while (this.session.aborted) await unlessAborted(this.#restored.promise, signal);
  }

  /** Waits for the answer to what is asked over the connection of now. Rejects with NatsLostError where that is lost. */
  ask<T>(request: () => Promise<T>): Promise<T> {
    const { session } = this;
    return session.aborted ? Promise.reject(session.reason) : unlessAborted(request(), session);
  }

  async close(): Promise<void> {
    await this.client.close();
  }

  async #follow(): Promise<void> {
    for await (const status of this.client.status()) {
      if (status.type === "disconnect") this.#lose();
      else if (status.type === "reconnect") this.#restore();
      else if (status.type === "error") this.#log.warn({ err: status.error }, "NATS refused something");
    }
    this.#session.abort(new NatsLostError());
  }

  #lose(): void {
    if (this.session.aborted) return;
    this.#session.abort(new NatsLostError());
    this.#log.warn({ address: this.client.getServer() }, "the connection to NATS is lost; another is being made");
  }

  #restore(): void {
    this.#session.abort(new NatsLostError());
    this.#session = new AbortController();
    this.#log.info({ address: this.client.getServer() }, "connected to NATS again");
    this.#restored.resolve();
    this.#restored = Promise.withResolvers<void>();
  }
}
