import { randomUUID } from "node:crypto";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { type Record, RecordSchema } from "../../gen/parley/queue/v1/record_pb.ts";
import { SharedCall } from "../process/shared-call.ts";
import type { NatsNames } from "./nats-names.ts";
import type { NatsPublisher } from "./nats-publisher.ts";
import type { NatsStreamApi } from "./nats-stream-api.ts";
import { type Epoch, type EpochLog, QueueUnavailableError } from "./write-queue.ts";

const NO_ROOM =
  "NATS has no room for the record that begins an epoch: see that a writer runs and the database takes its writes, or " +
  "raise QUEUE_BYTES_MAX";

/** The epochs as records of the stream, on a subject of their own. */
export class NatsEpochLog implements EpochLog {
  readonly #names: NatsNames;
  readonly #publisher: NatsPublisher;
  readonly #current: SharedCall<Epoch | undefined>;

  constructor(api: NatsStreamApi, names: NatsNames, publisher: NatsPublisher) {
    this.#names = names;
    this.#publisher = publisher;
    this.#current = new SharedCall(async () => {
      const record = await api.last(names.stream, names.epochs);
      return record && { epoch: record.seq, life: lifeOf(fromBinary(RecordSchema, record.data)) };
    });
  }

  currentEpoch(): Promise<Epoch | undefined> {
    return this.#current.ask();
  }

  async beginEpoch(after: number): Promise<Epoch | undefined> {
    const { epochs: subject } = this.#names;
    const life = randomUUID();
    const data = toBinary(RecordSchema, recordOf(life));
    const answer = await this.#publisher.publish({ subject, data, id: life, fence: { subject, sequence: after } });
    if (answer.kind === "stored") return { epoch: answer.sequence, life };
    if (answer.kind === "full") throw new QueueUnavailableError(new Error(NO_ROOM));
    return undefined;
  }
}

function recordOf(life: string): Record {
  return create(RecordSchema, { writes: [{ kind: { case: "epoch", value: { life } } }] });
}

function lifeOf({ writes }: Record): string {
  const kind = writes[0]?.kind;
  if (kind?.case !== "epoch") throw new Error("a record on the subject of epochs is no epoch");
  return kind.value.life;
}
