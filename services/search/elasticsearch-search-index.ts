import type { Client } from "@elastic/elasticsearch";
import type { Logger } from "pino";
import { type ElasticsearchSettings, openElasticsearchClient } from "../elasticsearch/elasticsearch-client.ts";
import { answered, ElasticsearchFailure } from "../elasticsearch/elasticsearch-failure.ts";
import { Turns } from "../process/turns.ts";
import type { Settings } from "../settings/settings.ts";
import type { CommitMark } from "../write-queue/commit-mark.ts";
import { IndexGenerations } from "./elasticsearch-index-generations.ts";
import { asSearchIndexFailure } from "./elasticsearch-search-failure.ts";
import { cursorOf, SEARCH_TIMEOUT_MS, type SearchAnswer, searchBody } from "./elasticsearch-search-query.ts";
import { applyChanges } from "./elasticsearch-search-writes.ts";
import { formatCursor, parseCursor, type SearchCursor } from "./search-cursor.ts";
import type { ChangeSpan, SearchChanges, SearchHit, SearchIndex, SearchRequest } from "./search-index.ts";

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
 * Opens the search index at ELASTICSEARCH_URL, and makes it where there is none. Elasticsearch may be down: then that
 * is done when it is used.
 *
 * @throws IndexVersionError where the index is of another version of Parley
 */
export async function openElasticsearchIndex(
  settings: ElasticsearchSettings & Pick<Settings, "INSTALLATION">,
  log: Logger,
): Promise<ElasticsearchSearchIndex> {
  const client = await openElasticsearchClient(settings);
  const index = new ElasticsearchSearchIndex({ client, installation: settings.INSTALLATION, log });
  try {
    await index.position();
  } catch (error) {
    const { cause } = error as Error;
    if (cause instanceof ElasticsearchFailure) {
      log.warn({ err: cause }, "the search index cannot be used yet");
      return index;
    }
    await index.close();
    throw cause ?? error;
  }
  return index;
}

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
  readonly #log: Logger;
  readonly #refresh: boolean;
  /** The owners are the applications. */
  readonly #turns = new Turns({ atOnce: SEARCHES_AT_ONCE, maxWaiting: MAX_WAITING_SEARCHES });

  constructor({ client, installation, log, refresh = false }: ElasticsearchSearchIndexOptions) {
    this.#client = client;
    this.#generations = new IndexGenerations(client, installation);
    this.#log = log;
    this.#refresh = refresh;
  }

  /** Resolves where the index can be searched now; makes none. SearchIndexError. */
  check(): Promise<void> {
    return asSearchIndexFailure(async () => {
      const found = await this.#generations.find();
      if (!found) throw new ElasticsearchFailure(`Elasticsearch has no index ${this.#generations.alias}`);
    });
  }

  position(): Promise<CommitMark> {
    return asSearchIndexFailure(async () => (await this.#generations.current()).position);
  }

  /**
   * The change mark up to which every index is fed, also one that is being made. What was deleted before it, the
   * database may forget.
   */
  lowestPosition(): Promise<CommitMark> {
    return asSearchIndexFailure(async () => {
      // The next one first: it may become the current one in between.
      const next = await this.#generations.next();
      const current = await this.#generations.current();
      return Math.min(next?.position ?? current.position, current.position);
    });
  }

  apply(changes: SearchChanges, { after, upTo }: ChangeSpan): Promise<CommitMark> {
    return asSearchIndexFailure(async () => {
      const { index, position } = await this.#generations.current();
      if (position < after || position >= upTo) return position;
      const { signal } = this.#stop;
      await applyChanges(
        { client: this.#client, index, log: this.#log, refresh: this.#refresh, signal },
        changes,
        upTo,
      );
      return upTo;
    });
  }

  reset(): Promise<void> {
    return asSearchIndexFailure(() => this.#generations.replaceCurrent());
  }

  async search(request: SearchRequest, signal?: AbortSignal): Promise<SearchHit[]> {
    const cursor = parseCursor(request);
    return this.#turns.take(
      request.application,
      () => asSearchIndexFailure(() => this.#search(request, cursor, signal)),
      signal,
    );
  }

  /** Ends what is under way, and the client. */
  async close(): Promise<void> {
    this.#stop.abort();
    await this.#client.close();
  }

  async #search(request: SearchRequest, cursor: SearchCursor, signal: AbortSignal | undefined): Promise<SearchHit[]> {
    const body = { index: this.#generations.alias, ...searchBody(request, cursor) };
    const options = { requestTimeout: SEARCH_TIMEOUT_MS, ...(signal !== undefined && { signal }) };
    const answer = this.#client.search(body, options) as Promise<SearchAnswer>;
    const { hits, timed_out: timedOut } = await answered(answer, signal);
    if (timedOut) throw new ElasticsearchFailure("the search took too long");
    return (hits?.hits ?? []).map(({ sort }) => {
      const place = cursorOf(request, sort);
      return { number: place.number, cursor: formatCursor(place) };
    });
  }
}
