const CJK = String.raw`[[\p{L}\p{N}]&&[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Hang}\p{scx=Thai}]]`;
const LETTER = String.raw`[[\p{L}\p{N}_]--${CJK}]`;
const LETTER_OR_MARK = String.raw`[[\p{L}\p{M}\p{N}_]--${CJK}]`;
const PICTOGRAPH = String.raw`[\p{Extended_Pictographic}--[\p{L}\p{N}]]`;
const EMOJI_PART = String.raw`${PICTOGRAPH}[\p{EMod}\u{FE0F}]?[\u{E0020}-\u{E007F}]*`;
const EMOJI = String.raw`\p{RI}\p{RI}?|\p{EMod}|${EMOJI_PART}(?:\u{200D}${EMOJI_PART})*`;

const WORD = new RegExp(String.raw`${EMOJI}|${CJK}[${CJK}\p{M}]*|${LETTER_OR_MARK}+`, "gv");
const UNIT = new RegExp(String.raw`${EMOJI}|${CJK}\p{M}*|${LETTER_OR_MARK}+`, "gv");
const CJK_FIRST = new RegExp(`^${CJK}`, "v");
const LETTER_FIRST = new RegExp(`^${LETTER_OR_MARK}`, "v");
const LETTER_LAST = new RegExp(String.raw`${LETTER}\p{M}*$|^\p{M}+$`, "v");
const PICTOGRAPH_FIRST = new RegExp(`^${PICTOGRAPH}`, "v");
const PICTOGRAPH_LAST = new RegExp(`${PICTOGRAPH}$`, "v");
const EMOJI_PART_LAST = new RegExp(`${EMOJI_PART}$`, "v");

// A mark belongs to the letter before it. The bound keeps a text of marks alone from costing quadratic time.
const LETTER_WITH_MARKS = String.raw`${LETTER}\p{M}{0,16}`;
const JOINER = String.raw`\u{200D}`;
const NOT_BEFORE_LETTER = `(?!${LETTER_OR_MARK})`;
const NOT_BEFORE_MODIFIER = String.raw`(?!\p{EMod})`;
const NOT_BEFORE_EMOJI_PART = `(?!${JOINER}${PICTOGRAPH})`;

/**
 * The words of a text: each longest run of letters, marks, digits and `_`, each run of CJK characters (Han, Hiragana,
 * Katakana, Hangul, Thai: scripts in which spaces do not part words), and each emoji.
 */
export function splitWords(text: string): string[] {
  return text.match(WORD) ?? [];
}

/** What a phrase is compared by: a word, or a CJK character with its marks, of which CJK words are made. */
export type TextUnit = {
  text: string;
  start: number;
  /** Exclusive. */
  end: number;
  /** Whether it begins where the unit before ends. */
  touches: boolean;
};

/** The units of a text in their order. */
export function* splitUnits(text: string): Generator<TextUnit> {
  let end = -1;
  for (const match of text.matchAll(UNIT)) {
    const touches = match.index === end;
    end = match.index + match[0].length;
    yield { text: match[0], start: match.index, end, touches };
  }
}

/** Whether a unit is a CJK character, of which several can make a word. */
export function isCjkUnit(unit: string): boolean {
  return CJK_FIRST.test(unit);
}

/**
 * The source of a regular expression (flag `v`) that finds a text as whole words: where its edge is a letter or digit,
 * it must not touch another one; CJK edges may.
 *
 * @param text folded, not empty
 */
export function wordPattern(text: string): string {
  const literal = escapePattern(text);
  return `${literal}${boundaryBefore(text, literal)}${boundaryAfter(text)}`;
}

function hasLetterFirst(word: string): boolean {
  return LETTER_FIRST.test(word);
}

function hasLetterLast(word: string): boolean {
  return LETTER_LAST.test(word);
}

/** Looks back over the word: an expression that begins with its literal is searched for many times as fast. */
function boundaryBefore(word: string, literal: string): string {
  if (hasLetterFirst(word)) return `(?<!${LETTER_WITH_MARKS}${literal})`;
  return PICTOGRAPH_FIRST.test(word) ? `(?<!${EMOJI_PART}${JOINER}${literal})` : "";
}

function boundaryAfter(word: string): string {
  if (hasLetterLast(word)) return NOT_BEFORE_LETTER;
  if (!EMOJI_PART_LAST.test(word)) return "";
  return PICTOGRAPH_LAST.test(word) ? NOT_BEFORE_MODIFIER + NOT_BEFORE_EMOJI_PART : NOT_BEFORE_EMOJI_PART;
}

function escapePattern(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}
