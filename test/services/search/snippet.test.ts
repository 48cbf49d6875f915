import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { foldText } from "../../../services/search/folded-text.ts";
import { parseSearchQuery } from "../../../services/search/search-query.ts";
import { createSnippet } from "../../../services/search/snippet.ts";
import { createTermFinder } from "../../../services/search/term-finder.ts";
import { chatText, withPart } from "./search-texts.ts";

const FAMILY = "👨\u200d👩\u200d👧";
const HTML = /^(?:[^<>"'&]|&(?:amp|lt|gt|quot|#39);|<em>(?:[^<>"'&]|&(?:amp|lt|gt|quot|#39);)+<\/em>)*$/u;
const CHARACTERS: Record<string, string> = { "&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"', "&#39;": "'" };

const snippet = (body: string, query: string) => createSnippet(body, parseSearchQuery(query).map(createTermFinder));
const textOf = (html: string) => html.replace(/<\/?em>/g, "").replace(/&[a-z0-9#]+;/g, (entity) => CHARACTERS[entity]!);
const matchesOf = (html: string) => [...html.matchAll(/<em>(.*?)<\/em>/gsu)].map(([, match]) => textOf(match!));

describe("a snippet", () => {
  test.each([
    ["hello world", "world", "hello <em>world</em>"],
    ["Hello WORLD", "hello world", "<em>Hello</em> <em>WORLD</em>"],
    ["banana", "an", "b<em>anan</em>a"],
    ["ababa", "aba", "<em>ababa</em>"],
    ["foobar", "foo bar", "<em>foobar</em>"],
    ["foobar", "oob fo", "<em>foob</em>ar"],
    ["hello world", "nothing", "hello world"],
    ["say hello, world!", '"hello world"', "say <em>hello, world</em>!"],
    ["one one two", '"one two"', "one <em>one two</em>"],
    ["a a a b", '"a a"', "<em>a a a</em> b"],
    ["我用github工作", '"用github"', "我<em>用github</em>工作"],
    ["othello hello", '"hello"', "othello <em>hello</em>"],
    ["<b>&\"'</b>", "b", "&lt;<em>b</em>&gt;&amp;&quot;&#39;&lt;/<em>b</em>&gt;"],
    ["a &lt; b", "&lt;", "a <em>&amp;lt;</em> b"],
    ["a &lt; b", "lt", "a &amp;<em>lt</em>; b"],
    ["the cafe\u0301 is", "CAFÉ", "the <em>cafe\u0301</em> is"],
    ["İİ istanbul", "istan", "İİ <em>istan</em>bul"],
    ["İH\u0331 tea", "tea", "İH\u0331 <em>tea</em>"],
    ["ΟΔΟΣ", "οδος", "<em>ΟΔΟΣ</em>"],
    ["a👍🏽b", "👍🏽", "a<em>👍🏽</em>b"],
    ["東京タワー", "京タ", "東<em>京タ</em>ワー"],
    ["𝒳𝒳𝒳", "𝒳", "<em>𝒳𝒳𝒳</em>"],
    ["👍 👍", '"👍"', "<em>👍</em> <em>👍</em>"],
  ])("of %j for %j", (body, query, html) => {
    expect(snippet(body, query)).toBe(html);
  });

  test("is cut around the first match", () => {
    const body = `${"x".repeat(500)} needle ${"y".repeat(500)} needle`;
    expect(snippet(body, "needle")).toBe(`…${"x".repeat(39)} <em>needle</em> ${"y".repeat(113)}…`);
  });

  test("takes the first match of any term", () => {
    const body = `${"x".repeat(500)} early ${"y".repeat(500)} late`;
    expect(matchesOf(snippet(body, "late early"))).toEqual(["early"]);
  });

  test("near the end of the body shows more before the match", () => {
    expect(snippet(`${"x".repeat(500)} needle`, "needle")).toBe(`…${"x".repeat(153)} <em>needle</em>`);
  });

  test("of a body without a match is its beginning", () => {
    expect(snippet("x".repeat(500), "needle")).toBe(`${"x".repeat(160)}…`);
  });

  test("of a match longer than itself is cut within the match", () => {
    expect(snippet("x".repeat(300), "x".repeat(200))).toBe(`<em>${"x".repeat(160)}</em>…`);
  });

  test("is cut between graphemes", () => {
    for (let shift = 0; shift < 6; shift++) {
      const html = snippet(`${"a".repeat(shift)}${FAMILY.repeat(50)} needle ${FAMILY.repeat(50)}`, "needle");
      expect(html).toMatch(new RegExp(`^…(?:${FAMILY})+ <em>needle</em> (?:${FAMILY})+…$`, "u"));
    }
  });

  test("is bounded where a grapheme is not", () => {
    expect(snippet(`a${"\u0301".repeat(10_000)}`, "nothing").length).toBeLessThan(200);
  });

  test("is well-formed HTML whose text is a part of the body, with the match marked", () => {
    const longText = fc
      .tuple(fc.array(chatText(), { maxLength: 12 }), chatText())
      .map(([texts, last]) => [...texts, last].join(" "));
    fc.assert(
      fc.property(withPart(longText), ({ text, part }) => {
        const html = snippet(text, part);
        expect(html).toMatch(HTML);
        expect(html.isWellFormed()).toBe(true);
        const shown = textOf(html);
        const candidates = [shown, shown.slice(1), shown.slice(0, -1), shown.slice(1, -1)];
        expect(candidates.some((candidate) => text.includes(candidate))).toBe(true);
        expect(Array.from(shown).length).toBeLessThanOrEqual(160 + 32 + 2);
        const marked = matchesOf(html).map(foldText);
        expect(marked.some((match) => match.includes(foldText(part)) || foldText(part).startsWith(match))).toBe(true);
      }),
    );
  });

  test("splits no surrogate pair, wherever it is cut", () => {
    for (let shift = 0; shift < 4; shift++) {
      const html = snippet(`${"a".repeat(shift)}${"𝒳".repeat(200)}needle${"𝒳".repeat(200)}`, "needle");
      expect(html.isWellFormed()).toBe(true);
    }
  });

  test.each([
    ["one letter", "a".repeat(20_000), Array.from("aaaaaaaaaaaaaaaa").join(" ")],
    ["words in a phrase that nearly match", "a ".repeat(10_000), `"${"a ".repeat(120)}b"`],
    ["a phrase over long gaps", `a${" ".repeat(600)}`.repeat(33), `"${"a ".repeat(40)}b"`],
    ["marks alone", `a${"\u0301".repeat(19_999)}`, '"\u0301" b'],
    ["flags alone", "🇩🇪".repeat(10_000), '"🇪🇩" 🇫'],
    ["letters that fold to two", "İ".repeat(20_000), "i\u0307x x"],
    ["joined emojis", "👨\u200d".repeat(10_000), `"${FAMILY}" x`],
  ])("takes little time for %s", (_, body, query) => {
    const start = performance.now();
    snippet(body, query);
    expect(performance.now() - start).toBeLessThan(1_000);
  });
});
