import fc from "fast-check";
import { foldText } from "../../../services/search/folded-text.ts";

const PIECES = [
  "hello",
  "World",
  "ÄÖü",
  "ΣΑΣ",
  "ς",
  "İ",
  "ı",
  "ß",
  "e\u0301",
  "\u0301",
  "H\u0331",
  "東京",
  "タワー",
  "か\u3099",
  "안녕",
  "\u1112\u1161\u11ab",
  "สวัสดี",
  "नमस्ते",
  "👍🏽",
  "👨\u200d👩\u200d👧",
  "🇩🇪",
  "❤️",
  "\u200d",
  "1️⃣",
  "𝒳",
  "\u{F0000}\u{F0000}\u{F0001}",
  "*",
  "?",
  "%",
  "_",
  "\\",
  "'",
  '"',
  "<b>",
  "&amp;",
  "OR",
  "NEAR(",
  "body:",
  "-",
  "^",
  ".",
  "$",
  "|",
  "]",
] as const;

/** Bodies and queries at their worst: any Unicode without NUL, at most 32 words, and not only white space. */
export function chatText(): fc.Arbitrary<string> {
  const unit = fc.oneof(
    fc.constantFrom(...PIECES),
    fc.constantFrom(" ", "\n"),
    fc.string({ unit: "binary", maxLength: 5 }),
  );
  return fc
    .array(unit, { minLength: 1, maxLength: 25 })
    .map((units) => units.join("").replaceAll("\0", ""))
    .filter((text) => /[^\p{Z}\p{Cc}]/u.test(text) && text.split(/\p{White_Space}+|"/u).length <= 32);
}

/**
 * A text with a part of it, as a query of one word that is no phrase, and that does not part a letter from its mark.
 * Texts and parts are drawn together: a text may have no such part.
 */
export function withPart(texts: fc.Arbitrary<string>): fc.Arbitrary<{ text: string; part: string }> {
  return fc
    .tuple(texts, fc.nat(), fc.nat())
    .map(([text, a, b]) => {
      const codePoints = Array.from(text);
      const [start, end] = [a, b].map((place) => place % (codePoints.length + 1)).sort((x, y) => x - y);
      const [before, part, after] = [codePoints.slice(0, start), codePoints.slice(start, end), codePoints.slice(end)];
      return { text, before: before.join(""), part: part.join(""), after: after.join("") };
    })
    .filter(({ part }) => /^[^\p{White_Space}"]+$/u.test(part))
    .filter(({ text, before, part, after }) => foldText(before) + foldText(part) + foldText(after) === foldText(text))
    .map(({ text, part }) => ({ text, part }));
}
