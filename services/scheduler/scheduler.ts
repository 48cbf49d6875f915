import type { Logger } from "pino";
import { Op } from "sequelize";
import type { Database } from "../database/database.ts";
import { removeRows } from "../database/remove-rows.ts";
import { removeRecorded } from "../facts/recorded-changes.ts";
import type { RecentMessages } from "../message/recent-messages.ts";
import { abortableDelay } from "../process/abortable-delay.ts";
import type { CommitMark } from "../write-queue/commit-mark.ts";
import type { WriteQueue } from "../write-queue/write-queue.ts";
import { NameErasure, type NameErasureOptions } from "./name-erasure.ts";
import { purge } from "./purge.ts";
import { recount } from "./recount.ts";

/** A request_id is forgotten an hour after it stopped counting, so that a clock that is set back does no harm. */
const REQUEST_GRACE_MS = 3_600_000;

/** What the scheduler works with; durations in milliseconds. */
export type SchedulerOptions = {
  database: Database;
  queue: WriteQueue;
  horizon: NameErasureOptions["horizon"];
  recents: RecentMessages;
  /** The mark up to which the search index is fed. */
  indexed: () => CommitMark | Promise<CommitMark>;
  log: Logger;
  countIntervalMs: number;
  requestTtlMs: number;
  /** How long verdicts and persisted records are kept. */
  retentionMs: number;
  /** How long any fact is believed at most. */
  factTtlMs: number;
  /** What else a pass does, by name. Default: nothing. */
  otherDuties?: Record<string, () => Promise<unknown>>;
};

/** A part of a pass at `now`, in milliseconds since 1970; it may end early where the signal aborts. */
type Duty = (options: SchedulerOptions & { erasure: NameErasure }, now: number, stop: AbortSignal) => Promise<unknown>;

/** Does what time asks for: recounts, erases names, removes what was deleted, forgets what has expired. */
export class Scheduler {
  readonly #options: SchedulerOptions;
  readonly #erasure: NameErasure;
  readonly #stop = new AbortController();
  #running: Promise<void> | undefined;

  constructor(options: SchedulerOptions) {
    this.#options = options;
    this.#erasure = new NameErasure(options);
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
    const options = { ...this.#options, erasure: this.#erasure };
    for (const [duty, perform] of Object.entries<Duty>({ ...DUTIES, ...options.otherDuties })) {
      if (stop.aborted) return;
      try {
        await perform(options, Date.now(), stop);
      } catch (err) {
        if (stop.aborted) return;
        options.log.error({ err, duty }, "a duty of the scheduler failed; the next pass will try it again");
      }
    }
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
const DUTIES: Record<string, Duty> = {
  recount: ({ database }) => recount(database),
  purge: async ({ database, indexed }) => purge(database, await indexed()),
  eraseNames: ({ erasure }, _now, stop) => erasure.pass(stop),
  forgetRequests: ({ database, requestTtlMs }, now) =>
    removeRows(database.createRequests, { createTime: before(now - requestTtlMs - REQUEST_GRACE_MS) }),
  forgetVerdicts: ({ database, retentionMs }, now) =>
    removeRows(database.outbox, { published: 1, createTime: before(now - retentionMs) }),
  forgetKeys: ({ database }, now) => removeRows(database.apiKeys, { expireTime: before(now) }),
  forgetSessions: ({ database }, now) => removeRows(database.sessions, { expireTime: before(now) }),
  // With them goes what was registered, and not confirmed in time.
  forgetMailTokens: ({ database }, now) => removeRows(database.mailTokens, { expireTime: before(now) }),
  forgetSigningKeys: ({ database }, now) => removeRows(database.signingKeys, { expireTime: before(now) }),
  forgetFactChanges: ({ database, factTtlMs }) => removeRecorded(database, factTtlMs),
  trimQueue: ({ queue, retentionMs }, now) => queue.trim(now - retentionMs),
};
