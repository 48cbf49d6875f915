import type { estypes } from "@elastic/elasticsearch";
import { phraseTokens, wordTokens } from "./elasticsearch-text.ts";
import { foldText } from "./folded-text.ts";
import { chatKey } from "./search-changes.ts";
import { NUMBERS_END, type SearchCursor } from "./search-cursor.ts";
import type { SearchRequest } from "./search-index.ts";
import type { SearchTerm } from "./search-query.ts";
import { splitWords } from "./search-word.ts";

type Query = estypes.QueryDslQueryContainer;

/** A search that takes longer is given up by Elasticsearch. */
const SEARCH_TIMEOUT = "5s";

/** The request for a part of a search: the newest `limit` matches of the cursor's class that follow it. */
export function searchBody(request: SearchRequest, cursor: SearchCursor, limit: number): estypes.SearchRequest {
  const whole = wholeQueries(request);
  const { matchClass, number } = cursor;
  return {
    routing: chatKey(request),
    query: {
      bool: {
        filter: [
          { term: { chat: chatKey(request) } },
          ...filterQueries(request),
          ...request.terms.map(termQuery),
          ...(matchClass === "whole" ? whole : []),
        ],
        must_not: matchClass === "partial" ? [{ bool: { filter: whole } }] : [],
      },
    },
    size: limit,
    sort: [{ number: "desc" }],
    search_after: number < NUMBERS_END ? [number] : undefined,
    stored_fields: "_none_",
    track_total_hits: false,
    timeout: SEARCH_TIMEOUT,
    allow_partial_search_results: false,
  };
}

function filterQueries({ author, startTimeMs, endTimeMs }: SearchRequest): Query[] {
  const range = { gte: startTimeMs, lt: endTimeMs };
  return [
    ...(author === undefined ? [] : [{ term: { author } }]),
    ...(startTimeMs === undefined && endTimeMs === undefined ? [] : [{ range: { create_time: range } }]),
  ];
}

function termQuery(term: SearchTerm): Query {
  return term.kind === "word" ? containsQuery(foldText(term.text)) : phraseQuery(term.words);
}

/** What has a word anywhere, without white space. */
function containsQuery(word: string): Query {
  const tokens = wordTokens(word);
  if ("character" in tokens) return { term: { characters: tokens.character } };
  return "begin" in tokens ? { prefix: { parts: tokens.begin } } : { match_phrase: { parts: tokens.parts } };
}

/** What has words in sequence, as whole words. */
function phraseQuery(words: readonly string[]): Query {
  const places = phraseTokens(words);
  if (places.every((tokens) => tokens.length === 1)) return { match_phrase: { units: places.flat().join(" ") } };
  const clauses = places.map((tokens) => ({
    span_or: { clauses: tokens.map((unit) => ({ span_term: { units: unit } })) },
  }));
  return { span_near: { clauses, slop: 0, in_order: true } };
}

/** What has the words of a search as whole words. One without letters is not within another word, so it always is. */
function wholeQueries({ terms }: SearchRequest): Query[] {
  const words = terms.flatMap((term) => (term.kind === "word" ? [splitWords(foldText(term.text))] : []));
  return words.filter((parts) => parts.length > 0).map(phraseQuery);
}
