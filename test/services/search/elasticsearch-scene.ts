import { pino } from "pino";
import { createElasticsearchClient } from "../../../services/elasticsearch/elasticsearch-client.ts";
import { ElasticsearchSearchIndex } from "../../../services/search/elasticsearch-search-index.ts";
import type {
  SearchChanges,
  SearchDocument,
  SearchedMessage,
  SearchRequest,
} from "../../../services/search/search-index.ts";
import { parseSearchQuery } from "../../../services/search/search-query.ts";

/** An index whose changes can be found at once. */
export function openTestIndex(url: string, installation: string): ElasticsearchSearchIndex {
  const client = createElasticsearchClient([url]);
  return new ElasticsearchSearchIndex({ client, installation, log: pino({ level: "silent" }), refresh: true });
}

/** Changes of which most are none. */
export function changesOf(changes: Partial<SearchChanges>): SearchChanges {
  return { upserts: [], removals: [], removedChats: [], removedApplications: [], ...changes };
}

/** Message 1 of chat 1 of application `a`, but for what is given. */
export function documentOf(document: Partial<SearchDocument>): SearchDocument {
  return { ...messageOf(document), body: "apple", author: "ann", internal: false, createTimeMs: 1_000, ...document };
}

/** The name of message 1 of chat 1 of application `a`, but for what is given. */
export function messageOf({
  application = "a",
  chat = 1,
  number = 1,
  changeMark = 1,
}: Partial<SearchedMessage>): SearchedMessage {
  return { application, chat, number, changeMark };
}

/** What is found in chat 1 of application `a`, the newest first. */
export async function find(
  index: Pick<ElasticsearchSearchIndex, "search">,
  query: string,
  request: Partial<SearchRequest> = {},
) {
  const hits = await index.search({
    ...{ application: "a", chat: 1, order: "newest", limit: 500, terms: parseSearchQuery(query) },
    ...request,
  });
  return hits.map(({ number }) => number);
}
