import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { splitWords, wordsPattern } from "../../../services/search/search-word.ts";
import { chatText } from "./search-texts.ts";

const matches = (words: string[], text: string) => new RegExp(wordsPattern(words), "v").test(text);

describe("words", () => {
  test.each([
    ["hello, world_1!", ["hello", "world_1"]],
    ["e\u0301te\u0301 a\u0323", ["e\u0301te\u0301", "a\u0323"]],
    ["我用github工作", ["我用", "github", "工作"]],
    ["タワー、ー々〇", ["タワー", "ー々〇"]],
    ["か\u3099き", ["か\u3099き"]],
    ["สวัสดี abc", ["สวัสดี", "abc"]],
    ["ี ก", ["ี", "ก"]],
    ["नमस्ते दुनिया", ["नमस्ते", "दुनिया"]],
    ["a👍b", ["a", "👍", "b"]],
    ["👍👍🏽", ["👍", "👍🏽"]],
    ["❤️x", ["❤️", "x"]],
    ["1️⃣", ["1️⃣"]],
    ["🇩🇪🇫🇷🇬", ["🇩🇪", "🇫🇷", "🇬"]],
    ["... \u200d -", []],
  ])("of %j", (text, words) => {
    expect(splitWords(text)).toEqual(words);
  });
});

describe("a pattern of words", () => {
  test.each<[string[], string, boolean]>([
    [["cat"], "the cat.", true],
    [["cat"], "cats", false],
    [["cat"], "concat", false],
    [["cat"], "cat_", false],
    [["cat"], "cat\u0301", false],
    [["cat"], "x\u0302cat", false],
    [["cat"], "猫cat猫", true],
    [["cat"], "ー\u3099cat", true],
    [["cat"], "👍cat👍", true],
    [["cat"], "❤️cat", true],
    [["cat"], "concat cat", true],
    [["猫"], "黒猫だ", true],
    [["猫", "cat"], "猫cat", true],
    [["猫", "cat"], "猫 - cat", true],
    [["a", "b"], "a b", true],
    [["a", "b"], "a...\n\u200d b", true],
    [["a", "b"], "ab", false],
    [["a", "b"], "a c b", false],
    [["a", "b"], "a 👍 b", false],
    [["a", "👍", "b"], "a👍b", true],
    [["👍"], "👍🏽", false],
    [["👍"], "👍!", true],
    [["👨"], "👨\u200d👩", false],
    [["👩"], "👨\u200d👩", false],
    [["a.c"], "abc", false],
    [["a.c"], "x a.c", true],
    [["100%"], "100%!", true],
    [["100%"], "1100%", false],
    [["^$\\.*+?()[]{}|/-&"], "^$\\.*+?()[]{}|/-&", true],
  ])("%j in %j: %j", (words, text, isFound) => {
    expect(matches(words, text)).toBe(isFound);
  });

  test("finds the words of a text in that text, in sequence", () => {
    const hasWords = chatText().filter((text) => splitWords(text).length > 0);
    const someWords = hasWords.chain((text) => {
      const words = splitWords(text);
      const place = fc.integer({ min: 0, max: words.length - 1 });
      return fc.tuple(place, place).map(([a, b]) => ({ text, words: words.slice(Math.min(a, b), Math.max(a, b) + 1) }));
    });
    fc.assert(
      fc.property(someWords, ({ text, words }) => {
        expect(matches(words, text)).toBe(true);
      }),
    );
  });
});
