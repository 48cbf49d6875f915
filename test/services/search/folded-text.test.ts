import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { foldText, foldTextWithPlaces } from "../../../services/search/folded-text.ts";
import { chatText } from "./search-texts.ts";

describe("a folded text", () => {
  test.each([
    ["Hello WORLD", "hello world"],
    ["ÄÖÜ", "äöü"],
    ["ΟΔΟΣ ΟΔΟΣΑ ς", "οδοσ οδοσα σ"],
    ["CAFE\u0301", "café"],
    ["İ", "i\u0307"],
    ["H\u0331", "\u1e96"],
    ["\u1112\u1161\u11ab", "한"],
    ["a\ud800b", "a\ufffdb"],
  ])("of %j is %j", (text, folded) => {
    expect(foldText(text)).toBe(folded);
  });

  test("is the same for canonically equivalent texts, and when folded again", () => {
    fc.assert(
      fc.property(chatText(), (text) => {
        expect(foldText(text.normalize("NFD"))).toBe(foldText(text.normalize("NFC")));
        expect(foldText(foldText(text))).toBe(foldText(text));
      }),
    );
  });

  test("knows the places of its parts in the original", () => {
    fc.assert(
      fc.property(chatText(), fc.nat(), fc.nat(), (original, a, b) => {
        const { text, toOriginal } = foldTextWithPlaces(original);
        expect(text).toBe(foldText(original));
        const codePoints = Array.from(text);
        const [first, last] = [a % codePoints.length, b % codePoints.length].sort((x, y) => x - y) as [number, number];
        const part = codePoints.slice(first, last + 1).join("");
        const start = codePoints.slice(0, first).join("").length;
        const place = toOriginal({ start, end: start + part.length });
        expect(foldText(original.slice(place.start, place.end))).toContain(part);
      }),
    );
  });
});
