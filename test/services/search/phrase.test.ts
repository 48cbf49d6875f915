import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createPhrase, findPhrase } from "../../../services/search/phrase.ts";
import { splitUnits, splitWords, type TextUnit } from "../../../services/search/search-word.ts";
import { chatText } from "./search-texts.ts";

const find = (words: string[], text: string) =>
  [...findPhrase(createPhrase(words), splitUnits(text))].map(({ start, end }) => text.slice(start, end));

/** Compares the phrase's units at each place of the text. */
function findNaively(words: string[], text: string): string[] {
  const units = [...splitUnits(text)];
  const wanted = [...splitUnits(words.join(" "))];
  return units.flatMap((first, place) => {
    const here = units.slice(place, place + wanted.length);
    const isEqual = wanted.every(
      (unit, index) => here[index]?.text === unit.text && (here[index].touches || !unit.touches),
    );
    return isEqual ? [text.slice(first.start, here.at(-1)!.end)] : [];
  });
}

describe("a phrase", () => {
  test.each<[string[], string, string[]]>([
    [["a", "b"], "a b", ["a b"]],
    [["a", "b"], "a...\n\u200d b", ["a...\n\u200d b"]],
    [["a", "b"], "ab", []],
    [["a", "b"], "a c b", []],
    [["a", "b"], "a 👍 b", []],
    [["a", "a"], "a a a, b a a", ["a a", "a a", "a a"]],
    [["a", "👍", "b"], "a👍b", ["a👍b"]],
    [["cat"], "cats concat cat\u0301 cat_ cat", ["cat"]],
    [["猫", "cat"], "黒猫cat", ["猫cat"]],
    [["猫", "cat"], "猫 - cat", ["猫 - cat"]],
    [["北京"], "我们去北京，北 京", ["北京"]],
    [["北", "京"], "北京 北 京", ["北京", "北 京"]],
    [["北京", "北京"], "北京 北 京 北京北京", ["北京北京"]],
    [["👨"], "👨\u200d👩 👨🏽 👨", ["👨"]],
  ])("of %j in %j is %j", (words, text, found) => {
    expect(find(words, text)).toEqual(found);
  });

  test("is found wherever its units are, and nowhere else", () => {
    const words = (max: number) =>
      fc.array(fc.constantFrom("a", "b", "ab", "北", "京", "北京", "京北", "👍"), { minLength: 1, maxLength: max });
    const gaps = fc.array(fc.constantFrom("", " ", ", "), { minLength: 30, maxLength: 30 });
    fc.assert(
      fc.property(words(4), words(30), gaps, (phrase, texts, between) => {
        const text = texts.map((word, index) => word + between[index]).join("");
        expect(find(phrase, text)).toEqual(findNaively(phrase, text));
      }),
      { numRuns: 1_000 },
    );
  });

  test("of some words of a text, in sequence, is found in it", () => {
    const words = chatText()
      .filter((text) => splitWords(text).length > 0)
      .chain((text) => fc.tuple(fc.constant(text), fc.nat(), fc.nat()));
    fc.assert(
      fc.property(words, ([text, a, b]) => {
        const all = splitWords(text);
        const [first, last] = [a % all.length, b % all.length].sort((x, y) => x - y) as [number, number];
        expect(find(all.slice(first, last + 1), text)).not.toEqual([]);
      }),
    );
  });

  test("that nearly matches everywhere costs no more than one step for each unit of the text", () => {
    const nearly = [...splitUnits(`${"a ".repeat(9_000)}${"a ".repeat(126)}b`)];
    let steps = 0;
    function* counted(): Generator<TextUnit> {
      for (const unit of nearly) {
        steps++;
        yield unit;
      }
    }
    const lookUps = countLookUps(createPhrase([...Array<string>(126).fill("a"), "b"]));
    expect([...findPhrase(lookUps.phrase, counted())]).toHaveLength(1);
    expect(steps).toBe(nearly.length);
    expect(lookUps.count()).toBe(nearly.length);
  });
});

/** The same phrase, which counts how often a unit is compared with it. */
function countLookUps(phrase: ReturnType<typeof createPhrase>) {
  let count = 0;
  const places = new (class extends Map<string, bigint> {
    override get(key: string) {
      count++;
      return super.get(key);
    }
  })(phrase.places);
  return { phrase: { ...phrase, places }, count: () => count };
}
