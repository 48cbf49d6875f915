import { foldText, type TextRange } from "./folded-text.ts";
import { createPhrase, findPhrase } from "./phrase.ts";
import type { SearchTerm } from "./search-query.ts";
import { splitUnits, type TextUnit } from "./search-word.ts";

/** Finds a term in a text, overlapping matches too, from the first to the last. */
export type TermFinder = (text: SearchedText) => Iterator<TextRange, undefined>;

/** A folded text to look for terms in; it is split for the first phrase, and not for each. */
export class SearchedText {
  readonly text: string;
  #units: readonly TextUnit[] | undefined;

  constructor(text: string) {
    this.text = text;
  }

  get units(): readonly TextUnit[] {
    this.#units ??= [...splitUnits(this.text)];
    return this.#units;
  }
}

/** What finds a term; to be made once for all texts of a search. */
export function createTermFinder(term: SearchTerm): TermFinder {
  if (term.kind === "phrase") {
    const phrase = createPhrase(term.words);
    return ({ units }) => findPhrase(phrase, units);
  }
  const word = foldText(term.text);
  return ({ text }) => findWord(word, text);
}

function* findWord(word: string, text: string): Generator<TextRange, undefined> {
  let start = text.indexOf(word);
  while (start >= 0) {
    yield { start, end: start + word.length };
    start = text.indexOf(word, start + (text.codePointAt(start)! > 0xffff ? 2 : 1));
  }
}
