import type { Logger } from "pino";
import { repeatWithBackOff } from "../process/back-off.ts";
import type { SearchIndex } from "../search/search-index.ts";
import type { CommitMark } from "../write-queue/commit-mark.ts";
import type { Horizon } from "../writer/horizon.ts";
import type { ChangeFeed, ChangePage } from "./change-feed.ts";

/** How often the index is asked where it is while nothing changes: it may have been replaced or deleted. */
const LOOK_INTERVAL_MS = 1_000;

/** What the indexer works with. */
export type IndexerOptions = {
  feed: ChangeFeed;
  index: SearchIndex;
  horizon: Horizon;
  log: Logger;
  /**
   * How long an index may be ahead of the database, in milliseconds, before it is taken to belong to a state that was
   * lost, and is made anew. A database that failed over to a copy that was behind catches up. Default 0.
   */
  aheadMaxMs?: number;
};

/**
 * The loop that brings the search index up to where the writer is. The index may be away for as long as it likes; where
 * it was replaced or deleted, it is fed from where it is then. Several processes may feed the same index.
 */
export class Indexer {
  readonly #options: IndexerOptions;
  readonly #stop = new AbortController();
  #running: Promise<void> | undefined;
  #position: CommitMark = 0;
  /** Whether the index has to be asked where it is. */
  #isUnsure = true;
  /** What follows a mark, which is read while what lies before it is applied. */
  #next: { after: CommitMark; page: Promise<ChangePage> } | undefined;
  /** Since when the index was seen ahead of the database. */
  #aheadSince: number | undefined;

  constructor(options: IndexerOptions) {
    this.#options = options;
  }

  /** The mark up to which the index is fed, as far as known. */
  get position(): CommitMark {
    return this.#position;
  }

  /** Begins, once. */
  start(): void {
    const step = () => this.#step();
    this.#running = repeatWithBackOff(step, this.#stop.signal, (error, waitMs) => {
      this.#isUnsure = true;
      this.#next = undefined;
      this.#options.log.error({ err: error, waitMs }, "the indexer cannot go on; it will try again");
    });
  }

  /** Resolves when the step under way is over. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
    await this.#next?.page.catch(() => undefined);
  }

  async #step(): Promise<void> {
    if (this.#isUnsure) this.#position = await this.#resume();
    this.#isUnsure = !(await this.#isBehind());
    if (this.#isUnsure) return;
    const after = this.#position;
    const { changes, position: upTo } = await this.#read(after);
    this.#position = await this.#options.index.apply(changes, { after, upTo });
  }

  /** What follows a mark. What follows that is read from now on, where there is more. */
  async #read(after: CommitMark): Promise<ChangePage> {
    const { feed, horizon } = this.#options;
    const read = (from: CommitMark) => feed.read(from, horizon.position);
    const page = await (this.#next?.after === after ? this.#next.page : read(after));
    this.#next = undefined;
    if (page.position < horizon.position) {
      this.#next = { after: page.position, page: read(page.position) };
      // It is awaited later; until then nobody else hears of its failure.
      this.#next.page.catch(() => undefined);
    }
    return page;
  }

  /** Whether there is something to index; waits for it, for as long as the index need not be asked again. */
  async #isBehind(): Promise<boolean> {
    const patience = AbortSignal.timeout(LOOK_INTERVAL_MS);
    try {
      await this.#options.horizon.passed(this.#position, AbortSignal.any([this.#stop.signal, patience]));
      return true;
    } catch (error) {
      if (patience.aborted && !this.#stop.signal.aborted) return false;
      throw error;
    }
  }

  /** Where the index is. One that stays ahead of the database begins anew. */
  async #resume(): Promise<CommitMark> {
    const { feed, index, horizon, log, aheadMaxMs = 0 } = this.#options;
    const position = await index.position();
    // What this process knows of the writer may be older than what another one has indexed.
    if (position <= horizon.position || position <= (await feed.end())) {
      this.#aheadSince = undefined;
      return position;
    }
    this.#aheadSince ??= performance.now();
    if (performance.now() - this.#aheadSince < aheadMaxMs) return position;
    log.warn({ mark: position }, "the search index is ahead of the database, as after a restore; it is made anew");
    await index.reset();
    this.#aheadSince = undefined;
    return 0;
  }
}
