import { randomUUID } from "node:crypto";
import {
  type Epoch,
  type EpochLog,
  EpochOverError,
  QueueUnavailableError,
} from "../../../services/write-queue/write-queue.ts";
import type { QueuedCreate } from "./simulated-database.ts";

type QueuedRecord = { sequence: number; creates: readonly QueuedCreate[] };

/** A write queue in memory, as numbering sees it: its records wait for the writer, and epochs are among them. */
export class SimulatedQueue implements EpochLog {
  /** Whether it does not answer. */
  away = false;
  #records: QueuedRecord[] = [];
  #end = 0;
  readonly #epochs: Epoch[] = [];

  /** Every epoch that began, in order. */
  get epochs(): readonly Epoch[] {
    return this.#epochs;
  }

  async currentEpoch(): Promise<Epoch | undefined> {
    this.#check();
    return this.#epochs.at(-1);
  }

  async beginEpoch(after: number): Promise<Epoch | undefined> {
    this.#check();
    if (after !== (this.#epochs.at(-1)?.epoch ?? 0)) return undefined;
    const begun = { epoch: this.#append([]), life: randomUUID() };
    this.#epochs.push(begun);
    return begun;
  }

  async end(): Promise<number> {
    this.#check();
    return this.#end;
  }

  /** Stores a group's creates as one record. EpochOverError where they were numbered in an epoch that is over. */
  append(creates: readonly QueuedCreate[], epoch: number | undefined): number {
    this.#check();
    if (epoch !== undefined && epoch !== this.#epochs.at(-1)?.epoch) throw new EpochOverError(epoch);
    return this.#append(creates);
  }

  /** Takes the first records, all where it is not said how many, for the writer. */
  take(records = this.#records.length): readonly QueuedRecord[] {
    return this.#records.splice(0, records);
  }

  #check(): void {
    if (this.away) throw new QueueUnavailableError(new Error("the queue is away"));
  }

  #append(creates: readonly QueuedCreate[]): number {
    this.#records.push({ sequence: ++this.#end, creates });
    return this.#end;
  }
}
