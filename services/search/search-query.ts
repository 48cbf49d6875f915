import { invalidFields } from "../rpc/errors.ts";
import { foldText } from "./folded-text.ts";
import { splitWords } from "./search-word.ts";

/** The most terms a query can have. */
const MAX_SEARCH_TERMS = 32;

/**
 * A part of a query. A word is found as a substring, whatever its case, and has no white space. A phrase's words,
 * which are folded, are found as whole words in sequence with only characters of no word between them.
 */
export type SearchTerm = { kind: "word"; text: string } | { kind: "phrase"; words: string[] };

const WHITE_SPACE = /\p{White_Space}+/u;

/**
 * Parses `query`:
 *
 *     query  = { white space | phrase | word }
 *     phrase = '"' text with at least one character that is not white space '"'
 *
 * Pairs of quotes are taken from left to right. A quote without a partner and all other characters are data. Quoted
 * text that has no word in it is taken as if it were not quoted.
 *
 * @throws ConnectError INVALID_ARGUMENT where there are more than MAX_SEARCH_TERMS terms
 */
export function parseSearchQuery(query: string): SearchTerm[] {
  const terms: SearchTerm[] = [];
  let unquoted = "";
  let position = 0;
  while (position < query.length) {
    const phrase = findPhrase(query, position);
    unquoted += query.slice(position, phrase?.start ?? query.length);
    if (!phrase) break;
    terms.push(...parseWords(unquoted), ...parseQuoted(phrase.text));
    unquoted = "";
    position = phrase.end;
  }
  terms.push(...parseWords(unquoted));
  if (terms.length > MAX_SEARCH_TERMS) {
    throw invalidFields([
      { field: "query", description: `has ${terms.length} words; use at most ${MAX_SEARCH_TERMS}` },
    ]);
  }
  return terms;
}

function findPhrase(query: string, from: number): { text: string; start: number; end: number } | undefined {
  let start = query.indexOf('"', from);
  while (start >= 0) {
    const close = query.indexOf('"', start + 1);
    if (close < 0) return undefined;
    const text = query.slice(start + 1, close);
    if (parseWords(text).length > 0) return { text, start, end: close + 1 };
    start = query.indexOf('"', close + 1);
  }
  return undefined;
}

function parseQuoted(text: string): SearchTerm[] {
  const words = splitWords(foldText(text));
  return words.length > 0 ? [{ kind: "phrase", words }] : parseWords(text);
}

function parseWords(text: string): SearchTerm[] {
  return text
    .split(WHITE_SPACE)
    .filter((word) => word !== "")
    .map((word) => ({ kind: "word", text: word }));
}
