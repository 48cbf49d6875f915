import { Code, ConnectError } from "@connectrpc/connect";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseSearchQuery, type SearchTerm } from "../../../services/search/search-query.ts";

const word = (text: string): SearchTerm => ({ kind: "word", text });
const phrase = (...words: string[]): SearchTerm => ({ kind: "phrase", words });

describe("a search query", () => {
  test.each<[string, SearchTerm[]]>([
    ["hello", [word("hello")]],
    ["hello world", [word("hello"), word("world")]],
    ["  hello\t\n\u00a0\u2003\u3000\u0085world ", [word("hello"), word("world")]],
    ["a\u200bb", [word("a\u200bb")]],
    ['"hello world"', [phrase("hello", "world")]],
    ['"hello"', [phrase("hello")]],
    ['"hello, (big) world!"', [phrase("hello", "big", "world")]],
    ['"foo_bar 42"', [phrase("foo_bar", "42")]],
    ['"cafe\u0301 noir"', [phrase("café", "noir")]],
    ['"don\'t"', [phrase("don", "t")]],
    ['"iPhone手机 2"', [phrase("iphone", "手机", "2")]],
    ['"東京、大阪"', [phrase("東京", "大阪")]],
    ['"hi 👨\u200d👩\u200d👧👍🏽🇩🇪"', [phrase("hi", "👨\u200d👩\u200d👧", "👍🏽", "🇩🇪")]],
    ['a "b c" d', [word("a"), phrase("b", "c"), word("d")]],
    ['a"b c"d', [word("a"), phrase("b", "c"), word("d")]],
    ['"a""b"', [phrase("a"), phrase("b")]],
    ['say "hello', [word("say"), word('"hello')]],
    ['5" disk', [word('5"'), word("disk")]],
    ['"a b" c"d', [phrase("a", "b"), word('c"d')]],
    ['"', [word('"')]],
    ['""', [word('""')]],
    ['" "', [word('"'), word('"')]],
    ['"" "a"', [word('""'), phrase("a")]],
    ['"..."', [word("...")]],
    ['"Ⓜ"', [word("Ⓜ")]],
    ['"- -"', [word("-"), word("-")]],
    ["AND OR NOT NEAR( ) - + ^ :", ["AND", "OR", "NOT", "NEAR(", ")", "-", "+", "^", ":"].map(word)],
    ["100% foo_bar * ? \\ '", ["100%", "foo_bar", "*", "?", "\\", "'"].map(word)],
    ["“curly quotes”", [word("“curly"), word("quotes”")]],
    ["", []],
    [" \t ", []],
  ])("%j", (query, terms) => {
    expect(parseSearchQuery(query)).toEqual(terms);
  });

  test("has at most 32 terms", () => {
    expect(parseSearchQuery("a ".repeat(32))).toHaveLength(32);
    expect(parseSearchQuery(`"${"a ".repeat(40)}"`)).toHaveLength(1);
    expect(() => parseSearchQuery("a ".repeat(33))).toThrow(ConnectError);
    expect(() => parseSearchQuery('"a"'.repeat(33))).toThrow(expect.objectContaining({ code: Code.InvalidArgument }));
  });

  test("has a term wherever it has more than white space, and no term is empty or holds white space", () => {
    const query = fc.string({
      unit: fc.constantFrom("a", '"', " ", "\u3000", "-", "東", "👍", "\u0301", "\u200d"),
      maxLength: 30,
    });
    fc.assert(
      fc.property(query, (text) => {
        const terms = parseSearchQuery(text);
        expect(terms.length > 0).toBe(/\P{White_Space}/u.test(text));
        const words = terms.flatMap((term) => (term.kind === "word" ? [term.text] : term.words));
        for (const one of words) expect(one).toMatch(/^\P{White_Space}+$/u);
      }),
    );
  });
});
