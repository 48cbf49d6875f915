import { describe, expect, test } from "vitest";
import { splitUnits, splitWords, wordPattern } from "../../../services/search/search-word.ts";

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

test.each([
  ["a b", ["a", "b"]],
  ["a猫b", ["a", "+猫", "+b"]],
  ["ดี 北京", ["ดี", "北", "+京"]],
  ["👍👍🏽", ["👍", "+👍🏽"]],
  [", -", []],
])("the units of %j, those that touch the one before with +", (text, units) => {
  const found = [...splitUnits(text)];
  expect(found.map(({ text: unit, touches }) => (touches ? `+${unit}` : unit))).toEqual(units);
  for (const { text: unit, start, end } of found) expect(text.slice(start, end)).toBe(unit);
});

test.each([
  ["cat", "the cat.", true],
  ["cat", "cats", false],
  ["cat", "concat", false],
  ["cat", "cat_", false],
  ["cat", "cat\u0301", false],
  ["cat", "x\u0302cat", false],
  ["cat", "猫cat猫", true],
  ["cat", "ー\u3099cat", true],
  ["cat", "👍cat👍", true],
  ["cat", "❤️cat", true],
  ["cat", "concat cat", true],
  ["猫", "黒猫だ", true],
  ["👍", "👍🏽", false],
  ["👍", "👍!", true],
  ["👨", "👨\u200d👩", false],
  ["👩", "👨\u200d👩", false],
  ["a.c", "abc", false],
  ["a.c", "x a.c", true],
  ["100%", "100%!", true],
  ["100%", "1100%", false],
  ["^$\\.*+?()[]{}|/-&", "^$\\.*+?()[]{}|/-&", true],
])("a pattern of %j in %j: %j", (text, within, isFound) => {
  expect(new RegExp(wordPattern(text), "v").test(within)).toBe(isFound);
});
