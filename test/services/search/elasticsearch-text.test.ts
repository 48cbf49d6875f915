import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  characterTokens,
  partTokens,
  phraseTokens,
  unitTokens,
  wordTokens,
} from "../../../services/search/elasticsearch-text.ts";

test.each([
  ["hello", "hel ell llo lo o"],
  ["ab c", "ab b c"],
  ["a\u3000b\u00a0\u2003c", "a b c"],
  ["👍🏽x", "👍🏽x 🏽x x"],
  ["a\u001cb", "a\ufdd0b \ufdd0b b"],
  ["", ""],
])("the parts of %j are %j", (text, tokens) => {
  expect(partTokens(text)).toBe(tokens);
});

test.each([
  ["hello, o", "h e l o ,"],
  ["👍👍🏽", "👍 🏽"],
  ["a\u001fa b", "a \ufdd3 b"],
])("the characters of %j are %j", (text, tokens) => {
  expect(characterTokens(text)).toBe(tokens);
});

test("texts of one byte a character have the tokens that they would have beside others", () => {
  const unit = fc.oneof(
    fc.integer({ min: 0, max: 0xff }).map((code) => String.fromCharCode(code)),
    fc.constantFrom("a", " "),
  );
  const other = "漢";
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 80 }), (text) => {
      // What stands apart adds a token of its own at the end, and changes no other.
      const add = (tokens: string) => (tokens === "" ? other : `${tokens} ${other}`);
      expect(partTokens(`${text} ${other}`)).toBe(add(partTokens(text)));
      expect(characterTokens(`${text} ${other}`)).toBe(add(characterTokens(text)));
    }),
  );
});

test.each([
  ["a", { character: "a" }],
  ["👍", { character: "👍" }],
  ["\u001d", { character: "\ufdd1" }],
  ["ab", { begin: "ab" }],
  ["abc", { parts: "abc" }],
  ["abcde", { parts: "abc bcd cde" }],
])("the word %j is found by %j", (word, tokens) => {
  expect(wordTokens(word)).toEqual(tokens);
});

describe("units", () => {
  test.each([
    ["hello, world", "hello world "],
    ["我用 github工作", "我 +用 github +工 +作 "],
    ["great👍", "great 👍 "],
    ["...", ""],
  ])("of %j are %j", (text, tokens) => {
    expect(unitTokens(text)).toBe(tokens);
  });

  test("that Elasticsearch would cut stand for their digest", () => {
    const [token = ""] = unitTokens("x".repeat(201)).split(" ");
    expect(token).toMatch(/^#.{43}$/);
    expect(phraseTokens(["x".repeat(201)])).toEqual([[token]]);
    expect(phraseTokens(["x".repeat(202)])).not.toEqual([[token]]);
  });

  test("of a phrase may begin a word anywhere, and stay together within one", () => {
    expect(phraseTokens(["visit", "東京", "now"])).toEqual([["visit"], ["東", "+東"], ["+京"], ["now"]]);
  });
});
