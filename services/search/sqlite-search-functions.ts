import { createPhrase, findPhrase } from "./phrase.ts";
import { splitUnits } from "./search-word.ts";

// Every export becomes an SQL function of the same name.

/**
 * 1 where a text has a match of a pattern, else 0.
 *
 * @param pattern source of a regular expression with flag `v` that takes linear time; the engine caches its compilation
 */
export function matchesPattern(text: string, pattern: string): number {
  return new RegExp(pattern, "v").test(text) ? 1 : 0;
}

/**
 * 1 where a text has a phrase, else 0.
 *
 * @param words parted by a space
 */
export function hasPhrase(text: string, words: string): number {
  return findPhrase(createPhrase(words.split(" ")), splitUnits(text)).next().done ? 0 : 1;
}
