import { foldTextWithPlaces, type TextRange } from "./folded-text.ts";
import { GRAPHEMES } from "./graphemes.ts";
import { SearchedText, type TermFinder } from "./term-finder.ts";

const SNIPPET_CODE_POINTS = 160;
const CODE_POINTS_BEFORE_MATCH = 40;
const MAX_GRAPHEME_UNITS = 32;
/** Below it no character joins the one before it, but a line feed. */
const FIRST_MARK = 0x300;
const LINE_FEED = 0x0a;

const ENTITIES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/**
 * A part of a body around the first match of a term, or its beginning where none matches: about 160 code points, with
 * `…` where it was cut. It is HTML: the text is escaped, and each match stands in `<em>…</em>`; matches that overlap
 * or touch share one. Takes time linear in the body for each term, however long that is.
 */
export function createSnippet(body: string, finders: readonly TermFinder[]): string {
  const folded = foldTextWithPlaces(body);
  const text = new SearchedText(folded.text);
  const searches = finders.map((find) => {
    const matches = find(text);
    return { first: matches.next().value, others: matches };
  });
  const starts = searches.flatMap(({ first }) => (first ? [folded.toOriginal(first).start] : []));
  const part = choosePart(body, starts.length > 0 ? Math.min(...starts) : 0);
  const matches = searches.flatMap((search) => matchesWithin(search, (match) => clip(folded.toOriginal(match), part)));
  const before = part.start > 0 ? "…" : "";
  const after = part.end < body.length ? "…" : "";
  return `${before}${renderPart(body, part, mergeRanges(matches))}${after}`;
}

/** All matches up to the first that `place` puts outside the part shown. */
function matchesWithin(
  { first, others }: { first: TextRange | undefined; others: Iterator<TextRange, undefined> },
  place: (match: TextRange) => TextRange,
): TextRange[] {
  const within: TextRange[] = [];
  for (let match = first; match; match = others.next().value) {
    const placed = place(match);
    if (placed.start >= placed.end) break;
    within.push(placed);
  }
  return within;
}

function clip({ start, end }: TextRange, part: TextRange): TextRange {
  return { start: Math.max(start, part.start), end: Math.min(end, part.end) };
}

function mergeRanges(ranges: TextRange[]): TextRange[] {
  const merged: TextRange[] = [];
  for (const range of ranges.sort((a, b) => a.start - b.start)) {
    const last = merged.at(-1);
    if (last && range.start <= last.end) last.end = Math.max(last.end, range.end);
    else merged.push({ ...range });
  }
  return merged;
}

function choosePart(body: string, matchStart: number): TextRange {
  const wanted = stepBack(body, matchStart, CODE_POINTS_BEFORE_MATCH);
  const end = stepForward(body, wanted, SNIPPET_CODE_POINTS);
  const start = end === body.length ? stepBack(body, end, SNIPPET_CODE_POINTS) : wanted;
  return { start: alignToGrapheme(body, Math.min(start, wanted)), end: alignToGrapheme(body, end) };
}

/**
 * The start of the grapheme around this place; the place itself where that is too far away. Between plain characters
 * every place is one, and Unicode's rules are not asked, which takes 3 µs.
 */
function alignToGrapheme(text: string, place: number): number {
  if (place === 0 || place === text.length) return place;
  const [before, after] = [text.charCodeAt(place - 1), text.charCodeAt(place)];
  if (before < FIRST_MARK && after < FIRST_MARK && after !== LINE_FEED) return place;
  const start = GRAPHEMES.segment(text).containing(place)?.index ?? place;
  return place - start > MAX_GRAPHEME_UNITS ? place : start;
}

function stepForward(text: string, from: number, codePoints: number): number {
  let place = from;
  for (let step = 0; step < codePoints && place < text.length; step++)
    place += text.codePointAt(place)! > 0xffff ? 2 : 1;
  return place;
}

function stepBack(text: string, from: number, codePoints: number): number {
  let place = from;
  for (let step = 0; step < codePoints && place > 0; step++) {
    const isPair = place > 1 && text.codePointAt(place - 2)! > 0xffff;
    place -= isPair ? 2 : 1;
  }
  return place;
}

function renderPart(body: string, part: TextRange, matches: readonly TextRange[]): string {
  let html = "";
  let place = part.start;
  for (const { start, end } of matches) {
    html += `${escapeHtml(body.slice(place, start))}<em>${escapeHtml(body.slice(start, end))}</em>`;
    place = end;
  }
  return html + escapeHtml(body.slice(place, part.end));
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character]!);
}
