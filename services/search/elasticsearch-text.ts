import { createHash } from "node:crypto";
import { isCjkUnit, splitUnits, type TextUnit } from "./search-word.ts";

// Elasticsearch's core has no tokenizer that makes n-grams, and its words are not those of search-word.ts. So texts are
// cut here, into tokens with spaces between, which the analyzer `whitespace` only takes apart again. All texts are folded.

const WHITE_SPACE = /\p{White_Space}+/gu;

/** What that analyzer takes for white space and Unicode does not; put into the place of characters that are none. */
const SEPARATORS = /[\u001c-\u001f]/g;
const SEPARATORS_SHIFT = 0xfdd0 - 0x1c;

/** The analyzer cuts a token after 255 UTF-16 units. */
const MAX_UNIT_LENGTH = 200;

/** How many code points a part has. */
const PART_LENGTH = 3;

/**
 * For each place in a text the part that begins there: three code points, fewer before white space and at the end. So a
 * word without white space is in the text where its parts of full length stand side by side, and a shorter one where a
 * part begins with it.
 */
export function partTokens(text: string): string {
  const tokens: string[] = [];
  for (const run of text.split(WHITE_SPACE)) {
    const points = Array.from(protectSeparators(run));
    for (let start = 0; start < points.length; start++) {
      tokens.push(points[start]! + (points[start + 1] ?? "") + (points[start + 2] ?? ""));
    }
  }
  return tokens.join(" ");
}

/** Each different code point of a text that is no white space. */
export function characterTokens(text: string): string {
  return [...new Set(protectSeparators(text.replaceAll(WHITE_SPACE, "")))].join(" ");
}

/** How to find a word without white space: by a character, by what a part begins with, or by parts side by side. */
export function wordTokens(word: string): { character: string } | { begin: string } | { parts: string } {
  const points = Array.from(protectSeparators(word));
  if (points.length === 1) return { character: points[0]! };
  if (points.length < PART_LENGTH) return { begin: points.join("") };
  const starts = Array.from({ length: points.length - PART_LENGTH + 1 }, (_, start) => start);
  return { parts: starts.map((start) => points.slice(start, start + PART_LENGTH).join("")).join(" ") };
}

/** The units of a text, parted by spaces. */
export function unitTokens(text: string): string {
  let tokens = "";
  for (const unit of splitUnits(text)) tokens += `${tokenOf(unit)} `;
  return tokens;
}

/** For each unit of a phrase, what may stand for it in `unitTokens`. */
export function phraseTokens(words: readonly string[]): string[][] {
  return [...splitUnits(words.join(" "))].map((unit) => {
    const token = tokenOf(unit);
    return isCjkUnit(unit.text) && !unit.touches ? [token, tokenOf({ ...unit, touches: true })] : [token];
  });
}

/** CJK characters are marked that continue a word, so that a phrase asks for no other ones in their places. */
function tokenOf({ text, touches }: TextUnit): string {
  if (text.length > MAX_UNIT_LENGTH) return `#${createHash("sha256").update(text).digest("base64url")}`;
  return touches && isCjkUnit(text) ? `+${text}` : text;
}

function protectSeparators(text: string): string {
  return text.replace(SEPARATORS, (separator) => String.fromCharCode(separator.charCodeAt(0) + SEPARATORS_SHIFT));
}
