import type { SqliteParameters } from "../sqlite/sqlite-protocol.ts";
import { foldText } from "./folded-text.ts";
import type { MatchClass } from "./search-cursor.ts";
import type { SearchRequest } from "./search-index.ts";
import { wordPattern } from "./search-word.ts";
import { chatTrigram } from "./sqlite-search-schema.ts";

const MAX_TRIGRAMS_PER_WORD = 8;
const MAX_TRIGRAMS = 32;

/** A part of a search: the newest `limit` matches of a class with a number below `below`. */
export type SearchPart = { chatId: number; matchClass: MatchClass; below: number; limit: number };

type Condition = { sql: string; parameters: unknown[] };

/** The query for a part of a search. Its rows are `{ number }`, the highest first. */
export function searchQuery(request: SearchRequest, part: SearchPart): { sql: string; parameters: SqliteParameters } {
  const { source, id } = rowSource(request, part.chatId);
  const firstId = BigInt(part.chatId) << 31n;
  const conditions: Condition[] = [
    ...source,
    { sql: `${id} BETWEEN ? AND ?`, parameters: [firstId, firstId + BigInt(part.below) - 1n] },
    ...filterConditions(request),
    ...termConditions(request),
    ...classConditions(request, part.matchClass),
  ];
  const from = source.length > 0 ? "message_text CROSS JOIN document ON document.id = message_text.rowid" : "document";
  const where = conditions.map(({ sql }) => sql).join(" AND ");
  return {
    sql: `SELECT document.id & 0x7fffffff AS number FROM ${from} WHERE ${where} ORDER BY ${id} DESC LIMIT ?`,
    parameters: [...conditions.flatMap(({ parameters }) => parameters), part.limit],
  };
}

/** Rows come from the trigrams, or from all documents of the chat where no word is long enough to have one. */
function rowSource({ terms }: SearchRequest, chatId: number): { source: Condition[]; id: string } {
  const words = terms.flatMap((term) => (term.kind === "word" ? [term.text] : term.words));
  const trigrams = [...new Set(words.flatMap((word) => chooseTrigrams(foldText(word))))].slice(0, MAX_TRIGRAMS);
  if (trigrams.length === 0) return { source: [], id: "document.id" };
  const match = [chatTrigram(chatId), ...trigrams].map((trigram) => `"${trigram.replaceAll('"', '""')}"`).join(" AND ");
  return { source: [{ sql: "message_text MATCH ?", parameters: [match] }], id: "message_text.rowid" };
}

/** Trigrams side by side, as FTS5 counts them: in code points. The documents they find are a superset. */
function chooseTrigrams(word: string): string[] {
  const codePoints = Array.from(word);
  const lastStart = codePoints.length - 3;
  if (lastStart < 0) return [];
  const starts = Array.from({ length: Math.ceil(codePoints.length / 3) }, (_, index) => Math.min(index * 3, lastStart));
  return starts.slice(0, MAX_TRIGRAMS_PER_WORD).map((start) => codePoints.slice(start, start + 3).join(""));
}

function filterConditions({ author, withoutNotes, startTimeMs, endTimeMs }: SearchRequest): Condition[] {
  const conditions = [
    { sql: "document.author = ?", parameters: [author] },
    { sql: "document.internal = ?", parameters: [withoutNotes ? 0 : undefined] },
    { sql: "document.create_time >= ?", parameters: [startTimeMs] },
    { sql: "document.create_time < ?", parameters: [endTimeMs] },
  ];
  return conditions.filter(({ parameters: [value] }) => value !== undefined);
}

function termConditions({ terms }: SearchRequest): Condition[] {
  return terms.flatMap((term) => (term.kind === "word" ? [contains(term.text)] : phraseConditions(term.words)));
}

/** The words first, one by one: that is cheap, and leaves few documents to be looked through. */
function phraseConditions(words: readonly string[]): Condition[] {
  const isThere = { sql: "hasPhrase(document.body, ?)", parameters: [words.join(" ")] };
  return [...[...new Set(words)].map(contains), isThere];
}

function contains(word: string): Condition {
  return { sql: "instr(document.body, ?) > 0", parameters: [foldText(word)] };
}

function isWhole(word: string): Condition {
  return { sql: "matchesPattern(document.body, ?)", parameters: [wordPattern(foldText(word))] };
}

function classConditions({ terms }: SearchRequest, matchClass: MatchClass): Condition[] {
  if (matchClass === "all") return [];
  const areWhole = terms.flatMap((term) => (term.kind === "word" ? [isWhole(term.text)] : []));
  const sql = areWhole.map((condition) => condition.sql).join(" AND ") || "TRUE";
  const parameters = areWhole.flatMap((condition) => condition.parameters);
  return [{ sql: matchClass === "whole" ? `(${sql})` : `NOT (${sql})`, parameters }];
}
