import type { Logger } from "pino";
import { Op } from "sequelize";
import type { Database } from "../database/database.ts";
import type { Indexer } from "../indexer/indexer.ts";
import { abortableDelay } from "../process/abortable-delay.ts";
import type { WriteQueue } from "../write-queue/write-queue.ts";
import { purge } from "./purge.ts";
import { recount } from "./recount.ts";

/** How long verdicts and persisted records are kept: an hour. */
const RETENTION_MS = 3_600_000;
/** A request_id is forgotten an hour after it stopped counting, so that a clock that is set back does no harm. */
const REQUEST_GRACE_MS = 3_600_000;

/** What the scheduler works with; durations in milliseconds. */
export type SchedulerOptions = {
  database: Database;
  queue: WriteQueue;
  indexer: Indexer;
  log: Logger;
  countIntervalMs: number;
  requestTtlMs: number;
};

/** Does what time asks for: recounts, removes what was deleted, forgets what has expired. */
export class Scheduler {
  readonly #options: SchedulerOptions;
  readonly #stop = new AbortController();
  #running: Promise<void> | undefined;

  constructor(options: SchedulerOptions) {
    this.#options = options;
  }

  start(): void {
    this.#running = this.#loop();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  /** Does everything once. */
  async pass(): Promise<void> {
    const { database, queue, indexer, requestTtlMs } = this.#options;
    const now = Date.now();
    await recount(database);
    await purge(database, indexer.position);
    const before = (time: number) => ({ [Op.lt]: time });
    await database.createRequests.destroy({ where: { createTime: before(now - requestTtlMs - REQUEST_GRACE_MS) } });
    await database.outbox.destroy({ where: { published: 1, createTime: before(now - RETENTION_MS) } });
    await database.apiKeys.destroy({ where: { expireTime: before(now) } });
    await queue.trim(now - RETENTION_MS);
  }

  async #loop(): Promise<void> {
    const { countIntervalMs, log } = this.#options;
    while (!this.#stop.signal.aborted) {
      await this.pass().catch((error) =>
        log.error({ err: error }, "a pass of the scheduler failed; the next will try again"),
      );
      await abortableDelay(countIntervalMs, this.#stop.signal);
    }
  }
}
