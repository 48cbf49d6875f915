import type { Logger } from "pino";
import { type Attributes, Op } from "sequelize";
import type { Database } from "../database/database.ts";
import { abortableDelay } from "../process/abortable-delay.ts";
import type { FactChangeRow } from "./fact-change-model.ts";
import { changeFromRow, type RecordedChange } from "./recorded-changes.ts";

export type FactChangeFollowerOptions = {
  database: Pick<Database, "factChanges">;
  /** How long facts are believed at most, in milliseconds: changes before may have been missed without harm. */
  ttlMs: number;
  log: Logger;
};

/** How often is read what changed, in milliseconds. */
const INTERVAL_MS = 400;
/** How long it is believed after a read began that nothing else changed, in milliseconds. */
const BELIEVED_MS = 1_000;
/**
 * How far each read goes back behind the one before, in milliseconds: a transaction may be committed that much after it
 * wrote down what it changes, and the clocks of processes may be that far apart.
 */
const OVERLAP_MS = 10_000;
/** Changes that are read, and told, at once. */
const PAGE = 1_000;

/** Tells a process what others wrote down as changed: of Redis, or of whether who changed it still runs, it needs nothing. */
export class FactChangeFollower {
  readonly #options: FactChangeFollowerOptions;
  readonly #stop = new AbortController();
  /** Changes that were told and will be read again, by their ids, with their times. */
  readonly #told = new Map<string, number>();
  /** From when on changes are read, by Date.now(). */
  #fromMs: number;
  /** When the last read that succeeded began, by performance.now(). */
  #readMs = Number.NEGATIVE_INFINITY;
  #isFailing = false;
  #running: Promise<void> | undefined;

  constructor(options: FactChangeFollowerOptions) {
    this.#options = options;
    this.#fromMs = Date.now() - options.ttlMs - OVERLAP_MS;
  }

  /** Whether every change until a second before `now`, by performance.now(), was told. */
  isCurrent(now: number): boolean {
    return now < this.#readMs + BELIEVED_MS;
  }

  /** From now on `forget` is told of changes, of each once, also of those that this process made. */
  start(forget: (changes: readonly RecordedChange[]) => void): void {
    this.#running = this.#follow(forget);
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #follow(forget: (changes: readonly RecordedChange[]) => void): Promise<void> {
    while (!this.#stop.signal.aborted) {
      await this.#read(forget).catch((err: Error) => this.#warn(err));
      await abortableDelay(INTERVAL_MS, this.#stop.signal);
    }
  }

  async #read(forget: (changes: readonly RecordedChange[]) => void): Promise<void> {
    const beganMs = performance.now();
    const nextFromMs = Date.now() - OVERLAP_MS;
    for (let after = { time: this.#fromMs, id: "" }; ; ) {
      const rows = await this.#page(after);
      const untold = rows.filter(({ id }) => !this.#told.has(id));
      if (untold.length > 0) forget(untold.map((row) => ({ id: row.id, change: changeFromRow(row) })));
      for (const { id, time } of untold) this.#told.set(id, time);
      if (rows.length < PAGE) break;
      after = rows.at(-1)!;
    }
    this.#fromMs = nextFromMs;
    for (const [id, time] of this.#told) if (time < nextFromMs) this.#told.delete(id);
    this.#readMs = beganMs;
    this.#isFailing = false;
  }

  #page({ time, id }: { time: number; id: string }): Promise<Attributes<FactChangeRow>[]> {
    return this.#options.database.factChanges.findAll({
      where: { time: { [Op.gte]: time }, [Op.or]: [{ time: { [Op.gt]: time } }, { id: { [Op.gt]: id } }] },
      order: [
        ["time", "ASC"],
        ["id", "ASC"],
      ],
      limit: PAGE,
      raw: true,
    });
  }

  /** Once until it is over. */
  #warn(err: Error): void {
    if (this.#isFailing || this.#stop.signal.aborted) return;
    this.#isFailing = true;
    this.#options.log.warn({ err }, "what changed cannot be read: what is known of callers counts for a second");
  }
}
