import type { JsonValue } from "@bufbuild/protobuf";
import fc from "fast-check";

const token = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g;
const space = fc.stringMatching(/^[ \t\r\n]{0,3}$/);

/** The same JSON with spaces of all kinds between its tokens. */
export function spaced(json: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc.tuple(json, fc.array(space, { minLength: 1, maxLength: 9 })).map(([text, spaces]) => {
    const tokens = text.match(token) ?? [];
    return tokens.map((part, index) => part + spaces[index % spaces.length]).join("");
  });
}

const pieces = [
  ...'{}[]:,"\\ -+.eE019aut_=/\n\u0000é\ufeff',
  ...["null", "true", "1e400", "-0", "1.0", "01", "1e3", "[]", "{}", '""', '"x"', '"1"', '" 1"', '"0x10"', '"1sx"'],
  ...['"__proto__"', '"@type"', '"\\ud800"', '"\\u0041"', '{"a":1}', '"AB="', ',"aString":""', '{"value":null}'],
];

/** The text with a few pieces cut out or put in, mostly no longer what it was. */
export function mutated(json: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const at = fc.double({ min: 0, max: 1, noNaN: true });
  const piece = fc.oneof(fc.constant(""), fc.constantFrom(...pieces));
  const edit = fc.tuple(at, fc.constantFrom("character", "token"), piece);
  return fc.tuple(json, fc.array(edit, { minLength: 1, maxLength: 3 })).map(([text, edits]) => {
    return edits
      .reduce((before, [where, unit, put]) => replace(before, where, unit === "token", put), text)
      .toWellFormed();
  });
}

function replace(text: string, where: number, wholeToken: boolean, put: string): string {
  if (!wholeToken) {
    const at = Math.floor(where * text.length);
    return text.slice(0, at) + put + text.slice(at + (put === "" ? 1 : 0));
  }
  const tokens: string[] = text.match(token) ?? [];
  return tokens.length === 0 ? put : tokens.with(Math.floor(where * (tokens.length - 1)), put).join("");
}

/**
 * A name that is one escaped character. JSON.parse of V8 13.6 makes a backslash of it, where it has seen an object with
 * a backslash as the name in this place before.
 */
export const misreadName = /"\\(?:[^u]|u[\da-fA-F]{4})"\s*:/;

/** As JSON.stringify, which makes 0 of -0. */
export function printJson(json: JsonValue): string {
  if (Object.is(json, -0)) return "-0";
  if (json === null || typeof json !== "object") return JSON.stringify(json);
  if (Array.isArray(json)) return `[${json.map(printJson).join(",")}]`;
  const members = Object.entries(json).map(([key, value]) => `${JSON.stringify(key)}:${printJson(value)}`);
  return `{${members.join(",")}}`;
}
