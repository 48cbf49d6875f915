import type { DescMessage } from "@bufbuild/protobuf";
import { AnySchema, DurationSchema, StringValueSchema, ValueSchema } from "@bufbuild/protobuf/wkt";
import { describe, expect, test, vi } from "vitest";
import { JsonReaders, type JsonReadOptions } from "../../../../../edge/transcode/json/json-reader.ts";
import { JsonCursor } from "../../../../../edge/transcode/json/text/cursor.ts";
import { JsonReadError } from "../../../../../edge/transcode/json/text/read-error.ts";
import {
  ChoiceSchema,
  ListsSchema,
  MapsSchema,
  PantrySchema,
  ScalarsSchema,
  WellKnownListsSchema,
  WellKnownSchema,
} from "../../gen/kitchen/v1/json_pb.ts";
import { LegacySchema } from "../../gen/kitchen/v1/legacy_pb.ts";
import { registry } from "../json-types.ts";

const readers = new JsonReaders({ registry });

function refusal(desc: DescMessage, text: string, options: JsonReadOptions = { registry }): JsonReadError {
  try {
    new JsonReaders(options).readMessage(desc, text);
  } catch (error) {
    if (error instanceof JsonReadError) return error;
    throw error;
  }
  throw new Error("no refusal");
}

describe("what does not fit is refused, and said where", () => {
  const any = (text: string) => `{"any": ${text}}`;
  const type = '"@type": "type.googleapis.com/kitchen.v1';
  test.each<[desc: DescMessage, text: string, message: string]>([
    [PantrySchema, "", "at line 1, column 1: expected a value, got the end"],
    [PantrySchema, "[]", "at line 1, column 1: expected an object, got a list"],
    [PantrySchema, "null", "at line 1, column 1: expected an object, got null"],
    [PantrySchema, "{} x", "at line 1, column 4: expected the end, got x"],
    [
      PantrySchema,
      '{\n  "scalars": {\n    "aBool": 1}}',
      "at scalars.aBool (line 3, column 14): expected true or false",
    ],
    [
      PantrySchema,
      '{"beside": [{}, {"shelf": []}]}',
      "at beside[1].shelf (line 1, column 27): expected SHELF_UNSPECIFIED",
    ],
    [
      PantrySchema,
      '{"named": {"a b": {"x": 1}}}',
      'at named["a b"] (line 1, column 20): kitchen.v1.Pantry has no field "x"',
    ],
    [PantrySchema, '{"named": {"{\\"[,:": 1}}', 'at named["{\\"[,:"] (line 1, column 22): expected an object, got 1'],
    [
      PantrySchema,
      '{"below":{"scalars":{}},"beside":[{},[]]}',
      "at beside[1] (line 1, column 38): expected an object, got a list",
    ],
    [PantrySchema, `{"${"x".repeat(1000)}": 1}`, `kitchen.v1.Pantry has no field "${"x".repeat(100)}…"`],
    // Twice.
    [ScalarsSchema, '{"aBool": true, "aBool": true}', 'at line 1, column 17: "a_bool" is given twice'],
    [ScalarsSchema, '{"aBool": true, "a_bool": null}', 'at line 1, column 17: "a_bool" is given twice'],
    [ScalarsSchema, '{"aBool": null, "\\u0061Bool": true}', 'at line 1, column 17: "a_bool" is given twice'],
    [WellKnownSchema, '{"struct": {"a": {"b": 1, "b": 2}}}', 'at struct.a (line 1, column 27): "b" is given twice'],
    [MapsSchema, '{"byString": {"a": "", "a": ""}}', 'at byString (line 1, column 24): "a" is given twice'],
    [MapsSchema, '{"byString": {"__proto__": "", "__proto__": ""}}', '"__proto__" is given twice'],
    [MapsSchema, '{"byInt32": {"1": 1, "1.0": 2}}', 'at byInt32 (line 1, column 22): "1" is given twice'],
    [LegacySchema, '{"[kitchen.v1.note]": "", "[kitchen.v1.note]": ""}', '"[kitchen.v1.note]" is given twice'],
    [WellKnownSchema, any(`{${type}.Scalars", ${type}.Scalars"}`), '"@type" is given twice'],
    [WellKnownSchema, any(`{${type}.Scalars", "aBool": true, "a_bool": true}`), '"a_bool" is given twice'],
    [ChoiceSchema, '{"aString": "", "anInt64": "5"}', "an_int64 and a_string cannot both be set: they are one oneof"],
    [ChoiceSchema, '{"null": null, "value": null}', "value and null cannot both be set: they are one oneof"],
    // Whole numbers.
    [ScalarsSchema, '{"anInt32": 1.5}', "at anInt32 (line 1, column 13): expected a whole number, got 1.5"],
    [ScalarsSchema, '{"anInt32": 1e-1}', "expected a whole number, got 1e-1"],
    [ScalarsSchema, '{"anInt32": 1e-400}', "expected a whole number, got 1e-400"],
    [ScalarsSchema, '{"anInt32": 1.0000000000000000000001}', "expected a whole number, got 1.0000000000000000000001"],
    [ScalarsSchema, '{"anInt32": "0x10"}', 'expected a whole number, got "0x10"'],
    [ScalarsSchema, '{"anInt32": " 1"}', 'expected a whole number, got " 1"'],
    [ScalarsSchema, '{"anInt32": "1\\n"}', 'expected a whole number, got "1\\n"'],
    [ScalarsSchema, '{"anInt32": "01"}', 'expected a whole number, got "01"'],
    [ScalarsSchema, '{"anInt32": "+1"}', 'expected a whole number, got "+1"'],
    [ScalarsSchema, '{"anInt32": ""}', 'expected a whole number, got ""'],
    [ScalarsSchema, '{"anInt64": "0b1"}', 'expected a whole number, got "0b1"'],
    [ScalarsSchema, '{"anInt32": true}', "expected a whole number, got true"],
    [
      ScalarsSchema,
      '{"anInt32": 2147483648}',
      "expected a whole number from -2147483648 to 2147483647, got 2147483648",
    ],
    [ScalarsSchema, '{"aUint32": -1}', "expected a whole number from 0 to 4294967295, got -1"],
    [ScalarsSchema, '{"anInt64": 9223372036854775808}', "to 9223372036854775807, got 9223372036854775808"],
    [ScalarsSchema, '{"aUint64": 1e999999999999}', "to 18446744073709551615, got 1e999999999999"],
    [ScalarsSchema, `{"aUint64": 1${"0".repeat(500)}}`, `got 1${"0".repeat(99)}…`],
    // Other numbers.
    [ScalarsSchema, '{"aDouble": 1e309}', "the range of a double, got 1e309"],
    [ScalarsSchema, '{"aDouble": "-1e309"}', "the range of a double, got -1e309"],
    [ScalarsSchema, '{"aFloat": 3.5e38}', "the range of a float, got 3.5e38"],
    [ScalarsSchema, '{"aDouble": "infinity"}', 'expected a number, "NaN", "Infinity" or "-Infinity", got "infinity"'],
    [ScalarsSchema, '{"aDouble": "1 "}', 'or "-Infinity", got "1 "'],
    [ScalarsSchema, '{"aDouble": NaN}', "expected a value, got NaN"],
    [ScalarsSchema, '{"aDouble": {}}', "expected a number, got an object"],
    // Other scalars.
    [ScalarsSchema, '{"aBool": "true"}', 'expected true or false, got "true"'],
    [ScalarsSchema, '{"aBool": 0}', "expected true or false, got 0"],
    [ScalarsSchema, '{"aString": 7}', "at aString (line 1, column 13): expected a string, got 7"],
    [ScalarsSchema, '{"aString": "\\ud800"}', "half of a surrogate pair"],
    [ScalarsSchema, '{"someBytes": [1]}', "expected base64 or base64url, got a list"],
    ...["A", "AB", "AQ=", "AQ===", "A=Q=", "=", "AQ==AQ==", " AQ==", "A Q=", "+_8=", "é", "AQI@"].map(
      (text): [DescMessage, string, string] => [
        ScalarsSchema,
        `{"someBytes": "${text}"}`,
        `expected base64 or base64url, got "${text}"`,
      ],
    ),
    // Lists and maps.
    [ListsSchema, '{"strings": "a"}', 'at strings (line 1, column 13): expected a list, got "a"'],
    [ListsSchema, '{"strings": ["a", null]}', "at strings[1] (line 1, column 19): expected a string, got null"],
    [ListsSchema, '{"messages": [null]}', "at messages[0] (line 1, column 15): expected an object, got null"],
    [ListsSchema, '{"shelves": [null]}', "SHELF_BOTTOM or SHELF_CELLAR, or its number, got null"],
    [WellKnownListsSchema, '{"lists": [null]}', "expected a list, got null"],
    [WellKnownListsSchema, '{"strings": [null]}', "expected a string, got null"],
    [MapsSchema, '{"byString": []}', "expected an object, got a list"],
    [MapsSchema, '{"byString": {"a": null}}', "at byString.a (line 1, column 20): expected a string, got null"],
    [MapsSchema, '{"byBool": {"1": true}}', 'at byBool (line 1, column 13): the key: expected true or false, got "1"'],
    [MapsSchema, '{"byInt32": {"a": 1}}', 'the key: expected a whole number, got "a"'],
    [MapsSchema, '{"byUint64": {"-1": 1}}', "the key: expected a whole number from 0 to 18446744073709551615, got -1"],
    // Enums.
    [PantrySchema, '{"shelf": "TOP"}', 'SHELF_BOTTOM or SHELF_CELLAR, or its number, got "TOP"'],
    [PantrySchema, '{"shelf": "1"}', 'or its number, got "1"'],
    [PantrySchema, '{"shelf": 1.5}', "or its number, got 1.5"],
    [PantrySchema, '{"shelf": 2147483648}', "or its number, got 2147483648"],
    [LegacySchema, '{"spice": 7}', "expected SPICE_SALT or SPICE_PEPPER, or its number, got 7"],
    // Well-known types.
    ...[
      ..."2024-02-30T00:00:00Z 2023-02-29T00:00:00Z 2024-04-31T00:00:00Z 2024-13-01T00:00:00Z".split(" "),
      ..."2024-01-00T00:00:00Z 2024-01-01T24:00:00Z 2024-01-01T00:60:00Z 2024-01-01T00:00:60Z".split(" "),
      ..."2024-01-01T00:00:00 2024-01-01t00:00:00Z 2024-01-01T00:00:00z 2024-01-01T00:00:00.Z".split(" "),
      ..."2024-01-01T00:00:00.1234567890Z 2024-01-01T00:00:00+1:00 2024-01-01T00:00:00+24:00 2024-01-01".split(" "),
      ...["2024-01-01 00:00:00Z", " 2024-01-01T00:00:00Z", "12024-01-01T00:00:00Z", ""],
    ].map((text): [DescMessage, string, string] => [WellKnownSchema, `{"time": "${text}"}`, `expected a time as in`]),
    [WellKnownSchema, '{"time": "0000-12-31T23:59:59Z"}', "expected a time in the years 1 to 9999 of UTC"],
    [WellKnownSchema, '{"time": "0001-01-01T00:00:00+00:01"}', "expected a time in the years 1 to 9999 of UTC"],
    [WellKnownSchema, '{"time": "9999-12-31T23:59:59-00:01"}', "expected a time in the years 1 to 9999 of UTC"],
    [
      WellKnownSchema,
      '{"time": 5}',
      "expected a time as in 2030-01-31T13:00:00Z or 2030-01-31T13:00:00.5+01:00, got 5",
    ],
    ...["1", "1sx", "1.s", ".5s", "+1s", " 1s", "1.0000000001s", "1e3s", "s", "--1s", ""].map(
      (text): [DescMessage, string, string] => [
        WellKnownSchema,
        `{"duration": "${text}"}`,
        `expected a duration in seconds as in 1.5s, got "${text}"`,
      ],
    ),
    [WellKnownSchema, '{"duration": "315576000001s"}', "expected a duration of at most 315576000000s"],
    [WellKnownSchema, '{"duration": 1}', "expected a duration in seconds as in 1.5s, got 1"],
    [WellKnownSchema, '{"mask": "a_b"}', 'expected the JSON names of fields as in displayName,author.user, got "a_b"'],
    [WellKnownSchema, '{"mask": "a,,b"}', "expected the JSON names of fields"],
    [WellKnownSchema, '{"mask": "a, b"}', "expected the JSON names of fields"],
    [WellKnownSchema, '{"mask": {"paths": []}}', "expected the JSON names of fields"],
    [WellKnownSchema, '{"struct": []}', "expected an object, got a list"],
    [WellKnownSchema, '{"list": {}}', "expected a list, got an object"],
    [WellKnownSchema, '{"value": 1e999}', "the range of a double, got 1e999"],
    [WellKnownSchema, '{"empty": {"a": 1}}', 'google.protobuf.Empty has no field "a"; it has none'],
    [WellKnownSchema, '{"anInt64": {"value": 1}}', "expected a whole number, got an object"],
    // Any.
    [WellKnownSchema, any('{"aBool": true}'), 'at any (line 1, column 9): an object of any type needs a text "@type"'],
    [WellKnownSchema, any('{"@type": 1}'), 'needs a text "@type" that names it'],
    [
      WellKnownSchema,
      any('{"@type": "kitchen.v1.Scalars"}'),
      '"@type" must be as in type.googleapis.com/package.Message',
    ],
    [WellKnownSchema, any('{"@type": "a/b.C"}'), '"@type" names "a/b.C", which is not known here'],
    [
      WellKnownSchema,
      any(`{${type}.Scalars", "aBool": 1}`),
      "at any.aBool (line 1, column 70): expected true or false, got 1",
    ],
    [WellKnownSchema, any(`{${type}.Legacy"}`), "at any (line 1, column 9): name is required"],
    [WellKnownSchema, any('{"@type": "a/google.protobuf.Duration"}'), 'Duration stands in "value", which is missing'],
    [WellKnownSchema, any('{"@type": "a/google.protobuf.Duration", "value": "1s", "a": 1}'), 'there is no "a"'],
    [WellKnownSchema, any('{"@type": "a/google.protobuf.Duration", "value": "1sx"}'), 'got "1sx"'],
    [WellKnownSchema, any("[]"), "expected an object, got a list"],
    // Extensions.
    [LegacySchema, '{"[kitchen.v1.nothing]": 1}', 'kitchen.v1.Legacy has no field "[kitchen.v1.nothing]"'],
    [ScalarsSchema, '{"[kitchen.v1.note]": "a"}', 'kitchen.v1.Scalars has no field "[kitchen.v1.note]"'],
    [
      LegacySchema,
      '{"[kitchen.v1.marks]": ["x"]}',
      'at ["[kitchen.v1.marks]"][0] (line 1, column 25): expected a whole number',
    ],
    // As a whole.
    [StringValueSchema, "null", "expected a string, got null"],
    [DurationSchema, '"1sx"', 'at line 1, column 1: expected a duration in seconds as in 1.5s, got "1sx"'],
  ])("%s %.90s", (desc, text, message) => {
    expect(refusal(desc, text).message).toContain(message);
  });

  test("too deep, long before the stack ends", () => {
    const levels = (count: number) => `${'{"below":'.repeat(count)}{}${"}".repeat(count)}`;
    expect(() => readers.readMessage(PantrySchema, levels(99))).not.toThrow();
    expect(refusal(PantrySchema, levels(100)).message).toContain("more than 100 objects and lists inside one another");
    expect(refusal(PantrySchema, '{"beside":['.repeat(100_000)).message).toContain("more than 100 objects and lists");
    expect(refusal(ValueSchema, "[".repeat(1_000_000)).message).toContain("more than 100 objects and lists");
  });

  test("messages packed in one another are looked through once, wherever the type stands", () => {
    const levels = 98;
    const end = ', "@type": "type.googleapis.com/google.protobuf.Any"}';
    const inner = '{"value": null, "@type": "type.googleapis.com/google.protobuf.Value"}';
    const readKey = vi.spyOn(JsonCursor.prototype, "readKey");
    readers.readMessage(AnySchema, '{"value": '.repeat(levels) + inner + end.repeat(levels));
    expect(readKey.mock.calls.length).toBeLessThan(levels * 10);
    readKey.mockRestore();
  });

  test("with the place as parts", () => {
    const error = refusal(PantrySchema, '{\n"beside": [{"shelf": x}]}');
    expect(error).toMatchObject({ path: "beside[0].shelf", line: 2, column: 22, syntax: true });
    expect(refusal(PantrySchema, '{"beside": [1]}')).toMatchObject({ path: "beside[0]", syntax: false });
  });

  test("with the end of a long path, of which no character is split", () => {
    const { message } = refusal(PantrySchema, `{"named": {"${"🍝".repeat(60)}x": 1}}`);
    expect(message).toContain(`at …${"🍝".repeat(48)}x"] (line 1, column`);
    expect(message.isWellFormed()).toBe(true);
  });
});
