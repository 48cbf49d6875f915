import { type DescField, type DescMessage, type JsonObject, type JsonValue, ScalarType } from "@bufbuild/protobuf";
import { by, type HostileInput, JSON_WAYS, json, MALFORMED, type Spoil } from "./hostile-input.ts";

type Fits = (field: DescField) => boolean;

const isInt32: Fits = ({ fieldKind, scalar }) => fieldKind === "scalar" && scalar === ScalarType.INT32;
const isBool: Fits = ({ fieldKind, scalar }) => fieldKind === "scalar" && scalar === ScalarType.BOOL;
const isMap: Fits = ({ fieldKind }) => fieldKind === "map";
const isEnum: Fits = ({ fieldKind }) => fieldKind === "enum";
const isTimestamp: Fits = ({ message }) => message?.typeName === "google.protobuf.Timestamp";

/** The path of the first field that fits, by JSON names, at most one message deep. */
function findField(desc: DescMessage, fits: Fits): string[] | undefined {
  const own = desc.fields.find(fits);
  if (own !== undefined) return [own.jsonName];
  for (const field of desc.fields) {
    if (field.fieldKind !== "message" || field.message.typeName.startsWith("google.")) continue;
    const inner = field.message.fields.find(fits);
    if (inner !== undefined) return [field.jsonName, inner.jsonName];
  }
  return undefined;
}

function set(json: JsonObject, [name = "", ...rest]: readonly string[], value: JsonValue): JsonObject {
  const inner = rest.length === 0 ? value : set((json[name] ?? {}) as JsonObject, rest, value);
  return { ...json, [name]: inner };
}

/** Sets the first field that fits, in methods that have one. */
function at(fits: Fits, value: JsonValue): Spoil {
  return json((request, { input }) => {
    const path = findField(input, fits);
    return path && set(request, path, value);
  });
}

const nullInList = json((request) => ("requests" in request ? { ...request, requests: [null] } : undefined));

const twoOfOneof = json((request, { input }) => {
  const [first, second] = input.oneofs[0]?.fields ?? [];
  return first && second && { ...request, [first.jsonName]: 1, [second.jsonName]: 1 };
});

const INPUTS: [name: string, spoil: Spoil][] = [
  ["above int32", at(isInt32, 2_147_483_648)],
  ["below int32", at(isInt32, "-2147483649")],
  ["a fraction for an int32", at(isInt32, 1.5)],
  ["a word for an int32", at(isInt32, "one")],
  ["a word for a bool", at(isBool, "yes")],
  ["a number in a map of texts", at(isMap, { a: 1 })],
  ["a text for a map", at(isMap, "a=b")],
  ["a fraction for an enum", at(isEnum, 1.5)],
  ["an enum's number above int32", at(isEnum, 2_147_483_648)],
  ["a word for a time", at(isTimestamp, "yesterday")],
  ["a time in the year 10000", at(isTimestamp, "10000-01-01T00:00:00Z")],
  ["null in a list", nullInList],
  ["two of a oneof", twoOfOneof],
];

/** What Connect takes: names that it ignores, and what JavaScript understands as a number or date. */
const STRICT_INPUTS: [name: string, spoil: Spoil][] = [
  ["an unknown field beside the body", json((request) => ({ ...request, nope: "1" }))],
  ["a number in hexadecimal for an int32", at(isInt32, "0x10")],
  ["the 30th of February", at(isTimestamp, "2025-02-30T00:00:00Z")],
  ["an unknown name in an enum", at(isEnum, "KIND_NOPE")],
];

const toInput =
  (...ways: ("connect+json" | "rest")[]) =>
  ([name, spoil]: [string, Spoil]): HostileInput => ({ name: `JSON: ${name}`, spoil, expected: by(ways, MALFORMED) });

/** What is wrong with the values in JSON: the body's in Connect, those of path, query and body in REST. */
export const JSON_VALUE_INPUTS: readonly HostileInput[] = [
  ...INPUTS.map(toInput(...JSON_WAYS)),
  ...STRICT_INPUTS.map(toInput("rest")),
];
