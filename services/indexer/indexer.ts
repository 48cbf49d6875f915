import type { Logger } from "pino";
import { repeatWithBackOff } from "../process/back-off.ts";
import type { SearchIndex } from "../search/search-index.ts";
import type { CommitMark } from "../write-queue/commit-mark.ts";
import type { Horizon } from "../writer/horizon.ts";
import type { ChangeFeed } from "./change-feed.ts";

/** What the indexer works with. */
export type IndexerOptions = { feed: ChangeFeed; index: SearchIndex; horizon: Horizon; log: Logger };

/** The loop that brings the search index up to where the writer is. The index may be away for as long as it likes. */
export class Indexer {
  readonly #options: IndexerOptions;
  readonly #stop = new AbortController();
  #running: Promise<void> | undefined;
  #position: CommitMark | undefined;

  constructor(options: IndexerOptions) {
    this.#options = options;
  }

  /** The mark up to which the index is fed, as far as known. */
  get position(): CommitMark {
    return this.#position ?? 0;
  }

  /** Begins, once. */
  start(): void {
    const step = () => this.#step();
    this.#running = repeatWithBackOff(step, this.#stop.signal, (error, waitMs) => {
      this.#options.log.error({ err: error, waitMs }, "the indexer cannot go on; it will try again");
    });
  }

  /** Resolves when the step under way is over. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #step(): Promise<void> {
    const { feed, index, horizon } = this.#options;
    this.#position ??= await this.#resume();
    await horizon.passed(this.#position, this.#stop.signal);
    const { changes, position } = await feed.read(this.#position, horizon.position);
    await index.apply(changes, position);
    this.#position = position;
  }

  /** Where the index is. One that is ahead of the database belongs to a state that was lost: it begins anew. */
  async #resume(): Promise<CommitMark> {
    const { index, horizon, log } = this.#options;
    const position = await index.position();
    if (position <= horizon.position) return position;
    log.warn({ mark: position }, "the search index is ahead of the database, as after a restore; it is made anew");
    await index.reset();
    return 0;
  }
}
