import type { Logger } from "pino";
import { Op } from "sequelize";
import type { Database } from "../database/database.ts";
import { removeRows } from "../database/remove-rows.ts";
import { abortableDelay } from "../process/abortable-delay.ts";
import type { CommitMark } from "../write-queue/commit-mark.ts";
import type { WriteQueue } from "../write-queue/write-queue.ts";
import { purge } from "./purge.ts";
import { recount } from "./recount.ts";

/** A request_id is forgotten an hour after it stopped counting, so that a clock that is set back does no harm. */
const REQUEST_GRACE_MS = 3_600_000;

/** What the scheduler works with; durations in milliseconds. */
export type SchedulerOptions = {
  database: Database;
  queue: WriteQueue;
  /** The mark up to which the search index is fed. */
  indexed: () => CommitMark | Promise<CommitMark>;
  log: Logger;
  countIntervalMs: number;
  requestTtlMs: number;
  /** How long verdicts and persisted records are kept. */
  retentionMs: number;
  /** What else a pass does, by name, until the signal aborts. Default: nothing. */
  otherDuties?: Record<string, (stop: AbortSignal) => Promise<unknown>>;
};

/** Does what time asks for: recounts, removes what was deleted, forgets what has expired. */
export class Scheduler {
  readonly #options: SchedulerOptions;
  readonly #stop = new AbortController();
  #running: Promise<void> | undefined;

  constructor(options: SchedulerOptions) {
    this.#options = options;
  }

  /** Begins to pass, once: now, and then again and again. */
  start(): void {
    this.#running = this.#loop();
  }

  /** Resolves when the duty under way is done. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  /** Does everything once. A duty that fails is logged, and keeps none of the others from being done. */
  async pass(): Promise<void> {
    const stop = this.#stop.signal;
    for (const [duty, perform] of Object.entries({ ...DUTIES, ...this.#otherDuties() })) {
      if (stop.aborted) return;
      try {
        await perform(this.#options, Date.now());
      } catch (err) {
        if (stop.aborted) return;
        this.#options.log.error({ err, duty }, "a duty of the scheduler failed; the next pass will try it again");
      }
    }
  }

  #otherDuties(): Record<string, () => Promise<unknown>> {
    const duties = Object.entries(this.#options.otherDuties ?? {});
    return Object.fromEntries(duties.map(([duty, perform]) => [duty, () => perform(this.#stop.signal)]));
  }

  async #loop(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      await this.pass();
      await abortableDelay(this.#options.countIntervalMs, this.#stop.signal);
    }
  }
}

const before = (timeMs: number) => ({ [Op.lt]: timeMs });

/** What a pass does, in this order. */
const DUTIES: Record<string, (options: SchedulerOptions, now: number) => Promise<unknown>> = {
  recount: ({ database }) => recount(database),
  purge: async ({ database, indexed }) => purge(database, await indexed()),
  forgetRequests: ({ database, requestTtlMs }, now) =>
    removeRows(database.createRequests, { createTime: before(now - requestTtlMs - REQUEST_GRACE_MS) }),
  forgetVerdicts: ({ database, retentionMs }, now) =>
    removeRows(database.outbox, { published: 1, createTime: before(now - retentionMs) }),
  forgetKeys: ({ database }, now) => removeRows(database.apiKeys, { expireTime: before(now) }),
  forgetSessions: ({ database }, now) => removeRows(database.sessions, { expireTime: before(now) }),
  // With them goes what was registered, and not confirmed in time.
  forgetMailTokens: ({ database }, now) => removeRows(database.mailTokens, { expireTime: before(now) }),
  forgetSigningKeys: ({ database }, now) => removeRows(database.signingKeys, { expireTime: before(now) }),
  trimQueue: ({ queue, retentionMs }, now) => queue.trim(now - retentionMs),
};
