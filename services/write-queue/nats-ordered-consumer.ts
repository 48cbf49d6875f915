import { AckPolicy, DeliverPolicy } from "@nats-io/jetstream";
import { createInbox, type Msg, type Subscription } from "@nats-io/transport-node";
import type { NatsStreamApi } from "./nats-stream-api.ts";
import type { QueueRecord, ReadLimit } from "./write-queue.ts";

/** What a consumer tells. */
export type ConsumerEvents = {
  /** The next record. */
  onRecord: (record: QueueRecord) => void;
  /** The records of a pull have come, as many as there will be. */
  onPulled: () => void;
  /** It gives no more records, and is closed: the connection is lost, the consumer gone, or a record was missed. */
  onFailed: (error: Error) => void;
};

const NANOS_PER_MS = 1_000_000;
/** How long a pull waits for records at the server. */
const PULL_MS = 30_000;
/** How often the server says that it still waits. */
const HEARTBEAT_MS = 2_000;
/** The server forgets a consumer of which it hears nothing for so long. */
const INACTIVE_MS = 120_000;

const STATUS = { heartbeat: 100, noMessages: 404, timeout: 408, conflict: 409 };

/**
 * A consumer of the server that gives every record of the stream once and in order, from a sequence on, without
 * acknowledgements. It lives as long as the connection; whoever reads makes another one then, where this one ended.
 */
export class NatsOrderedConsumer {
  readonly #api: NatsStreamApi;
  readonly #stream: string;
  readonly #name: string;
  readonly #events: ConsumerEvents;
  readonly #inbox = createInbox();
  readonly #subscription: Subscription;
  readonly #watch: NodeJS.Timeout;
  readonly #session: AbortSignal;
  #delivered = 0;
  /** How many records of the pull under way may come; 0 where there is none. */
  #expected = 0;
  #heardAt = 0;
  #closed = false;

  private constructor(api: NatsStreamApi, stream: string, name: string, events: ConsumerEvents) {
    this.#api = api;
    this.#stream = stream;
    this.#name = name;
    this.#events = events;
    this.#session = api.link.session;
    this.#subscription = api.link.client.subscribe(this.#inbox, {
      callback: (error, message) => this.#receive(error, message),
    });
    this.#watch = setInterval(() => this.#checkHeard(), HEARTBEAT_MS);
    this.#session.addEventListener("abort", this.#lost);
  }

  /** Makes a consumer from a sequence on. Rejects with QueueUnavailableError. */
  static async open(
    api: NatsStreamApi,
    stream: string,
    from: number,
    events: ConsumerEvents,
  ): Promise<NatsOrderedConsumer> {
    const { name } = await api.ask(({ consumers }) =>
      consumers.add(stream, {
        ack_policy: AckPolicy.None,
        deliver_policy: DeliverPolicy.StartSequence,
        opt_start_seq: from,
        inactive_threshold: INACTIVE_MS * NANOS_PER_MS,
        mem_storage: true,
        num_replicas: 1,
      }),
    );
    return new NatsOrderedConsumer(api, stream, name, events);
  }

  /** Whether records of a pull may still come. */
  get pulling(): boolean {
    return this.#expected > 0;
  }

  /** Asks for records, those there are and those to come, until the limit is reached or nothing came for long. */
  pull({ records, bytes }: Partial<ReadLimit> & { records: number }): void {
    this.#expected = records;
    this.#heardAt = Date.now();
    const options = {
      batch: records,
      ...(bytes !== undefined && { max_bytes: bytes }),
      expires: PULL_MS * NANOS_PER_MS,
      idle_heartbeat: HEARTBEAT_MS * NANOS_PER_MS,
    };
    const subject = `$JS.API.CONSUMER.MSG.NEXT.${this.#stream}.${this.#name}`;
    this.#api.link.client.publish(subject, JSON.stringify(options), { reply: this.#inbox });
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#watch);
    this.#session.removeEventListener("abort", this.#lost);
    this.#subscription.unsubscribe();
    if (this.#session.aborted) return;
    void this.#api.ask(({ consumers }) => consumers.delete(this.#stream, this.#name)).catch(() => undefined);
  }

  #receive(error: Error | null, message: Msg): void {
    this.#heardAt = Date.now();
    const place = error ? undefined : parsePlace(message.reply ?? "");
    if (error) this.#fail(error);
    else if (!place) this.#heed(message.headers?.code ?? 0, message.headers?.description ?? "");
    else if (place.delivered !== this.#delivered + 1) this.#fail(new Error("records were lost on the way from NATS"));
    else this.#deliver({ sequence: place.sequence, data: message.data });
  }

  #deliver(record: QueueRecord): void {
    this.#delivered++;
    this.#expected--;
    this.#events.onRecord(record);
    if (this.#expected === 0) this.#events.onPulled();
  }

  /** Heeds what the server says of the pull under way. */
  #heed(code: number, description: string): void {
    if (code === STATUS.heartbeat) return;
    const isLimit = code === STATUS.conflict && /maxbytes|batch completed/i.test(description);
    if (code === STATUS.noMessages || code === STATUS.timeout || isLimit) {
      this.#expected = 0;
      this.#events.onPulled();
    } else {
      this.#fail(new Error(`NATS ended a consumer: ${code} ${description}`));
    }
  }

  #checkHeard(): void {
    if (this.pulling && Date.now() - this.#heardAt > 3 * HEARTBEAT_MS) this.#fail(new Error("NATS is silent"));
  }

  readonly #lost = (): void => this.#fail(this.#session.reason);

  #fail(error: Error): void {
    if (this.#closed) return;
    this.close();
    this.#events.onFailed(error);
  }
}

/**
 * Where a record stands: its sequence in the stream, and the how manieth of its consumer it is. From the reply subject
 * of a delivery: `$JS.ACK.<stream>.<consumer>.<times delivered>.<sequence>.<consumer's sequence>.<time>.<pending>`,
 * with a domain and an account's hash after ACK where there are any.
 */
function parsePlace(reply: string): { sequence: number; delivered: number } | undefined {
  const tokens = reply.split(".");
  if (tokens[1] !== "ACK") return undefined;
  const start = tokens.length > 9 ? 6 : 4;
  return { sequence: Number(tokens[start + 1]), delivered: Number(tokens[start + 2]) };
}
