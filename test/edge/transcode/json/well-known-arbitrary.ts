import { create, fromJson, type JsonObject, type JsonValue, type Message } from "@bufbuild/protobuf";
import {
  DurationSchema,
  FieldMaskSchema,
  ListValueSchema,
  StructSchema,
  TimestampSchema,
  ValueSchema,
} from "@bufbuild/protobuf/wkt";
import fc from "fast-check";
import { stringOf } from "./scalar-arbitrary.ts";

const FIRST_SECOND = -62135596800n;
const LAST_SECOND = 253402300799n;
const LONGEST_DURATION = 315576000000n;

/** The types whose JSON is not an object of their fields, but for wrappers and Any; all have valid JSON. */
export function wellKnownOf(typeName: string, loneSurrogates: boolean): fc.Arbitrary<Message> | undefined {
  switch (typeName) {
    case "google.protobuf.Timestamp":
      return timestamp();
    case "google.protobuf.Duration":
      return duration();
    case "google.protobuf.FieldMask":
      return fieldMask();
    case "google.protobuf.Struct":
      return jsonObject(loneSurrogates).map((json) => fromJson(StructSchema, json));
    case "google.protobuf.Value":
      return jsonValue(loneSurrogates).map((json) => fromJson(ValueSchema, json));
    case "google.protobuf.ListValue":
      return fc.array(jsonValue(loneSurrogates), { maxLength: 3 }).map((json) => fromJson(ListValueSchema, json));
    default:
      return undefined;
  }
}

/** A field of type Struct holds its JSON. */
export function jsonObject(loneSurrogates: boolean): fc.Arbitrary<JsonObject> {
  const entry = fc.tuple(stringOf(loneSurrogates), jsonValue(loneSurrogates));
  return fc.array(entry, { maxLength: 3 }).map((entries) => Object.fromEntries(entries));
}

function jsonValue(loneSurrogates: boolean): fc.Arbitrary<JsonValue> {
  return fc.oneof(
    fc.jsonValue({ maxDepth: 2, depthSize: "xsmall" }) as fc.Arbitrary<JsonValue>,
    stringOf(loneSurrogates),
    fc.constantFrom<JsonValue>(null, false, 0, -0, "", [], {}, JSON.parse('{"__proto__": {"1": [null]}}')),
  );
}

function timestamp(): fc.Arbitrary<Message> {
  const seconds = fc.oneof(
    fc.bigInt({ min: FIRST_SECOND, max: LAST_SECOND }),
    fc.constantFrom(FIRST_SECOND, -1n, 0n, 1790000000n, LAST_SECOND),
  );
  return fc.record({ seconds, nanos: nanos() }).map((init) => create(TimestampSchema, init));
}

function duration(): fc.Arbitrary<Message> {
  const seconds = fc.oneof(fc.bigInt({ min: 0n, max: LONGEST_DURATION }), fc.constantFrom(0n, LONGEST_DURATION));
  return fc.tuple(fc.boolean(), seconds, nanos()).map(([negative, whole, part]) => {
    const init = negative ? { seconds: -whole, nanos: 0 - part } : { seconds: whole, nanos: part };
    return create(DurationSchema, init);
  });
}

/** Of each precision that JSON prints: none, 3, 6 and 9 digits. */
function nanos(): fc.Arbitrary<number> {
  return fc.oneof(
    fc.constantFrom(0, 1, 999_999_999),
    fc.integer({ min: 0, max: 999 }).map((part) => part * 1_000_000),
    fc.integer({ min: 0, max: 999_999 }).map((part) => part * 1000),
    fc.integer({ min: 0, max: 999_999_999 }),
  );
}

function fieldMask(): fc.Arbitrary<Message> {
  const path = fc.stringMatching(/^[a-z]{1,4}(_[a-z]{1,4}){0,2}(\.[a-z]{1,3}){0,2}$/);
  return fc.array(path, { maxLength: 3 }).map((paths) => create(FieldMaskSchema, { paths }));
}
