import { create, toBinary } from "@bufbuild/protobuf";
import { type JetStreamClient, jetstream } from "@nats-io/jetstream";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { CreateMessagesSchema, RecordSchema, WriteSchema } from "../../gen/parley/queue/v1/record_pb.ts";
import { natsNames } from "../../services/write-queue/nats-names.ts";
import type { BenchParley } from "../installation/bench-parley.ts";
import { createdMessage } from "../load/workload.ts";

/** What a group of creates holds under load, about. */
const RECORD_MESSAGES = 256;
/** Records that are sent before the first of them is acknowledged. */
const WINDOW = 64;

/** Fills the write queue with messages as the api does, without it: groups of creates, each in one of some chats. */
export class QueuedMessages {
  readonly #client: NatsConnection;
  readonly #stream: JetStreamClient;
  readonly #subject: string;
  readonly #chats: number;
  readonly application: string;
  #sent = 0;

  private constructor(client: NatsConnection, { environment, tenant }: BenchParley, chats: number) {
    this.#client = client;
    this.#stream = jetstream(client);
    this.#subject = natsNames(environment.INSTALLATION!).writes;
    this.application = tenant.name.split("/")[1]!;
    this.#chats = chats;
  }

  /** @param chats how many there are, without messages; those with the numbers from 1 on are filled */
  static async open(parley: BenchParley, chats: number): Promise<QueuedMessages> {
    return new QueuedMessages(await connect({ servers: parley.environment.NATS_URL! }), parley, chats);
  }

  /** How many were sent so far: chat by chat they have the numbers 1, 2, … N. */
  get sent(): number {
    return this.#sent;
  }

  /** Resolves with the sequence of the last record once all are stored. */
  async send(count: number): Promise<number> {
    let last = 0;
    for (let left = count; left > 0; ) {
      const window: Promise<{ seq: number }>[] = [];
      for (; window.length < WINDOW && left > 0; left -= Math.min(left, RECORD_MESSAGES)) {
        window.push(this.#stream.publish(this.#subject, this.#record(Math.min(left, RECORD_MESSAGES))));
      }
      for (const { seq } of await Promise.all(window)) last = Math.max(last, seq);
    }
    return last;
  }

  async close(): Promise<void> {
    await this.#client.close();
  }

  #record(messages: number): Uint8Array {
    const writes = Array.from({ length: messages }, () => this.#write(this.#sent++));
    return toBinary(RecordSchema, create(RecordSchema, { writes }));
  }

  #write(index: number) {
    const chat = 1 + (index % this.#chats);
    const parent = `applications/${this.application}/chats/${chat}`;
    const messages = [createdMessage(parent, 1 + Math.floor(index / this.#chats))];
    const value = create(CreateMessagesSchema, { application: this.application, chat, messages });
    return create(WriteSchema, { kind: { case: "createMessages", value } });
  }
}
