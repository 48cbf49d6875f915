import { GRAPHEMES } from "./graphemes.ts";

/**
 * The form in which texts and terms are compared: lower case, composed (NFC), with one form of the Greek sigma, whose
 * lower case would depend on its place in the word. Canonically equivalent texts have the same form.
 */
export function foldText(text: string): string {
  return text.toWellFormed().toLowerCase().replaceAll("ς", "σ").normalize("NFC");
}

/** A part of a text, in UTF-16 units. `end` is exclusive. */
export type TextRange = { start: number; end: number };

/** A folded text that knows where in the original each of its parts comes from. */
export type FoldedText = {
  text: string;
  /** The part of the original that became this part of `text`. */
  toOriginal(range: TextRange): TextRange;
};

/** Folds a text as `foldText` does, and keeps track of the places. */
export function foldTextWithPlaces(original: string): FoldedText {
  const lower = original.toLowerCase();
  const keepsPlaces = lower.length === original.length && lower.normalize("NFC") === lower;
  return keepsPlaces ? { text: foldText(original), toOriginal: (range) => range } : foldGraphemes(original);
}

/** Composition never crosses the border of a grapheme, so graphemes can be folded one by one. */
function foldGraphemes(original: string): FoldedText {
  const starts: number[] = [];
  const ends: number[] = [];
  const folded: string[] = [];
  for (const { segment, index } of GRAPHEMES.segment(original)) {
    const part = foldText(segment);
    folded.push(part);
    for (let unit = 0; unit < part.length; unit++) {
      starts.push(index);
      ends.push(index + segment.length);
    }
  }
  const toOriginal = ({ start, end }: TextRange) => ({ start: starts[start]!, end: ends[end - 1]! });
  return { text: folded.join(""), toOriginal };
}
