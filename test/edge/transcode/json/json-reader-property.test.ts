import {
  type DescMessage,
  fromBinary,
  fromJson,
  type JsonValue,
  type Message,
  toBinary,
  toJson,
} from "@bufbuild/protobuf";
import { AnySchema, StructSchema, TimestampSchema, ValueSchema } from "@bufbuild/protobuf/wkt";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { JsonReaders } from "../../../../edge/transcode/json/json-reader.ts";
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
import { misreadName, mutated, printJson, spaced } from "./json-text.ts";
import { registry } from "./json-types.ts";
import { messageOf } from "./message-arbitrary.ts";

const readers = new JsonReaders({ registry });

const all = [
  PantrySchema,
  LegacySchema,
  SinkSchema,
  ScalarsSchema,
  OptionalScalarsSchema,
  ListsSchema,
  MapsSchema,
  WellKnownSchema,
  WellKnownListsSchema,
  ChoiceSchema,
  AnySchema,
  StructSchema,
  ValueSchema,
  TimestampSchema,
];

describe("every message comes back from its JSON", () => {
  test.each(all)("%s", (desc: DescMessage) => {
    const options = fc.record({
      useProtoFieldName: fc.boolean(),
      enumAsInteger: fc.boolean(),
      alwaysEmitImplicit: fc.boolean(),
      registry: fc.constant(registry),
    });
    const json = fc.tuple(messageOf(desc, { registry }), options).chain(([message, write]) => {
      const text = printJson(toJson(desc, message, write) as JsonValue);
      return fc.tuple(fc.constant(message), spaced(fc.constant(text)));
    });
    fc.assert(
      fc.property(json, ([message, text]) => {
        const read = readers.readMessage(desc, text);
        expect(read).toEqual(fromBinary(desc, toBinary(desc, message)));
        expect(toBinary(desc, read)).toEqual(toBinary(desc, message));
      }),
      { numRuns: 100 },
    );
  });
});

/** Where the readers are stricter than JSON.parse with protobuf-es's fromJson. */
const stricter = [
  "is given twice",
  "half of a surrogate pair",
  "objects and lists inside one another",
  "expected a whole number",
  "expected a number",
  "expected base64",
  "expected a time",
  "expected a duration",
  "JSON names of fields",
  "has no field",
  '"@type"',
  'stands in "value"',
  "is required",
  "got null",
];
/** Where protobuf-es is. */
const laxer = ["oneof set multiple times", "recursion depth", "int64"];
/** Where both take a text, for something else: the URL of a type, whole numbers above 2^53, null for an extension. */
const different = /"@type"\s*:\s*"(?!type\.googleapis\.com\/)|(?<!["\d.-])-?\d{16,}|\]"\s*:\s*null/;

describe("a text that may be no message is refused as by protobuf-es, or for a known reason", () => {
  test.each(all)("%s", (desc: DescMessage) => {
    const json = messageOf(desc, { registry }).map((message) =>
      printJson(toJson(desc, message, { registry }) as JsonValue),
    );
    fc.assert(
      fc.property(mutated(json), (text) => {
        fc.pre(!misreadName.test(text));
        const own = attempt(() => readers.readMessage(desc, text));
        const library = attempt(() => fromJson(desc, JSON.parse(text) as JsonValue, { registry }));
        if (own.error !== undefined) expect(own.error).toBeInstanceOf(JsonReadError);
        if (own.message !== undefined && library.message !== undefined) {
          if (!different.test(text)) expect(fingerprint(desc, own.message)).toBe(fingerprint(desc, library.message));
        } else if (own.message !== undefined) {
          expect(laxer.filter((reason) => String(library.error).includes(reason))).not.toEqual([]);
        } else if (library.message !== undefined) {
          expect(stricter.filter((reason) => String(own.error).includes(reason))).not.toEqual([]);
        }
      }),
      { numRuns: 300 },
    );
  });
});

/** Its bytes, or why it has none: something required is missing. */
function fingerprint(desc: DescMessage, message: Message): string {
  const { message: bytes, error } = attempt(() => toBinary(desc, message));
  return bytes === undefined ? String(error) : Buffer.from(bytes).toString("hex");
}

function attempt<T>(read: () => T): { message?: T; error?: unknown } {
  try {
    return { message: read() };
  } catch (error) {
    return { error };
  }
}
