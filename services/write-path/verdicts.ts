import { fromBinary } from "@bufbuild/protobuf";
import { type Applied, RecordSchema } from "../../gen/parley/queue/v1/record_pb.ts";
import type { WriteQueue } from "../write-queue/write-queue.ts";

const READ_RECORDS = 256;

/** Follows the write queue and hands the writer's verdicts to those who wait for them. */
export class Verdicts {
  readonly #queue: WriteQueue;
  readonly #waiting = new Map<string, (verdict: Applied) => void>();
  readonly #stop = new AbortController();
  #running: Promise<void> | undefined;

  constructor(queue: WriteQueue) {
    this.#queue = queue;
  }

  /** Begins at the end of the queue: a mutation's verdict follows it. */
  async start(): Promise<void> {
    this.#running = this.#follow(await this.#queue.end());
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  /** Resolves with the verdict on a mutation. To be called before the mutation is queued. */
  expect(id: string): Promise<Applied> {
    return new Promise((resolve) => this.#waiting.set(id, resolve));
  }

  /** Ends the wait for a mutation that was not queued. */
  forget(id: string): void {
    this.#waiting.delete(id);
  }

  async #follow(after: number): Promise<void> {
    let last = after;
    while (!this.#stop.signal.aborted) {
      const records = await this.#queue.read(last, READ_RECORDS, this.#stop.signal);
      for (const { sequence, data } of records) {
        if (this.#waiting.size > 0) this.#deliver(data);
        last = sequence;
      }
    }
  }

  #deliver(data: Uint8Array): void {
    for (const { kind } of fromBinary(RecordSchema, data).writes) {
      if (kind.case !== "applied") continue;
      this.#waiting.get(kind.value.id)?.(kind.value);
      this.#waiting.delete(kind.value.id);
    }
  }
}
