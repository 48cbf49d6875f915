import { fromBinary } from "@bufbuild/protobuf";
import { RecordSchema, type Write } from "../../../gen/parley/queue/v1/record_pb.ts";
import type {
  AppendOptions,
  DeadLetter,
  QueueBacklog,
  QueueRecord,
  ReadLimit,
  WriteQueue,
} from "../../../services/write-queue/write-queue.ts";

/** A queue in memory whose appends take a turn of the event loop, and fail where the test says so. */
export class FakeQueue implements WriteQueue {
  readonly records: QueueRecord[] = [];
  /** How many appends are under way, and were at most. */
  inFlight = 0;
  mostInFlight = 0;
  /** The epoch that each append was for. */
  readonly epochs: (number | undefined)[] = [];
  readonly #outcome: () => Error | undefined;

  /** @param outcome asked for each append: the error that it fails with */
  constructor(outcome: () => Error | undefined = () => undefined) {
    this.#outcome = outcome;
  }

  /** The writes of each record. */
  get writes(): Write[][] {
    return this.records.map(({ data }) => fromBinary(RecordSchema, data).writes);
  }

  async append(data: Uint8Array, { epoch }: AppendOptions = {}): Promise<number> {
    this.epochs.push(epoch);
    this.mostInFlight = Math.max(this.mostInFlight, ++this.inFlight);
    const error = this.#outcome();
    await new Promise((resolve) => setImmediate(resolve));
    this.inFlight--;
    if (error) throw error;
    return this.records.push({ sequence: this.records.length + 1, data });
  }

  async read(after: number, { records }: ReadLimit, signal: AbortSignal): Promise<QueueRecord[]> {
    while (this.records.length <= after && !signal.aborted) await new Promise((resolve) => setImmediate(resolve));
    return this.records.slice(after, after + records);
  }

  async end(): Promise<number> {
    return this.records.length;
  }

  persisted(): void {}

  async trim(): Promise<number> {
    return 0;
  }

  async bury(): Promise<void> {}

  async deadLetters(): Promise<DeadLetter[]> {
    return [];
  }

  async dropDeadLetter(): Promise<boolean> {
    return false;
  }

  async backlog(): Promise<QueueBacklog> {
    return { records: this.records.length, bytes: 0 };
  }

  async close(): Promise<void> {}
}
