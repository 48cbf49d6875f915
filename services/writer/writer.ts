import type { Logger } from "pino";
import type { Applied } from "../../gen/parley/queue/v1/record_pb.ts";
import type { FactChange, FactChanges } from "../facts/facts.ts";
import type { RecentMessages } from "../message/recent-messages.ts";
import type { Numbering } from "../numbering/numbering.ts";
import { repeatWithBackOff } from "../process/back-off.ts";
import { unlessAborted } from "../process/unless-aborted.ts";
import { type CommitMark, sequenceBefore } from "../write-queue/commit-mark.ts";
import type { WriteQueue } from "../write-queue/write-queue.ts";
import { BatchReader } from "./batch-reader.ts";
import { isDataError } from "./data-error.ts";
import { setAside } from "./dead-letter.ts";
import { factChangesOf, possibleChangesOf } from "./fact-changes.ts";
import type { Horizon } from "./horizon.ts";
import { counterOf, goneWith, recentChangesOf } from "./recent-changes.ts";
import { findUnpublishedVerdicts } from "./unpublished-verdicts.ts";
import { VerdictPublisher } from "./verdict-publisher.ts";
import { type WriteBatchOptions, writeBatch } from "./write-batch.ts";
import type { WriteUnit } from "./write-unit.ts";
import { PositionMovedError, type WriterPosition } from "./writer-position.ts";

/** What the writer works with. */
export type WriterOptions = WriteBatchOptions & {
  queue: WriteQueue;
  position: WriterPosition;
  horizon: Horizon;
  recents: RecentMessages;
  log: Logger;
  /** Told of what the writer changed that decisions rest on. */
  facts: FactChanges;
  /** Told of each write that was set aside. */
  onDeadLetter: () => void;
  /** Told of deletions that were judged, and of the record up to which everything is in the database. */
  numbering: Pick<Numbering, "remove" | "reopen" | "persisted">;
};

/** When verdicts that found the queue full are tried again, where no record comes before. */
const PUBLISH_AGAIN_MS = 200;

/** The loop that takes the write queue into the database, in order, and publishes the verdicts on mutations. */
export class Writer {
  readonly #options: WriterOptions;
  readonly #stop = new AbortController();
  readonly #publisher: VerdictPublisher;
  readonly #batches: BatchReader;
  #running: Promise<void> | undefined;
  /** Whether what is told agrees with the database: not at the start, nor after a commit that was not told of to its end. */
  #resumed = false;

  constructor(options: WriterOptions) {
    this.#options = options;
    this.#publisher = new VerdictPublisher(options.queue);
    this.#batches = new BatchReader(options);
  }

  /** Persists all that is in the queue, and publishes verdicts that were not; then the database is complete. */
  async drain(): Promise<void> {
    const { queue, horizon } = this.#options;
    await this.#resume();
    while (sequenceBefore(horizon.position) < (await queue.end())) await this.#step();
    this.#batches.close();
  }

  start(): void {
    const step = () => this.#step();
    this.#running = repeatWithBackOff(step, this.#stop.signal, (error, waitMs) => {
      this.#options.log.error({ err: error, waitMs }, "the writer cannot write; it will try again");
      if (error instanceof PositionMovedError) this.#resumed = false;
    });
  }

  /** Persists what is in the queue as far as it gets until `signal` aborts, and ends the loop. */
  async stop(signal: AbortSignal): Promise<void> {
    await this.#finish(signal).catch(() => undefined);
    this.#stop.abort();
    this.#batches.close();
    await this.#running;
  }

  async #finish(signal: AbortSignal): Promise<void> {
    const { queue, horizon } = this.#options;
    if (!signal.aborted) await horizon.reached(await unlessAborted(queue.end(), signal), signal);
  }

  /** Takes up the position and the verdicts as the database has them, and tells the verdicts. */
  async #resume(): Promise<void> {
    const { database, queue, position } = this.#options;
    const end = await position.load();
    const verdicts = await findUnpublishedVerdicts(database, queue, end, this.#stop.signal);
    await this.#mirror(verdicts, verdicts.flatMap(possibleChangesOf));
    this.#publisher.replace(verdicts);
    this.#advance(end);
    this.#resumed = true;
    await this.#publisher.publish();
  }

  async #step(): Promise<void> {
    if (!this.#resumed) await this.#resume();
    await this.#publisher.publish();
    const batch = await this.#batches.take(this.#options.horizon.position, this.#patience());
    if (!batch) return;
    if (batch.units.length > 0) await this.#apply(batch.units);
    else await this.#skip(batch.end);
  }

  /** How long to wait for records: while verdicts wait for room in a full queue, not for long. */
  #patience(): AbortSignal {
    if (this.#publisher.isDone) return this.#stop.signal;
    return AbortSignal.any([this.#stop.signal, AbortSignal.timeout(PUBLISH_AGAIN_MS)]);
  }

  /** Passes records that hold no write. */
  async #skip(end: CommitMark): Promise<void> {
    const { database, position, horizon } = this.#options;
    await database.sequelize.transaction((transaction) => position.move(horizon.position, end, transaction));
    this.#advance(end);
  }

  /** Applies units as one transaction; where the data of one is refused, halves until it stands alone. */
  async #apply(units: readonly WriteUnit[]): Promise<void> {
    try {
      await this.#commit(units);
    } catch (error) {
      if (!isDataError(error)) throw error;
      if (units.length === 1) return this.#bury(units[0]!, error as Error);
      const half = Math.ceil(units.length / 2);
      await this.#apply(units.slice(0, half));
      await this.#apply(units.slice(half));
    }
  }

  /** The position moves first: what another writer wrote already must not look like a conflict. */
  async #commit(units: readonly WriteUnit[]): Promise<void> {
    const { database, position, horizon, recents } = this.#options;
    const end = units.at(-1)!.end;
    const { verdicts, dropped, forgotten } = await database.sequelize.transaction(async (transaction) => {
      await position.move(horizon.position, end, transaction);
      return writeBatch(this.#options, units, transaction);
    });
    this.#resumed = false;
    await recents.change(dropped.map((chat) => goneWith(chat, end)));
    await this.#mirror(verdicts, forgotten);
    this.#advance(end);
    this.#publisher.add(verdicts);
    this.#resumed = true;
    await this.#publisher.publish();
  }

  /** Nobody may find the old state once a verdict is told. */
  async #mirror(verdicts: readonly Applied[], forgotten: readonly FactChange[]): Promise<void> {
    const { recents, numbering, facts } = this.#options;
    const changes = [...forgotten, ...verdicts.flatMap(factChangesOf)];
    if (changes.length > 0) await facts.forget(changes);
    await recents.change(verdicts.flatMap(recentChangesOf));
    for (const { outcome } of verdicts) {
      if (outcome.case === "deleted") await numbering.remove(counterOf(outcome.value));
    }
    const over = verdicts.filter(({ outcome }) => outcome.case === "deleted" || outcome.case === "refusal");
    await numbering.reopen(over.map(({ id }) => id));
  }

  async #bury(unit: WriteUnit, reason: Error): Promise<void> {
    const { log, onDeadLetter } = this.#options;
    await setAside(this.#options, unit, reason);
    this.#advance(unit.end);
    onDeadLetter();
    log.error({ err: reason, mark: unit.mark }, "a write was refused by the database and is now a dead letter");
  }

  #advance(end: CommitMark): void {
    const sequence = sequenceBefore(end);
    this.#options.queue.persisted(sequence);
    this.#options.numbering.persisted(sequence);
    this.#options.horizon.advance(end);
  }
}
