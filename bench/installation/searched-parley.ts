import { Client } from "@elastic/elasticsearch";
import pino from "pino";
import { formatChatName, parseApplicationName } from "../../services/aip/resource-name.ts";
import { ElasticsearchSearchIndex } from "../../services/search/elasticsearch-search-index.ts";
import { searchIndexNames } from "../../services/search/elasticsearch-search-mapping.ts";
import type { SearchDocument, SearchIndex } from "../../services/search/search-index.ts";
import type { ServerSet } from "../../test/faults/stack/server-set.ts";
import { AUTHOR } from "../load/workload.ts";
import { SEARCHED_CHAT, type SearchedTexts } from "../seed/searched-texts.ts";
import { type BenchParley, openBenchParley } from "./bench-parley.ts";

/** Parley on servers, with texts in its database and its search index. */
export type SearchedParley = BenchParley & {
  /** The token of the application. */
  application: string;
  /** The name of the chat that is searched. */
  chat: string;
};

/** What else is told of the documents that the index is fed with, in parts. */
export type AlsoFeed = (documents: readonly SearchDocument[]) => Promise<unknown>;

/** Documents that are fed at a time. */
const PART = 5_000;
/** Elasticsearch takes each with a thread of its own. */
const PARTS_AT_ONCE = 2;
const CREATED_MS = 1_750_000_000_000;
/** NATS has room for several such installations; little is created in them. */
const QUEUE_BYTES_MAX = 64 * 1_048_576;
/** A merge takes its time. */
const REQUEST_TIMEOUT_MS = 600_000;

/** Starts a new installation that has texts, also in its index, which goes with it. */
export async function openSearchedParley(
  servers: ServerSet,
  texts: SearchedTexts,
  alsoFeed: AlsoFeed = async () => undefined,
): Promise<SearchedParley> {
  const bodyOf = (chat: number, number: number) => texts.bodyOf(chat, number);
  const environment = { QUEUE_BYTES_MAX: String(QUEUE_BYTES_MAX) };
  const parley = await openBenchParley({ servers, chats: { sizes: texts.sizes, bodyOf }, environment });
  const { ELASTICSEARCH_URL: url, INSTALLATION: installation } = parley.environment;
  const client = new Client({ node: url!, requestTimeout: REQUEST_TIMEOUT_MS });
  const index = new ElasticsearchSearchIndex({ client, installation: installation!, log: pino({ level: "warn" }) });
  const close = async () => {
    await parley.close();
    await index.reset();
    await index.close();
  };
  const { application } = parseApplicationName(parley.tenant.name, "name");
  try {
    await feed(index, documentsOf(texts, application), alsoFeed);
    // As it becomes by and by, and so the same in each run.
    await client.indices.forcemerge({ index: searchIndexNames(installation!).current, max_num_segments: 1 });
  } catch (error) {
    await close();
    throw error;
  }
  return { ...parley, application, chat: formatChatName({ application, chat: SEARCHED_CHAT }), close };
}

/** Parts go in by turns, in order: of what is applied at the same time, the highest position stays. */
async function feed(index: SearchIndex, documents: Iterable<SearchDocument>, alsoFeed: AlsoFeed): Promise<void> {
  await index.position();
  const parts = partsOf(documents);
  const apply = async () => {
    for (const upserts of parts) {
      const changes = { upserts, removals: [], removedChats: [], removedApplications: [] };
      const applied = index.apply(changes, { after: 0, upTo: upserts.at(-1)!.changeMark });
      await Promise.all([applied, alsoFeed(upserts)]);
    }
  };
  await Promise.all(Array.from({ length: PARTS_AT_ONCE }, apply));
}

function* partsOf(documents: Iterable<SearchDocument>): Generator<SearchDocument[]> {
  let part: SearchDocument[] = [];
  for (const document of documents) {
    part.push(document);
    if (part.length < PART) continue;
    yield part;
    part = [];
  }
  if (part.length > 0) yield part;
}

function* documentsOf(texts: SearchedTexts, application: string): Generator<SearchDocument> {
  let changeMark = 0;
  for (const { chat, number, body } of texts.all()) {
    changeMark++;
    const createTimeMs = CREATED_MS + number;
    yield { application, chat, number, body, author: AUTHOR.user, internal: false, changeMark, createTimeMs };
  }
}
