import type { Client } from "@elastic/elasticsearch";
import type { Logger } from "pino";
import { answered, ElasticsearchFailure } from "../elasticsearch/elasticsearch-failure.ts";
import type { IndexBuild } from "../indexer/index-rebuild.ts";
import { abortableDelay } from "../process/abortable-delay.ts";
import type { CommitMark } from "../write-queue/commit-mark.ts";
import { IndexGenerations } from "./elasticsearch-index-generations.ts";
import { findFedIndex } from "./elasticsearch-index-position.ts";
import { asSearchIndexFailure } from "./elasticsearch-search-failure.ts";
import { SEARCH_TIMEOUT_MS } from "./elasticsearch-search-query.ts";
import { applyChanges } from "./elasticsearch-search-writes.ts";
import type { ChangeSpan, SearchChanges } from "./search-index.ts";

/** No search that began before goes on for longer. */
const SEARCHES_END_MS = SEARCH_TIMEOUT_MS + 1_000;

/** What a build works with. */
export type IndexBuildOptions = {
  client: Client;
  /** The setting INSTALLATION. */
  installation: string;
  log: Logger;
  /** Ends what is under way; the index stays, for the next build to go on with. */
  signal: AbortSignal;
  /** How long an index stays after it was replaced, in milliseconds. Default: until no search can be in it. */
  graceMs?: number;
};

/** The index of an installation in Elasticsearch that is being made; where there is none, it is begun. */
export class ElasticsearchIndexBuild implements IndexBuild {
  readonly #options: IndexBuildOptions;
  readonly #generations: IndexGenerations;
  #index: string | undefined;

  constructor(options: IndexBuildOptions) {
    this.#options = options;
    this.#generations = new IndexGenerations(options.client, options.installation);
  }

  position(): Promise<CommitMark> {
    return asSearchIndexFailure(async () => (await this.#fed()).position);
  }

  positionInUse(): Promise<CommitMark> {
    return asSearchIndexFailure(() => this.#generations.positionInUse());
  }

  apply(changes: SearchChanges, { after, upTo }: ChangeSpan): Promise<CommitMark> {
    return asSearchIndexFailure(async () => {
      const { index, position } = await this.#fed();
      if (position < after || position >= upTo) return position;
      await applyChanges({ ...this.#options, index, refresh: false }, changes, upTo);
      return upTo;
    });
  }

  reset(): Promise<void> {
    return asSearchIndexFailure(async () => {
      const { index } = await this.#fed();
      this.#index = undefined;
      await this.#generations.delete(index);
    });
  }

  promote(): Promise<void> {
    return asSearchIndexFailure(async () => {
      const { index } = await this.#fed();
      await answered(this.#options.client.indices.refresh({ index }));
      try {
        await this.#generations.promote(index);
      } catch (error) {
        const current = await this.#generations.current();
        if (current.index !== index) throw error;
      }
    });
  }

  async removeOthers(): Promise<void> {
    const { signal, graceMs = SEARCHES_END_MS } = this.#options;
    await abortableDelay(graceMs, signal);
    signal.throwIfAborted();
    await asSearchIndexFailure(() => this.#generations.deleteOthers());
  }

  /** The index that was found or begun first, so that another one that is begun meanwhile is not taken for it. */
  async #fed(): Promise<{ index: string; position: CommitMark }> {
    const index = this.#index ?? (await this.#generations.beginNext()).index;
    this.#index = index;
    const fed = await findFedIndex(this.#options.client, index);
    if (fed === undefined) throw new ElasticsearchFailure("the index that was being made is gone; begin again");
    return fed;
  }
}
