import type { estypes } from "@elastic/elasticsearch";
import { phraseTokens, wordTokens } from "./elasticsearch-text.ts";
import { foldText } from "./folded-text.ts";
import { chatKey } from "./search-changes.ts";
import { NUMBERS_END, type SearchCursor } from "./search-cursor.ts";
import type { SearchRequest } from "./search-index.ts";
import type { SearchTerm } from "./search-query.ts";
import { splitWords } from "./search-word.ts";

type Query = estypes.QueryDslQueryContainer;

/** A search that takes longer is given up. */
export const SEARCH_TIMEOUT_MS = 5_000;

/** What a match of all words as whole words scores; the others score 0. */
const WHOLE_SCORE = 1;

/** The request for the `limit` matches of a search that follow a cursor. */
export function searchBody(request: SearchRequest, cursor: SearchCursor): estypes.SearchRequest {
  const chat = { term: { chat: chatKey(request) } };
  const filter = [chat, ...filterQueries(request), ...request.terms.map(termQuery)];
  return {
    routing: chatKey(request),
    query: { bool: { filter, should: request.order === "relevance" ? [scoreQuery(request)] : [] } },
    size: request.limit,
    ...placeOf(request, cursor),
    stored_fields: "_none_",
    track_total_hits: false,
    timeout: `${SEARCH_TIMEOUT_MS}ms`,
    allow_partial_search_results: false,
    // What is not used need not be written and read: 100 µs less for a page of 20.
    filter_path: ["timed_out", "hits.hits.sort"],
  };
}

/** What is answered to it; without matches it has no `hits`. */
export type SearchAnswer = { timed_out: boolean; hits?: { hits: { sort: unknown[] }[] } };

/** Where the match of a search is, which came with this sort. */
export function cursorOf({ order }: SearchRequest, sort: readonly unknown[]): SearchCursor {
  const number = Number(sort.at(-1));
  if (order === "newest") return { matchClass: "all", number };
  return { matchClass: sort[0] === WHOLE_SCORE ? "whole" : "partial", number };
}

function placeOf(
  { order }: SearchRequest,
  { matchClass, number }: SearchCursor,
): Pick<estypes.SearchRequest, "sort" | "search_after"> {
  const isScored = order === "relevance";
  const score = matchClass === "whole" ? WHOLE_SCORE : 0;
  return {
    sort: [...(isScored ? ["_score"] : []), { number: "desc" }],
    ...(number < NUMBERS_END && { search_after: [...(isScored ? [score] : []), number] }),
  };
}

/** Raises the score of what has the words as whole words. One without letters is within no other, so it always is. */
function scoreQuery({ terms }: SearchRequest): Query {
  const words = terms.flatMap((term) => (term.kind === "word" ? [splitWords(foldText(term.text))] : []));
  const filter = words.filter((parts) => parts.length > 0).map(phraseQuery);
  return { constant_score: { filter: { bool: { filter } }, boost: WHOLE_SCORE } };
}

function filterQueries({ author, withoutNotes = false, startTimeMs, endTimeMs }: SearchRequest): Query[] {
  const range = { gte: startTimeMs, lt: endTimeMs };
  return [
    ...(author === undefined ? [] : [{ term: { author } }]),
    ...(withoutNotes ? [{ term: { internal: false } }] : []),
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
