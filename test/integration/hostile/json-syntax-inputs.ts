import type { JsonObject, JsonValue } from "@bufbuild/protobuf";
import { by, type HostileInput, JSON_WAYS, MALFORMED, text } from "./hostile-input.ts";

type Change = (body: string) => string | Uint8Array | undefined;

/** How deep is deep: no stack of calls has as many levels. */
const LEVELS = 20_000;
const nested = "[".repeat(LEVELS) + "]".repeat(LEVELS);

/** The text with bytes at the beginning of its first text value; where it has none, of a page token. */
function insert(body: string, ...inserted: number[]): Buffer {
  const source = body.includes(':"') ? body : '{"pageToken":"b"}';
  const at = source.indexOf(':"') + 2;
  return Buffer.concat([Buffer.from(source.slice(0, at)), Buffer.from(inserted), Buffer.from(source.slice(at))]);
}

/** The text with one value, itself as text, for all of its keys. */
function withAll(body: string, value: string): string {
  const names = Object.keys(JSON.parse(body) as JsonObject);
  return `{${(names.length === 0 ? ["name"] : names).map((name) => `${JSON.stringify(name)}:${value}`)}}`;
}

/** The text with a pair before its own. */
function withFirst(body: string, pair: string): string {
  return `{${pair}${body === "{}" ? "" : ","}${body.slice(1)}`;
}

function withKeyTwice(body: string): string {
  const pairs: [string, JsonValue][] = Object.entries(JSON.parse(body) as JsonObject);
  const [name, value] = pairs[0] ?? ["requestId", "7b2f0c4e-6f0c-4a59-8d6b-0d4fdc1f3f11"];
  const pair = `${JSON.stringify(name)}:${JSON.stringify(value)}`;
  return withFirst(pairs.length === 0 ? `{${pair}}` : body, pair);
}

const INPUTS: [name: string, change: Change][] = [
  ["cut off", (body) => body.slice(0, -1)],
  ["text after its end", (body) => `${body} {}`],
  ["a comma too many", (body) => body.replace(/\}$/, ",}")],
  ["a comment", (body) => `/**/${body}`],
  ["not UTF-8 but UTF-16", (body) => Buffer.from(body, "utf16le")],
  ["a byte that is not UTF-8", (body) => insert(body, 0xff)],
  ["an overlong form of UTF-8", (body) => insert(body, 0xc0, 0xaf)],
  ["a surrogate in UTF-8", (body) => insert(body, 0xed, 0xa0, 0x80)],
  ["half a surrogate pair, escaped", (body) => insert(body, ...Buffer.from("\\ud800"))],
  ["a raw control character", (body) => insert(body, 0)],
  ["nothing but white space", () => " \n"],
  ["keys in single quotes", () => "{'a': 1}"],
  ["NaN", () => '{"a": NaN}'],
  ["a leading zero", () => '{"a": 01}'],
  ["a bare word", () => "nope"],
  ["null", () => "null"],
  ["true", () => "true"],
  ["a number", () => "1e400"],
  ["a text", () => '"name"'],
  ["a list", () => "[{}]"],
  ["lists in one another, 20,000 deep", () => nested],
  ["objects in one another, 5,000 deep", () => '{"name":'.repeat(5_000)],
  ["lists in one another, 20,000 deep, in every field", (body) => withAll(body, nested).slice(0, 60_000)],
  ["a list in a list for every field", (body) => withAll(body, "[[1]]")],
  ["a key twice", withKeyTwice],
  [
    "a field by both of its names",
    (body) => (body.startsWith('{"displayName"') ? withFirst(body, '"display_name":"x"') : undefined),
  ],
];

/** What Connect takes: it ignores unknown fields. */
const STRICT_INPUTS: [name: string, change: Change][] = [
  ["an unknown field", (body) => withFirst(body, '"nope":1')],
  ["__proto__", (body) => withFirst(body, '"__proto__":{"a":1}')],
  ["an unknown field in every field", (body) => withAll(body, '{"a":{"b":1}}')],
];

const toInput =
  (...ways: ("connect+json" | "rest")[]) =>
  ([name, change]: [string, Change]): HostileInput => ({
    name: `JSON: ${name}`,
    spoil: text(change),
    expected: by(ways, MALFORMED),
  });

/** What is wrong with the text of a JSON body, in Connect and in REST. */
export const JSON_SYNTAX_INPUTS: readonly HostileInput[] = [
  ...INPUTS.map(toInput(...JSON_WAYS)),
  ...STRICT_INPUTS.map(toInput("rest")),
];
