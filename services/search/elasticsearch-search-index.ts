import type { Client } from "@elastic/elasticsearch";
import type { Logger } from "pino";
import { answered, ElasticsearchFailure } from "../elasticsearch/elasticsearch-failure.ts";
import { Turns } from "../process/turns.ts";
import type { CommitMark } from "../write-queue/commit-mark.ts";
import { IndexGeneration } from "./elasticsearch-index-generation.ts";
import { IndexGenerations, IndexVersionError } from "./elasticsearch-index-generations.ts";
import { searchBody } from "./elasticsearch-search-query.ts";
import { formatCursor, NUMBERS_END, parseCursor, type SearchCursor } from "./search-cursor.ts";
import {
  type SearchChanges,
  type SearchHit,
  type SearchIndex,
  SearchIndexError,
  type SearchRequest,
} from "./search-index.ts";

const SEARCHES_AT_ONCE = 32;
const MAX_WAITING_SEARCHES = 1_000;

/** What the index works with. */
export type ElasticsearchSearchIndexOptions = {
  client: Client;
  /** The setting INSTALLATION, with which the names of its indices begin. */
  installation: string;
  log: Logger;
  /** Whether changes can be found as soon as they are applied, which is dear; else within a second, the default. */
  refresh?: boolean;
};

/**
 * The search index of an installation in Elasticsearch. Nothing is asked of the cluster before the first call, so it may
 * be down then and at any time. Several processes may feed the same index.
 *
 * Matches on whole words are the more relevant ones, and among equals the newer.
 */
export class ElasticsearchSearchIndex implements SearchIndex {
  readonly #client: Client;
  readonly #generations: IndexGenerations;
  readonly #stop = new AbortController();
  readonly #open: (index: string) => IndexGeneration;
  /** The owners are the applications. */
  readonly #turns = new Turns({ atOnce: SEARCHES_AT_ONCE, maxWaiting: MAX_WAITING_SEARCHES });
  #current: IndexGeneration | undefined;

  constructor({ client, installation, log, refresh = false }: ElasticsearchSearchIndexOptions) {
    this.#client = client;
    this.#generations = new IndexGenerations(client, installation);
    this.#open = (index) => new IndexGeneration(index, { client, log, refresh, signal: this.#stop.signal });
  }

  position(): Promise<CommitMark> {
    return stored(async () => {
      this.#current = this.#open(await this.#generations.current());
      return this.#current.position();
    });
  }

  /**
   * The change mark up to which every index is fed, that which is being made too. What was deleted before it may be
   * forgotten by the database.
   */
  lowestPosition(): Promise<CommitMark> {
    return stored(async () => {
      // The next one first: it may become the current one in between.
      const next = await this.#generations.next();
      const indices = new Set([...(next === undefined ? [] : [next]), await this.#generations.current()]);
      return Math.min(...(await Promise.all([...indices].map((index) => this.#open(index).position()))));
    });
  }

  apply(changes: SearchChanges, position: CommitMark): Promise<void> {
    return stored(async () => {
      this.#current ??= this.#open(await this.#generations.current());
      await this.#current.apply(changes, position);
    });
  }

  reset(): Promise<void> {
    return stored(async () => {
      this.#current = undefined;
      await this.#generations.replaceCurrent();
    });
  }

  async search(request: SearchRequest, signal?: AbortSignal): Promise<SearchHit[]> {
    const cursor = parseCursor(request);
    return this.#turns.take(request.application, () => stored(() => this.#search(request, cursor, signal)), signal);
  }

  /** Ends what is under way, and the client. */
  async close(): Promise<void> {
    this.#stop.abort();
    await this.#client.close();
  }

  async #search(request: SearchRequest, cursor: SearchCursor, signal: AbortSignal | undefined): Promise<SearchHit[]> {
    const first = await this.#find(request, cursor, request.limit, signal);
    const missing = request.limit - first.length;
    if (cursor.matchClass !== "whole" || missing === 0) return first;
    const partial: SearchCursor = { matchClass: "partial", number: NUMBERS_END };
    return [...first, ...(await this.#find(request, partial, missing, signal))];
  }

  async #find(
    request: SearchRequest,
    cursor: SearchCursor,
    limit: number,
    signal: AbortSignal | undefined,
  ): Promise<SearchHit[]> {
    const body = { index: this.#generations.alias, ...searchBody(request, cursor, limit) };
    const { hits, timed_out: timedOut } = await answered(
      this.#client.search(body, signal === undefined ? {} : { signal }),
      signal,
    );
    if (timedOut) throw new ElasticsearchFailure("the search took too long");
    return hits.hits.map(({ sort }) => {
      const number = Number(sort?.[0]);
      return { number, cursor: formatCursor({ matchClass: cursor.matchClass, number }) };
    });
  }
}

/** The outcome of work on the cluster; its failure as the port has it. */
async function stored<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ElasticsearchFailure || error instanceof IndexVersionError) throw new SearchIndexError(error);
    throw error;
  }
}
