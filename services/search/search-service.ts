import type { ServiceImpl } from "@connectrpc/connect";
import type { Message } from "../../gen/parley/v1/message_pb.ts";
import {
  type SearchMessagesRequest,
  SearchMessagesRequest_Order,
  SearchMessagesRequestSchema,
} from "../../gen/parley/v1/search_pb.ts";
import type { SearchService } from "../../gen/parley/v1/search_service_pb.ts";
import { coercePageSize, type PageSizes } from "../aip/page-size.ts";
import { formatPageToken, pageTokenInvalid, parsePageToken } from "../aip/page-token.ts";
import { type ChatName, parseChatName } from "../aip/resource-name.ts";
import { millisFromTimestamp } from "../aip/timestamp.ts";
import { standingOf } from "../auth/standing.ts";
import type { ChatStore } from "../chat/chat-store.ts";
import { bodyOf } from "../message/message-body.ts";
import type { MessageStore } from "../message/message-store.ts";
import { hidesNotes } from "../message/notes.ts";
import { countFitting } from "../message/page-weight.ts";
import { MessageOfRow } from "../message/read-message.ts";
import { notFound, storeUnavailable } from "../rpc/errors.ts";
import {
  InvalidCursorError,
  type SearchHit,
  type SearchIndex,
  SearchIndexError,
  type SearchRequest,
} from "./search-index.ts";
import { parseSearchQuery, type SearchTerm } from "./search-query.ts";
import { SnippetMaker } from "./snippet-maker.ts";

/** A cursor is the index's own; it checks what is in it. */
const CURSOR = /./;

/** What the service works with. */
export type SearchServiceOptions = {
  index: SearchIndex;
  messages: MessageStore;
  chats: ChatStore;
  pageSizes: PageSizes;
};

/** SearchService, as in proto/parley/v1/search_service.proto. */
export function createSearchService({
  index,
  messages,
  chats,
  pageSizes,
}: SearchServiceOptions): ServiceImpl<typeof SearchService> {
  const snippets = new SnippetMaker();
  return {
    async searchMessages(request, { values, signal }) {
      const chat = parseChatName(request.parent, "parent");
      const terms = parseSearchQuery(request.query);
      const after = parsePageToken(SearchMessagesRequestSchema, request, CURSOR);
      const size = coercePageSize(request.pageSize, pageSizes);
      // It is begun before it is known whether the chat exists: that takes as long as most searches.
      const withoutNotes = hidesNotes(standingOf(values));
      const finding = findHits(index, chat, { request, terms, after, limit: size + 1, withoutNotes }, signal);
      finding.catch(() => undefined);
      await chats.catchUp(signal);
      if (!(await messages.hasChat(chat))) throw notFound(request.parent);
      const hits = await finding;
      const page = await readPage(messages, chat, hits.slice(0, size), signal);
      const bodies = page.messages.map((message) => bodyOf(message) ?? "");
      const made = await snippets.make(chat.application, { bodies, terms }, signal);
      const more = hits.length > page.hits;
      return {
        results: page.messages.map((message, index) => ({ message, snippet: made[index]! })),
        nextPageToken: more ? formatPageToken(SearchMessagesRequestSchema, request, hits[page.hits - 1]!.cursor) : "",
      };
    },
  };
}

async function findHits(
  index: SearchIndex,
  chat: ChatName,
  search: {
    request: SearchMessagesRequest;
    terms: SearchTerm[];
    after: string | undefined;
    limit: number;
    withoutNotes: boolean;
  },
  signal: AbortSignal,
): Promise<SearchHit[]> {
  const { request, terms, after, limit, withoutNotes } = search;
  const wanted: SearchRequest = {
    ...chat,
    terms,
    order: request.order === SearchMessagesRequest_Order.NEWEST_FIRST ? "newest" : "relevance",
    author: request.author || undefined,
    withoutNotes,
    startTimeMs: request.startTime && millisFromTimestamp(request.startTime),
    endTimeMs: request.endTime && millisFromTimestamp(request.endTime),
    after,
    limit,
  };
  return index.search(wanted, signal).catch((error) => {
    if (error instanceof InvalidCursorError) throw pageTokenInvalid();
    throw error instanceof SearchIndexError ? storeUnavailable("the search index", error.cause) : error;
  });
}

/**
 * The messages of a page as the database has them, as many as a page may weigh, and how many hits they stand for. What
 * was deleted since the index saw it is left out.
 */
async function readPage(
  messages: MessageStore,
  chat: ChatName,
  hits: readonly SearchHit[],
  signal: AbortSignal,
): Promise<{ messages: Message[]; hits: number }> {
  if (hits.length === 0) return { messages: [], hits: 0 };
  const numbers = hits.map(({ number }) => number);
  const rows = new Map((await messages.findAll(chat, numbers, signal)).map((row) => [row.number, row]));
  const found = numbers.flatMap((number) => rows.get(number) ?? []).filter(({ body }) => body !== null);
  const listed = found.map((row) => new MessageOfRow(row));
  const fitting = listed.slice(0, countFitting(listed));
  const next = found[fitting.length];
  return { messages: fitting.map(({ message }) => message), hits: next ? numbers.indexOf(next.number) : hits.length };
}
