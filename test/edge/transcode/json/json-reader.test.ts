import { create, type DescMessage, fromJson, type JsonValue, type MessageShape, toJson } from "@bufbuild/protobuf";
import {
  DurationSchema,
  EmptySchema,
  FieldMaskSchema,
  Int64ValueSchema,
  ListValueSchema,
  StringValueSchema,
  StructSchema,
  TimestampSchema,
  ValueSchema,
} from "@bufbuild/protobuf/wkt";
import { describe, expect, test } from "vitest";
import { JsonReaders, type JsonReadOptions } from "../../../../edge/transcode/json/json-reader.ts";
import { JsonReadError } from "../../../../edge/transcode/json/text/read-error.ts";
import {
  ChoiceSchema,
  ListsSchema,
  MapsSchema,
  OptionalScalarsSchema,
  PantrySchema,
  ScalarsSchema,
  WellKnownListsSchema,
  WellKnownSchema,
} from "../gen/kitchen/v1/json_pb.ts";
import { SinkSchema } from "../gen/kitchen/v1/kitchen_pb.ts";
import { LegacySchema } from "../gen/kitchen/v1/legacy_pb.ts";
import { registry } from "./json-types.ts";

const readers = new JsonReaders({ registry });

describe("JSON is read as protobuf-es reads it", () => {
  test.each<[desc: DescMessage, text: string]>([
    [ScalarsSchema, "{}"],
    [ScalarsSchema, '{"aDouble": 1.5, "a_float": -2, "anInt32": 3, "a_bool": true, "aString": "é"}'],
    // Numbers as texts, and whole ones written otherwise.
    [ScalarsSchema, '{"anInt32": "7", "aUint32": "4294967295", "aSint32": 1.0, "aFixed32": 1e3, "aSfixed32": "-1E+2"}'],
    [ScalarsSchema, '{"anInt64": "-9223372036854775808", "aUint64": "18446744073709551615", "aSint64": 5}'],
    [ScalarsSchema, '{"aDouble": "1e-7", "aFloat": "3.4028234663852886e38"}'],
    [ScalarsSchema, '{"aDouble": "NaN", "aFloat": "-Infinity"}'],
    [ScalarsSchema, '{"aDouble": -0, "aFloat": "-0.0"}'],
    [ScalarsSchema, '{"asText": "9007199254740993"}'],
    [ScalarsSchema, '{"other \\"name\\"": "a"}'],
    [ScalarsSchema, '{"\\u0061Bool": true}'],
    // Bytes in both alphabets, padded or not.
    [ScalarsSchema, '{"someBytes": "+/8="}'],
    [ScalarsSchema, '{"someBytes": "-_8"}'],
    [ScalarsSchema, '{"someBytes": "AQIDBA=="}'],
    [ScalarsSchema, '{"someBytes": "AQID"}'],
    [ScalarsSchema, '{"someBytes": ""}'],
    // Null is unset.
    [ScalarsSchema, '{"aDouble": null, "anInt64": null, "aString": null, "someBytes": null}'],
    [OptionalScalarsSchema, '{"aString": "", "aBool": false, "anInt64": null, "shelf": 0}'],
    [PantrySchema, '{"scalars": null, "lists": {"int32s": null}, "maps": {"byBool": null}, "shelf": null}'],
    // Enums.
    [PantrySchema, '{"shelf": "SHELF_CELLAR"}'],
    [PantrySchema, '{"shelf": 7}'],
    [PantrySchema, '{"shelf": 99}'],
    [ListsSchema, '{"shelves": ["SHELF_TOP", -1, 1.0]}'],
    // Maps.
    [MapsSchema, '{"byInt32": {"-1": 1}, "byInt64": {"9007199254740993": "1"}, "byBool": {"true": false}}'],
    [MapsSchema, '{"byString": {"__proto__": "a", "constructor": "b", "": "c"}}'],
    [MapsSchema, '{"messages": {"__proto__": {"aBool": true}}, "structs": {"a": {"b": null}}, "values": {"a": null}}'],
    // Well-known types.
    [WellKnownSchema, '{"time": "2024-02-29T23:59:59.123456789Z"}'],
    [WellKnownSchema, '{"time": "2024-01-02T03:04:05.5+01:00"}'],
    [WellKnownSchema, '{"time": "0001-01-01T00:00:00Z"}'],
    [WellKnownSchema, '{"time": "9999-12-31T23:59:59.999999999Z"}'],
    [WellKnownSchema, '{"duration": "-1.5s"}'],
    [WellKnownSchema, '{"duration": "-0.000000001s"}'],
    [WellKnownSchema, '{"duration": "315576000000s"}'],
    [WellKnownSchema, '{"mask": "a,bC.dE,*"}'],
    [WellKnownSchema, '{"mask": ""}'],
    [WellKnownSchema, '{"struct": {"__proto__": {"a": [1, "b", null, true]}}, "list": [null, [], {}]}'],
    [WellKnownSchema, '{"value": null, "null": null, "maybeNull": null}'],
    [WellKnownSchema, '{"value": {"a": -0}, "null": "NULL_VALUE", "maybeNull": 0}'],
    [WellKnownSchema, '{"empty": {}, "list": null, "struct": null}'],
    [WellKnownSchema, '{"aDouble": "NaN", "anInt64": 5, "aBool": false, "aString": "", "someBytes": "AQ"}'],
    [WellKnownSchema, '{"aDouble": null, "anInt64": null, "aBool": null, "aString": null, "someBytes": null}'],
    [WellKnownListsSchema, '{"values": [null, 1], "nulls": [null, "NULL_VALUE"], "structs": [{}], "int64s": ["1", 2]}'],
    // Any.
    [WellKnownSchema, '{"any": {}}'],
    [WellKnownSchema, '{"any": {"@type": "type.googleapis.com/kitchen.v1.Scalars", "aBool": true}}'],
    [WellKnownSchema, '{"any": {"aBool": true, "@type": "type.googleapis.com/kitchen.v1.Scalars"}}'],
    [WellKnownSchema, '{"any": {"value": "1s", "@type": "type.googleapis.com/google.protobuf.Duration"}}'],
    [WellKnownSchema, '{"any": {"@type": "type.googleapis.com/google.protobuf.Value", "value": null}}'],
    [WellKnownSchema, '{"any": {"@type": "type.googleapis.com/google.protobuf.Empty"}}'],
    [
      WellKnownSchema,
      '{"any": {"value": {"aBool": true, "@type": "type.googleapis.com/kitchen.v1.Scalars"}, "@type": "type.googleapis.com/google.protobuf.Any"}}',
    ],
    // Members of a oneof.
    [ChoiceSchema, '{"wrapped": "a"}'],
    [ChoiceSchema, '{"struct": {"a": 1}}'],
    [ChoiceSchema, '{"null": null}'],
    [ChoiceSchema, '{"value": null}'],
    [ChoiceSchema, '{"aString": null, "anInt64": "5"}'],
    [ChoiceSchema, '{"anInt64": "5", "aString": null}'],
    [ChoiceSchema, '{"message": {}}'],
    // What proto2 has.
    [LegacySchema, '{"name": "a", "side": {"text": "b"}, "spice": "SPICE_SALT", "byName": {"a": 2}}'],
    [LegacySchema, '{"name": "a", "[kitchen.v1.note]": "b", "[kitchen.v1.marks]": [1, 2]}'],
    // As a whole.
    [StringValueSchema, '"a"'],
    [Int64ValueSchema, '"5"'],
    [TimestampSchema, '"2024-01-02T03:04:05Z"'],
    [DurationSchema, '"1s"'],
    [FieldMaskSchema, '"a,b"'],
    [StructSchema, '{"a": null}'],
    [ListValueSchema, "[1]"],
    [ValueSchema, "null"],
    [EmptySchema, "{}"],
  ])("%s %s", (desc, text) => {
    const message = readers.readMessage(desc, text);
    const expected = fromJson(desc, JSON.parse(text) as JsonValue, { registry });
    expect(message).toEqual(expected);
    expect(toJson(desc, message, { registry })).toEqual(toJson(desc, expected, { registry }));
  });
});

describe("what protobuf-es gets wrong or refuses is read exactly", () => {
  test.each<[desc: DescMessage, text: string, json: JsonValue]>([
    [ScalarsSchema, '{"anInt64": 9007199254740993}', { anInt64: "9007199254740993" }],
    [ScalarsSchema, '{"aUint64": 18446744073709551615}', { aUint64: "18446744073709551615" }],
    [ScalarsSchema, '{"anInt64": 9223372036854775807.000e0}', { anInt64: "9223372036854775807" }],
    [ScalarsSchema, '{"aSint64": "-1e3", "aFixed64": "1.0"}', { aSint64: "-1000", aFixed64: "1" }],
    [ScalarsSchema, '{"anInt64": 922337203685477580700e-2}', { anInt64: "9223372036854775807" }],
    [ScalarsSchema, `{"anInt32": 7${"0".repeat(500)}e-500}`, { anInt32: 7 }],
    [ScalarsSchema, '{"asText": 9007199254740993}', { asText: "9007199254740993" }],
    [ScalarsSchema, '{"anInt32": 0e999999999999999999999}', {}],
    [ScalarsSchema, '{"anInt32": "-0"}', {}],
    [LegacySchema, '{"name": "a", "[kitchen.v1.note]": null, "[kitchen.v1.marks]": null}', { name: "a" }],
    [MapsSchema, '{"byInt64": {"1e3": 9007199254740993}}', { byInt64: { "1000": "9007199254740993" } }],
    [ChoiceSchema, '{"anInt64": "5", "message": null, "shelf": null, "time": null}', { anInt64: "5" }],
  ])("%s %s", (desc, text, json) => {
    expect(toJson(desc, readers.readMessage(desc, text), { registry })).toEqual(json);
  });

  test("the URL of a type is kept", () => {
    const { any } = readers.readMessage(WellKnownSchema, '{"any": {"@type": "example.com/types/kitchen.v1.Scalars"}}');
    expect(any?.typeUrl).toBe("example.com/types/kitchen.v1.Scalars");
  });
});

function refusal(desc: DescMessage, text: string, options: JsonReadOptions = { registry }): JsonReadError {
  try {
    new JsonReaders(options).readMessage(desc, text);
  } catch (error) {
    if (error instanceof JsonReadError) return error;
    throw error;
  }
  throw new Error("no refusal");
}

describe("unknown fields that are ignored", () => {
  const options = { registry, ignoreUnknownFields: true };
  const read = (text: string) => new JsonReaders(options).readMessage(ScalarsSchema, text);

  test.each(['{"x": 1, "aBool": true}', '{"aBool": true, "x": {"y": [null]}}', '{"[a.b]": 1, "aBool": true}'])(
    "%s",
    (text) => {
      expect(read(text)).toEqual(create(ScalarsSchema, { aBool: true }));
    },
  );

  test("are JSON, and given once", () => {
    expect(refusal(ScalarsSchema, '{"x": 1, "x": 1}', options).message).toContain('"x" is given twice');
    expect(refusal(ScalarsSchema, '{"x": {"y": 1, "y": 1}}', options).message).toContain(
      'at x (line 1, column 16): "y"',
    );
    expect(refusal(ScalarsSchema, '{"x": [1,]}', options).syntax).toBe(true);
    expect(refusal(PantrySchema, '{"shelf": "X"}', options).message).toContain('got "X"');
  });
});

describe("one field is read from a whole text", () => {
  function readField(name: string, text: string): JsonValue {
    const message = create(SinkSchema);
    readers.readField(message, SinkSchema.fields.find((field) => field.name === name)!, text);
    return toJson(SinkSchema, message, { registry });
  }

  test.each<[name: string, text: string, json: JsonValue]>([
    ["a_string", '"a"', { aString: "a" }],
    ["an_int64", "9007199254740993", { anInt64: "9007199254740993" }],
    ["strings", '["a", "b"]', { strings: ["a", "b"] }],
    ["labels", '{"a": "b"}', { labels: { a: "b" } }],
    ["nested", '{"aBool": true}', { nested: { aBool: true } }],
    ["wrapped_int64", "5", { wrappedInt64: "5" }],
    ["struct", '{"a": 1}', { struct: { a: 1 } }],
    ["value", "null", { value: null }],
    ["green", "0", { green: 0 }],
  ])("%s %s", (name, text, json) => {
    expect(readField(name, text)).toEqual(json);
  });

  test.each<[name: string, text: string, problem: string]>([
    ["a_string", "null", "at line 1, column 1: expected a value of a_string, got null"],
    ["strings", "null", "expected a value of strings, got null"],
    ["strings", '["a", 1]', "at [1] (line 1, column 7): expected a string, got 1"],
    ["nested", '{"aBool": 1}', "at aBool (line 1, column 11): expected true or false, got 1"],
    ["a_string", '"a" "b"', "expected the end"],
  ])("%s %s is refused", (name, text, problem) => {
    expect(() => readField(name, text)).toThrow(problem);
  });
});

describe("the fields that JSON names", () => {
  test.each<[desc: DescMessage, text: string, names: string[]]>([
    [ScalarsSchema, "{}", []],
    [ScalarsSchema, '{"a_string": null, "aBool": [1, {"x": 1}], "x": 1}', ["a_string", "a_bool"]],
    [StructSchema, '{"fields": 1}', []],
    [StringValueSchema, '"a"', []],
  ])("%s %s", (desc, text, names) => {
    expect(readers.namedFields(desc, text).map((field) => field.name)).toEqual(names);
  });
});

describe("a required field that is missing", () => {
  test.each<[desc: DescMessage, init: Record<string, unknown>, path: string | undefined]>([
    [LegacySchema, {}, "name"],
    [LegacySchema, { name: "" }, undefined],
    [ChoiceSchema, { kind: { case: "legacy", value: {} } }, "legacy.name"],
    [ChoiceSchema, {}, undefined],
    [ScalarsSchema, {}, undefined],
  ])("%s %j: %s", (desc, init, path) => {
    expect(readers.findMissing(desc, create(desc, init))).toBe(path);
  });
});

test("a type is read again by what was compiled for it", () => {
  const text = '{"below": {"below": {"scalars": {"aBool": true}}}}';
  const [first, second]: MessageShape<typeof PantrySchema>[] = [0, 1].map(() =>
    readers.readMessage(PantrySchema, text),
  );
  expect(first).toEqual(second);
  expect(first).not.toBe(second);
});
