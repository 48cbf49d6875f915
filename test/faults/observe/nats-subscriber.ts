import { setTimeout as delay } from "node:timers/promises";
import { type Consumer, DeliverPolicy, type JetStreamClient, jetstream } from "@nats-io/jetstream";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import type { Event } from "../history/history.ts";
import { EventReader } from "./event-reader.ts";

export type SubscriberOptions = {
  url: string;
  stream: string;
  /** Whether it begins anew after every few records, where it left off. */
  reconnects: boolean;
};

const FETCH = { max_messages: 256, expires: 1_000 };
const PAUSE_MS = 100;
const PATIENCE_MS = 30_000;

/** Reads the commit stream in order, as a subscriber does that goes on where it was when it loses its connection. */
export class NatsSubscriber {
  readonly #connection: NatsConnection;
  readonly #options: SubscriberOptions;
  readonly #jetstream: JetStreamClient;
  readonly #reader = new EventReader();
  readonly #reading: Promise<void>;
  #consumer: Consumer | undefined;
  /** The sequence of the last record. */
  #last = 0;
  #stopped = false;

  private constructor(connection: NatsConnection, options: SubscriberOptions) {
    this.#connection = connection;
    this.#options = options;
    this.#jetstream = jetstream(connection, { timeout: 2_000 });
    this.#reading = this.#read();
  }

  static async open(options: SubscriberOptions): Promise<NatsSubscriber> {
    const settings = { servers: options.url, maxReconnectAttempts: -1, reconnectTimeWait: PAUSE_MS };
    return new NatsSubscriber(await connect(settings), options);
  }

  /** When it saw that epochs of numbers begin. */
  get epochs(): readonly number[] {
    return this.#reader.epochs;
  }

  /** What it saw up to the stream's end as it is now. */
  async events(): Promise<Event[]> {
    const manager = await this.#jetstream.jetstreamManager();
    const { state } = await manager.streams.info(this.#options.stream);
    for (const limit = Date.now() + PATIENCE_MS; this.#last < state.last_seq; await delay(PAUSE_MS)) {
      if (Date.now() > limit)
        throw new Error(`a subscriber is at ${this.#last} of ${state.last_seq} and does not go on`);
    }
    return [...this.#reader.events];
  }

  async close(): Promise<void> {
    this.#stopped = true;
    await this.#connection.close();
    await this.#reading;
  }

  async #read(): Promise<void> {
    while (!this.#stopped) {
      try {
        await this.#readSome();
        if (this.#options.reconnects) this.#consumer = undefined;
      } catch {
        this.#consumer = undefined;
        await delay(PAUSE_MS);
      }
    }
  }

  async #readSome(): Promise<void> {
    const from = { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: this.#last + 1 };
    this.#consumer ??= await this.#jetstream.consumers.get(this.#options.stream, from);
    for await (const { seq: sequence, data } of await this.#consumer.fetch(FETCH)) {
      this.#reader.read({ sequence, data });
      this.#last = sequence;
    }
  }
}
