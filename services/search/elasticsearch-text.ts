import { createHash } from "node:crypto";
import { isCjkUnit, splitUnits, type TextUnit } from "./search-word.ts";

// Elasticsearch's core has no tokenizer that makes n-grams, and its words are not those of search-word.ts. So texts are
// cut here, and the analyzer `whitespace` only takes the pieces apart again. All texts are folded.

const WHITE_SPACE = /\p{White_Space}+/u;

/** What the analyzer takes for white space and Unicode does not; told apart from nothing that people write. */
const SEPARATORS = /[\u001c-\u001f]/g;
const SEPARATORS_SHIFT = 0xfdd0 - 0x1c;

/** The analyzer cuts a token after 255 UTF-16 units. */
const MAX_UNIT_LENGTH = 200;

/** For each run of a text without white space that has three code points, its trigrams side by side. */
export function trigramRuns(text: string): string[] {
  return text.split(WHITE_SPACE).flatMap((run) => trigrams(run) ?? []);
}

/** The trigrams of a text without white space, parted by spaces; undefined where it is shorter. */
export function trigrams(run: string): string | undefined {
  const points = Array.from(run.replace(SEPARATORS, shiftSeparator));
  if (points.length < 3) return undefined;
  const found = new Array<string>(points.length - 2);
  for (let start = 0; start < found.length; start++) {
    found[start] = points[start]! + points[start + 1]! + points[start + 2]!;
  }
  return found.join(" ");
}

/** Each different part of a text that has one or two code points and no white space. */
export function shortParts(text: string): string[] {
  const parts = new Set<string>();
  for (const run of text.split(WHITE_SPACE)) {
    let before = "";
    for (const point of run) {
      parts.add(point);
      if (before !== "") parts.add(before + point);
      before = point;
    }
  }
  return [...parts];
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

function shiftSeparator(separator: string): string {
  return String.fromCharCode(separator.charCodeAt(0) + SEPARATORS_SHIFT);
}
