import type { TextRange } from "./folded-text.ts";
import { splitUnits, type TextUnit } from "./search-word.ts";

/** A phrase to be found by `findPhrase`. */
export type Phrase = {
  units: number;
  /** For each text of a unit, the bits of the places that it has in the phrase: 1 for the first, 2 for the second … */
  places: ReadonlyMap<string, bigint>;
  /** The bits of the places that are within a word: nothing may be between them and the one before. */
  inWord: bigint;
};

/** @param words folded, without white space */
export function createPhrase(words: readonly string[]): Phrase {
  const units = [...splitUnits(words.join(" "))];
  const places = new Map<string, bigint>();
  let inWord = 0n;
  for (const [index, { text, touches }] of units.entries()) {
    const bit = 1n << BigInt(index);
    places.set(text, (places.get(text) ?? 0n) | bit);
    if (touches) inWord |= bit;
  }
  return { units: units.length, places, inWord };
}

/**
 * Where a phrase is in a text, overlapping matches too, from the first to the last. It reads each unit once, however
 * long the phrase is and however often it nearly matches.
 *
 * This is Shift-And (Baeza-Yates and Gonnet, "A new approach to text searching", 1992) over units: a bit of `reached`
 * says that the phrase matches up to that place.
 *
 * @param text the units of a folded text
 */
export function* findPhrase(
  { units, places, inWord }: Phrase,
  text: Iterable<TextUnit>,
): Generator<TextRange, undefined> {
  if (units === 0) return undefined;
  const last = 1n << BigInt(units - 1);
  /** The starts of the last units, as many as the phrase has. */
  const starts: number[] = new Array(units);
  let reached = 0n;
  let count = 0;
  for (const unit of text) {
    starts[count++ % units] = unit.start;
    const here = places.get(unit.text);
    reached = here === undefined ? 0n : ((reached << 1n) | 1n) & here;
    if (!unit.touches) reached &= ~inWord;
    if ((reached & last) !== 0n) yield { start: starts[count % units]!, end: unit.end };
  }
}
