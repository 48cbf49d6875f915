import type { JsonValue } from "@bufbuild/protobuf";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readJson } from "../../../../../edge/transcode/json/read/struct.ts";
import { JsonCursor } from "../../../../../edge/transcode/json/text/cursor.ts";
import { JsonProblem } from "../../../../../edge/transcode/json/text/problem.ts";
import { misreadName, mutated, spaced } from "../json-text.ts";

function read(text: string): JsonValue {
  const cursor = new JsonCursor(text);
  const value = readJson(cursor);
  cursor.end();
  return value;
}

/** The problem and the offset of its token. */
function refusal(text: string): [problem: string, offset: number, syntax: boolean] {
  const cursor = new JsonCursor(text);
  try {
    readJson(cursor);
    cursor.end();
  } catch (error) {
    if (error instanceof JsonProblem) return [error.message, cursor.start, error.syntax];
    throw error;
  }
  throw new Error("no refusal");
}

const deep = (levels: number) => "[".repeat(levels) + "]".repeat(levels);
const long = "x".repeat(200);

describe("JSON is read as JSON.parse reads it", () => {
  test.each([
    "null",
    " true ",
    "\t\r\n false",
    "0",
    "-0",
    "-1.25",
    "10",
    "1e5",
    "1E+5",
    "0.5e-3",
    "1e-400",
    "123456789012345678901234567890",
    '""',
    '"a"',
    '" "',
    `"${long}"`,
    `"${long}\\n${long}"`,
    `"${"x".repeat(39)}"`,
    `"${"x".repeat(40)}"`,
    `"${"x".repeat(39)}\\n"`,
    '"\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\u00E9"',
    '"\\\\"',
    '"\\\\\\""',
    '"\\ud83c\\udf5d"',
    '"🍝\u007f\u2028\ufeff"',
    '"\\u0000"',
    "[]",
    "[ ]",
    "[1]",
    "[1 , [2],{}]",
    "{}",
    "{ }",
    '{"":0}',
    '{"a":{"a":[{"a":null}]}}',
    '{"a" : 1 , "b" : 2}',
    '{"__proto__":{"constructor":1},"constructor":2}',
    deep(100),
    '{"a":'.repeat(50) + deep(50) + "}".repeat(50),
    `[${'{"a":[]},'.repeat(200)}1]`,
  ])("%s", (text) => {
    const value = read(text);
    expect(value).toEqual(JSON.parse(text));
    expect(JSON.stringify(value)).toBe(JSON.stringify(JSON.parse(text)));
  });
});

describe("what is no JSON is refused, and said where", () => {
  test.each<[text: string, problem: string, offset: number]>([
    ["", "expected a value, got the end", 0],
    ["  ", "expected a value, got the end", 2],
    ["\ufeff{}", "expected a value, got U+FEFF", 0],
    ["\u00a01", "expected a value, got U+00A0", 0],
    ["\u000b1", "expected a value, got U+000B", 0],
    ["nul", "expected a value, got nul", 0],
    ["nulll", "expected the end, got l", 4],
    ["True", "expected a value, got True", 0],
    ["undefined", "expected a value, got undefined", 0],
    ["NaN", "expected a value, got NaN", 0],
    ["-Infinity", "expected a digit, got Infinity", 1],
    ["'a'", "expected a value, got '", 0],
    ["// a", "expected a value, got /", 0],
    ["1 /* a */", "expected the end, got /", 2],
    // Numbers.
    ["-", "expected a digit, got the end", 1],
    ["+1", "expected a value, got +1", 0],
    ["01", "expected the end, got 1", 1],
    ["-01", "expected the end, got 1", 2],
    [".5", "expected a value, got .5", 0],
    ["1.", "expected a digit, got the end", 2],
    ["1.e1", "expected a digit, got e1", 2],
    ["1e", "expected a digit, got the end", 2],
    ["1e+", "expected a digit, got the end", 3],
    ["1x", "expected the end, got x", 1],
    ["0x10", "expected the end, got x10", 1],
    ["1_000", "expected the end, got _000", 1],
    ["１", "expected a value, got １", 0],
    // Strings.
    ['"', "expected the string to end in a double quote, got the end", 1],
    ['"abc', "expected the string to end in a double quote, got the end", 4],
    ['"abc\\"', "expected the string to end in a double quote, got the end", 6],
    [`"${long}`, "expected the string to end in a double quote, got the end", 201],
    ['"\\', "expected the string to end in a double quote, got the end", 2],
    ['"a\nb"', "expected a control character to be written as \\u000a, got U+000A", 2],
    ['"\u0000"', "expected a control character to be written as \\u0000, got U+0000", 1],
    [`"${long}\t"`, "expected a control character to be written as \\u0009, got U+0009", 201],
    ['"\\x41"', 'expected an escape as in \\n, \\" or \\u00e9, got \\', 1],
    ['"a\\\n"', 'expected an escape as in \\n, \\" or \\u00e9, got \\', 2],
    ['"\\u12"', 'expected an escape as in \\n, \\" or \\u00e9, got \\', 1],
    ['"\\\\\\u12G4"', 'expected an escape as in \\n, \\" or \\u00e9, got \\', 3],
    ['["a", "\\ud800"]', '"\\ud800" has half of a surrogate pair', 6],
    ['"\\udf5d\\ud83c"', '"\\udf5d\\ud83c" has half of a surrogate pair', 0],
    // Lists.
    ["[", "expected a value, got the end", 1],
    ["[1", 'expected "," or "]", got the end', 2],
    ["[1,]", "expected a value, got ]", 3],
    ["[,1]", "expected a value, got ,", 1],
    ["[1 2]", 'expected "," or "]", got 2', 3],
    ["[1}", 'expected "," or "]", got }', 2],
    ["[]]", "expected the end, got ]", 2],
    ["[1:2]", 'expected "," or "]", got :', 2],
    // Objects.
    ["{", "expected a name in double quotes, got the end", 1],
    ["{]", "expected a name in double quotes, got ]", 1],
    ["{a:1}", "expected a name in double quotes, got a", 1],
    ["{'a':1}", "expected a name in double quotes, got '", 1],
    ["{1:1}", "expected a name in double quotes, got 1", 1],
    ['{"a"}', 'expected ":", got }', 4],
    ['{"a",1}', 'expected ":", got ,', 4],
    ['{"a":}', "expected a value, got }", 5],
    ['{"a":1,}', "expected a name in double quotes, got }", 7],
    ['{"a":1 "b":2}', 'expected "," or "}", got "', 7],
    ['{"a":1]', 'expected "," or "}", got ]', 6],
    ["{} {}", "expected the end, got {", 3],
  ])("%j", (text, problem, offset) => {
    expect(refusal(text)).toEqual([problem, offset, true]);
  });
});

describe("what JSON.parse would take is refused", () => {
  test.each<[text: string, problem: string, offset: number]>([
    ['{"a": 1, "a": 1}', '"a" is given twice', 9],
    ['{"a": 1, "\\u0061": 2}', '"a" is given twice', 9],
    ['{"b": {"": 1, "c": 2, "": 1}}', '"" is given twice', 22],
    ['{"__proto__": 1, "__proto__": 1}', '"__proto__" is given twice', 17],
    [deep(101), "more than 100 objects and lists inside one another", 100],
    [deep(1_000_000), "more than 100 objects and lists inside one another", 100],
    ['{"a":'.repeat(200), "more than 100 objects and lists inside one another", 500],
  ])("%.60s", (text, problem, offset) => {
    expect(refusal(text)).toEqual([problem, offset, false]);
  });

  test("a number that no double holds", () => {
    expect(refusal("[1, -1e309]")).toEqual([expect.stringContaining("the range of a double, got -1e309"), 4, false]);
  });
});

/** Where reader and JSON.parse may differ. */
const stricter = /is given twice|the range of a double|objects and lists inside one another|surrogate pair/;

test("any JSON, however it is spaced, is what JSON.parse makes of it", () => {
  fc.assert(
    fc.property(spaced(fc.json({ stringUnit: "binary" })), (text) => {
      fc.pre(!misreadName.test(text));
      expect(read(text)).toEqual(JSON.parse(text));
    }),
    { numRuns: 500 },
  );
});

test("any text is refused as by JSON.parse, or for one of the known reasons", () => {
  const texts = fc.oneof(mutated(fc.json({ stringUnit: "binary" })), fc.string({ unit: "binary" }));
  fc.assert(
    fc.property(texts, (text) => {
      const cursor = new JsonCursor(text);
      const own = attempt(
        () => readJson(cursor),
        () => cursor.end(),
      );
      const native = attempt(() => JSON.parse(text) as JsonValue);
      if (own.error === undefined && !misreadName.test(text)) expect([own.value]).toEqual([native.value]);
      if (own.error !== undefined) expect(own.error).toBeInstanceOf(JsonProblem);
      if (native.error === undefined && own.error !== undefined) expect(String(own.error)).toMatch(stricter);
      expect(cursor.start).toBeLessThanOrEqual(text.length);
    }),
    { numRuns: 2000 },
  );
});

function attempt<T>(action: () => T, after = () => {}): { value?: T; error?: unknown } {
  try {
    const value = action();
    after();
    return { value };
  } catch (error) {
    return { error };
  }
}

test("a name of one escaped character is that character, whatever was read before", () => {
  expect(read('{"a": 1, "\\\\": 2}')).toEqual({ a: 1, "\\": 2 });
  expect(read('{"a": 1, "\\n": 2}')).toEqual({ a: 1, "\n": 2 });
  expect(read('{"a": 1, "\\u0000": 2}')).toEqual({ a: 1, "\0": 2 });
});

test("reading ahead leaves the cursor where it was", () => {
  const cursor = new JsonCursor('{"a": [[1]], "b": 2}');
  expect(cursor.lookAhead(() => readJson(cursor))).toEqual({ a: [[1]], b: 2 });
  expect(cursor.lookAhead(() => [cursor.openObject(), cursor.readKey()])).toEqual([true, "a"]);
  expect(readJson(cursor)).toEqual({ a: [[1]], b: 2 });
});

test("a token at fault is quoted in part only", () => {
  const cursor = new JsonCursor(`"${"x".repeat(10_000)}"`);
  expect(cursor.mismatch("a number").message.length).toBeLessThan(150);
});
