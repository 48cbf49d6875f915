import { describe, expect, test } from "vitest";
import { SEARCHED_CHAT, SearchedTexts } from "../../../bench/seed/searched-texts.ts";

const texts = new SearchedTexts({ messages: 2_000, inChat: 305 });

describe("searched texts", () => {
  test("are each number of each chat once, in order, and those of the searched chat among the others", () => {
    const counts = new Map<number, number>();
    const places: number[] = [];
    for (const [place, { chat, number, body }] of [...texts.all()].entries()) {
      expect(number).toBe((counts.get(chat) ?? 0) + 1);
      expect(body).toBe(texts.bodyOf(chat, number));
      counts.set(chat, number);
      if (chat === SEARCHED_CHAT) places.push(place);
    }
    expect(texts.sizes.map((_, index) => counts.get(index + 1))).toEqual(texts.sizes);
    expect(places).toHaveLength(305);
    expect(Math.max(...places.map((place, index) => place - (places[index - 1] ?? 0)))).toBeLessThan(10);
  });

  test("of a number are the same, however many there are", () => {
    const more = new SearchedTexts({ messages: 3_000, inChat: 400 });
    expect(more.bodyOf(SEARCHED_CHAT, 7)).toBe(texts.bodyOf(SEARCHED_CHAT, 7));
    expect(texts.bodyOf(SEARCHED_CHAT, 8)).not.toBe(texts.bodyOf(SEARCHED_CHAT, 7));
  });

  test("have each infix that is picked inside a word", () => {
    const all = Array.from({ length: 305 }, (_, index) => texts.bodyOf(SEARCHED_CHAT, index + 1).toLowerCase());
    const infixes = texts.pickInfixes(100, 5);
    expect(new Set(infixes).size).toBe(100);
    for (const infix of infixes) expect(all.some((text) => text.search(`\\w${infix}\\w`) >= 0)).toBe(true);
  });

  test("have numbers that take as many digits", () => {
    const numbers = new SearchedTexts({ messages: 20_000, inChat: 1_100 }).pickNumbers(50, SEARCHED_CHAT);
    expect(numbers.every((number) => number >= 500 && number < 1_000)).toBe(true);
  });
});
