import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cut, quote } from "../../../edge/transcode/quoted.ts";

const x = (count: number) => "x".repeat(count);

describe("a text is quoted, escaped, and shown to its 100th UTF-16 unit", () => {
  test.each<[text: string, quoted: string]>([
    ["", '""'],
    ["a b", '"a b"'],
    ['a"b\\', '"a\\"b\\\\"'],
    ["é🍝", '"é🍝"'],
    ["a\n\u0000", '"a\\n\\u0000"'],
    ["\ud800", '"\\ud800"'],
    [x(100), `"${x(100)}"`],
    [x(101), `"${x(100)}…"`],
    [`${x(98)}🍝`, `"${x(98)}🍝"`],
    [`${x(98)}🍝x`, `"${x(98)}🍝…"`],
    [`${x(99)}🍝`, `"${x(99)}…"`],
    [`${x(99)}\ud800x`, `"${x(99)}\\ud800…"`],
  ])("%j", (text, quoted) => {
    expect(quote(text)).toBe(quoted);
  });
});

test("what is cut is the start of the text, of which no character is split", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 30 }), fc.integer({ min: 1, max: 40 }), (text, units) => {
      const shown = cut(text, units);
      const isWhole = text.length <= units;
      const start = isWhole ? shown : shown.slice(0, -1);
      expect(shown).toBe(isWhole ? text : `${start}…`);
      expect([text.startsWith(start), start.isWellFormed()]).toEqual([true, true]);
      expect(start.length).toBeGreaterThanOrEqual(Math.min(units - 1, text.length));
    }),
  );
});
