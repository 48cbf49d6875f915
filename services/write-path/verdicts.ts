import type { Logger } from "pino";
import type { Applied } from "../../gen/parley/queue/v1/record_pb.ts";
import { repeatWithBackOff } from "../process/back-off.ts";
import { tooManyPending } from "../rpc/errors.ts";
import { READ_LIMIT, type WriteQueue } from "../write-queue/write-queue.ts";
import { verdictsIn } from "./record-verdicts.ts";

/** Follows the write queue and hands the writer's verdicts to those who wait for them. */
export class Verdicts {
  readonly #queue: WriteQueue;
  readonly #log: Logger;
  readonly #maxWaiting: number;
  readonly #waiting = new Map<string, (verdict: Applied) => void>();
  readonly #stop = new AbortController();
  #running: Promise<void> | undefined;
  /** The sequence of the last record read. */
  #last = 0;

  /** @param maxWaiting how many may wait for a verdict */
  constructor(queue: WriteQueue, log: Logger, maxWaiting: number) {
    this.#queue = queue;
    this.#log = log;
    this.#maxWaiting = maxWaiting;
  }

  /** Begins at the end of the queue: a mutation's verdict follows it. */
  async start(): Promise<void> {
    this.#last = await this.#queue.end();
    const step = () => this.#follow();
    this.#running = repeatWithBackOff(step, this.#stop.signal, (err, waitMs) => {
      this.#log.error({ err, waitMs }, "the write queue cannot be followed; it will be tried again");
    });
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  /**
   * Resolves with the verdict on a mutation. To be called before the mutation is queued.
   *
   * @throws RESOURCE_EXHAUSTED where too many wait
   */
  expect(id: string): Promise<Applied> {
    if (this.#waiting.size >= this.#maxWaiting) throw tooManyPending();
    return new Promise((resolve) => this.#waiting.set(id, resolve));
  }

  /** Ends a wait: the mutation was not queued, or its caller is gone. */
  forget(id: string): void {
    this.#waiting.delete(id);
  }

  async #follow(): Promise<void> {
    for (const { sequence, data } of await this.#queue.read(this.#last, READ_LIMIT, this.#stop.signal)) {
      if (this.#waiting.size > 0) this.#deliver(data);
      this.#last = sequence;
    }
  }

  #deliver(data: Uint8Array): void {
    for (const verdict of verdictsIn(data)) {
      this.#waiting.get(verdict.id)?.(verdict);
      this.#waiting.delete(verdict.id);
    }
  }
}
