import { isDeepStrictEqual } from "node:util";
import { parseApplicationName } from "../../services/aip/resource-name.ts";
import type { Database } from "../../services/database/database.ts";
import { ChangeFeed } from "../../services/indexer/change-feed.ts";
import { openMysqlDatabase } from "../../services/mysql/mysql-database.ts";
import { upsertWrite } from "../../services/search/elasticsearch-search-document.ts";
import {
  type SearchIndexNames,
  searchIndexNames,
  searchIndexTemplate,
} from "../../services/search/elasticsearch-search-mapping.ts";
import { chatKey } from "../../services/search/search-changes.ts";
import type { BenchCase, BenchContext, CaseResult, Sample } from "../bench-case.ts";
import { SearchedIndex } from "../check/searched-index.ts";
import { ratioAtLeast } from "../goals.ts";
import { type BenchParley, openBenchParley } from "../installation/bench-parley.ts";
import { compare } from "../measure/compare.ts";
import { measureCpu } from "../measure/cpu-time.ts";
import { SearchedTexts } from "../seed/searched-texts.ts";
import { type BulkDocument, ElasticsearchBulk } from "../yardsticks/elasticsearch-bulk.ts";

/** Of the default pace of 5 seconds: 200,000. */
const MESSAGES_PER_SECOND = 40_000;
/** A round takes long, so there are fewer of them: 3 by default. */
const ROUNDS_SHARE = 0.6;
/** The messages are shared out among chats by the hundred. */
const PART = 100;

/** All messages of a database as they are indexed. */
async function* documentsOf(feed: ChangeFeed): AsyncGenerator<BulkDocument> {
  const end = await feed.end();
  for (let after = 0; after < end; ) {
    const { changes, position } = await feed.read(after, end);
    for (const { address, version, document } of changes.upserts.map(upsertWrite)) {
      yield { action: { index: { ...address, version, version_type: "external" } }, document };
    }
    after = position;
  }
}

/** Both sides, on one server. */
class IndexedMessages {
  readonly #parley: BenchParley;
  readonly #feed: ChangeFeed;
  readonly #names: SearchIndexNames;
  readonly #index: SearchedIndex;
  readonly #bulk: ElasticsearchBulk;
  readonly #bare: string;
  readonly #sizes: readonly number[];
  readonly #count: number;

  constructor(parley: BenchParley, database: Database, sizes: readonly number[]) {
    const { INSTALLATION: installation, ELASTICSEARCH_URL: url } = parley.environment;
    this.#parley = parley;
    this.#feed = new ChangeFeed(database);
    this.#names = searchIndexNames(installation!);
    this.#index = new SearchedIndex(url!, this.#names.current);
    this.#bulk = new ElasticsearchBulk(url!);
    this.#bare = `${installation}-bare`;
    this.#sizes = sizes;
    this.#count = sizes.reduce((sum, size) => sum + size, 0);
  }

  /** Lets the indexer fill an index, from when it is made. */
  async fill(): Promise<Sample> {
    const end = await this.#feed.end();
    await this.#index.delete();
    await this.#index.made();
    const since = performance.now();
    const { cpuMicros } = await measureCpu(this.#parley.pids, () => this.#index.reached(end));
    const perOp = Object.entries(cpuMicros).map(([name, micros]) => [name, micros / this.#count]);
    const rate = (this.#count / (performance.now() - since)) * 1_000;
    return { rate, cpuMicrosPerOp: Object.fromEntries(perOp) };
  }

  async write(): Promise<Sample> {
    await this.#bulk.create(this.#bare, searchIndexTemplate(this.#names).template!);
    return this.#bulk.write(this.#bare, documentsOf(this.#feed));
  }

  /** Rejects where the two indices do not have the same documents, one for each message. */
  async check(): Promise<void> {
    const { application } = parseApplicationName(this.#parley.tenant.name, "name");
    const chats = this.#sizes.map((_, index) => chatKey({ application, chat: index + 1 }));
    const ours = await this.#bulk.sums(this.#names.current, chats);
    const theirs = await this.#bulk.sums(this.#bare, chats);
    const indexed = Object.values(ours).reduce((sum, { documents }) => sum + documents, 0);
    if (indexed !== this.#count) throw new Error(`of ${this.#count} messages, ${indexed} are indexed`);
    if (!isDeepStrictEqual(ours, theirs)) throw new Error("the index and the yardstick's have different documents");
  }

  /** Nobody makes the index again. */
  async remove(): Promise<void> {
    await this.#index.delete();
    await this.#bulk.delete(this.#bare);
  }
}

async function run({ pace, servers, tell }: BenchContext): Promise<CaseResult> {
  await using closing = new AsyncDisposableStack();
  const isMeasured = pace.scale === 1;
  await (isMeasured ? servers.getWith("elasticsearch", { isMeasured }) : servers.get("elasticsearch"));
  const count = PART * Math.ceil((MESSAGES_PER_SECOND * pace.seconds * pace.scale) / PART);
  const texts = new SearchedTexts({ messages: count, inChat: count / 10 });
  const chats = { sizes: texts.sizes, bodyOf: (chat: number, number: number) => texts.bodyOf(chat, number) };
  const parley = await openBenchParley({ servers, chats, counts: { writer: 0, indexer: 1 } });
  const address = { MYSQL_URL: parley.mysqlUrl, MYSQL_POOL_MAX: 3, MYSQL_TLS_CA_FILE: undefined };
  const database = await openMysqlDatabase(address);
  const both = new IndexedMessages(parley, database, texts.sizes);
  closing.defer(async () => {
    await database.close();
    await parley.close();
    await both.remove();
  });
  // The index of the indexer may have been begun before; and Elasticsearch compiles what it runs.
  await both.fill();
  await both.write();
  const measured = await compare({
    ...{ rounds: Math.ceil(pace.rounds * ROUNDS_SHARE), tell },
    ours: () => both.fill(),
    yardstick: () => both.write(),
  });
  await both.check();
  return { case: "index", unit: "messages/s", ...measured };
}

/** The indexer alone, from the beginning of a database. */
export const INDEX: BenchCase = {
  name: "index",
  about: "the indexer taking all of MySQL into an empty index of Elasticsearch",
  yardstick: "a loop of bare _bulk requests of 1,000 of the same documents into such an index",
  goals: [ratioAtLeast(0.8)],
  run,
};
