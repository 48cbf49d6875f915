import {
  create,
  createRegistry,
  type DescField,
  type DescFile,
  type DescMessage,
  fromJson,
  type JsonValue,
  type Message,
  setExtension,
  toJson,
} from "@bufbuild/protobuf";
import {
  AnySchema,
  anyPack,
  DurationSchema,
  EmptySchema,
  FieldMaskSchema,
  hasCustomJsonRepresentation,
  StringValueSchema,
  StructSchema,
  TimestampSchema,
  ValueSchema,
} from "@bufbuild/protobuf/wkt";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type JsonWriteOptions, JsonWriters } from "../../../../edge/transcode/json/json-writer.ts";
import { file_google_rpc_error_details } from "../../../../gen/google/rpc/error_details_pb.ts";
import { file_google_rpc_status } from "../../../../gen/google/rpc/status_pb.ts";
import { file_grpc_reflection_v1_reflection } from "../../../../gen/grpc/reflection/v1/reflection_pb.ts";
import { file_health_v1_health } from "../../../../gen/health/v1/health_pb.ts";
import { file_parley_queue_v1_record } from "../../../../gen/parley/queue/v1/record_pb.ts";
import { file_parley_v1_application_service } from "../../../../gen/parley/v1/application_service_pb.ts";
import { file_parley_v1_chat_service } from "../../../../gen/parley/v1/chat_service_pb.ts";
import { file_parley_v1_message_service } from "../../../../gen/parley/v1/message_service_pb.ts";
import { file_parley_v1_search_service } from "../../../../gen/parley/v1/search_service_pb.ts";
import {
  ChoiceSchema,
  file_kitchen_v1_json,
  ListsSchema,
  MapsSchema,
  OptionalScalarsSchema,
  PantrySchema,
  ScalarsSchema,
  WellKnownListsSchema,
  WellKnownSchema,
} from "../gen/kitchen/v1/json_pb.ts";
import { SinkSchema } from "../gen/kitchen/v1/kitchen_pb.ts";
import { file_kitchen_v1_legacy, LegacySchema, marks, note } from "../gen/kitchen/v1/legacy_pb.ts";
import { messageOf } from "./message-arbitrary.ts";

const registry = createRegistry(
  file_kitchen_v1_json,
  file_kitchen_v1_legacy,
  AnySchema,
  DurationSchema,
  EmptySchema,
  StringValueSchema,
  StructSchema,
  TimestampSchema,
);

const options: fc.Arbitrary<JsonWriteOptions> = fc.record({
  registry: fc.constant(registry),
  enumsAsNumbers: fc.boolean(),
  printDefaults: fc.boolean(),
  protoNames: fc.boolean(),
});

/** The contract's files with all that they import: google.api, google.rpc, buf.validate, google.protobuf. */
const contract = createRegistry(
  ...withImports([
    file_parley_queue_v1_record,
    file_parley_v1_application_service,
    file_parley_v1_chat_service,
    file_parley_v1_message_service,
    file_parley_v1_search_service,
    file_google_rpc_error_details,
    file_google_rpc_status,
    file_grpc_reflection_v1_reflection,
    file_health_v1_health,
  ]),
);
const contractTypes = [...contract].filter((type) => type.kind === "message");

function withImports(files: readonly DescFile[]): DescFile[] {
  return [...new Set(files.flatMap((file) => [...withImports(file.dependencies), file]))];
}

function libraryJson(desc: DescMessage, message: Message, write: JsonWriteOptions): JsonValue {
  return toJson(desc, message, {
    registry: write.registry,
    enumAsInteger: write.enumsAsNumbers ?? false,
    alwaysEmitImplicit: write.printDefaults ?? false,
    useProtoFieldName: write.protoNames ?? false,
  }) as JsonValue;
}

function written(desc: DescMessage, message: Message, write: JsonWriteOptions = { registry }): string {
  return new JsonWriters(write).message(desc)(message);
}

describe("a message", () => {
  test.each([
    [PantrySchema, 200],
    [LegacySchema, 200],
    [SinkSchema, 200],
    [ScalarsSchema, 200],
    [OptionalScalarsSchema, 100],
    [ListsSchema, 100],
    [MapsSchema, 200],
    [WellKnownSchema, 200],
    [WellKnownListsSchema, 100],
    [ChoiceSchema, 200],
    [AnySchema, 100],
    [StructSchema, 100],
    [StringValueSchema, 20],
    [TimestampSchema, 300],
  ] as [DescMessage, number][])("%s is the text of toJson, whatever the options", (desc, numRuns) => {
    fc.assert(
      fc.property(messageOf(desc, { registry, loneSurrogates: true }), options, (message, write) => {
        expect(written(desc, message, write)).toBe(JSON.stringify(libraryJson(desc, message, write)));
      }),
      { numRuns },
    );
  });

  test.each(contractTypes)("%s of the contract is the text of toJson", (desc) => {
    const write = { registry: contract };
    const writer = new JsonWriters(write).message(desc);
    fc.assert(
      fc.property(messageOf(desc, { depth: 2, registry: contract }), (message) => {
        expect(writer(message)).toBe(JSON.stringify(libraryJson(desc, message, write)));
      }),
      { numRuns: 10 },
    );
  });

  test.each<[string, DescMessage, Message, string]>([
    ["nothing set", PantrySchema, create(PantrySchema), "{}"],
    ["a type without fields", EmptySchema, create(EmptySchema), "{}"],
    ["a name that needs escaping", ScalarsSchema, create(ScalarsSchema, { renamed: "x" }), '{"other \\"name\\"":"x"}'],
    ["-0", ScalarsSchema, create(ScalarsSchema, { aDouble: -0 }), '{"aDouble":0}'],
    ["the smallest number", ScalarsSchema, create(ScalarsSchema, { aDouble: 5e-324 }), '{"aDouble":5e-324}'],
    [
      "what is no number",
      ListsSchema,
      create(ListsSchema, { doubles: [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY] }),
      '{"doubles":["NaN","Infinity","-Infinity"]}',
    ],
    [
      "a 64-bit integer",
      ScalarsSchema,
      create(ScalarsSchema, { anInt64: -(2n ** 63n) }),
      '{"anInt64":"-9223372036854775808"}',
    ],
    ["one held as text", ScalarsSchema, create(ScalarsSchema, { asText: "12" }), '{"asText":"12"}'],
    ["its zero", ScalarsSchema, create(ScalarsSchema, { asText: "0" }), "{}"],
    ["a zero held as a number", ScalarsSchema, scalars({ anInt64: 0 }), "{}"],
    ["an integer that is no number", ScalarsSchema, scalars({ anInt32: Number.NaN }), '{"anInt32":null}'],
    ["bytes", ScalarsSchema, create(ScalarsSchema, { someBytes: Uint8Array.of(251, 255) }), '{"someBytes":"+/8="}'],
    [
      "bytes within a buffer",
      ScalarsSchema,
      create(ScalarsSchema, { someBytes: Uint8Array.of(1, 2, 3, 4).subarray(1, 3) }),
      '{"someBytes":"AgM="}',
    ],
    ["a lone surrogate", ScalarsSchema, create(ScalarsSchema, { aString: "\ud800" }), '{"aString":"\\ud800"}'],
    [
      "a control at the end of a long text",
      ScalarsSchema,
      create(ScalarsSchema, { aString: `${"x".repeat(200)}\u0001` }),
      `{"aString":"${"x".repeat(200)}\\u0001"}`,
    ],
    [
      "zeros with presence",
      OptionalScalarsSchema,
      create(OptionalScalarsSchema, { aString: "", shelf: 0 }),
      '{"aString":"","shelf":"SHELF_UNSPECIFIED"}',
    ],
    ["an unknown number of an enumeration", PantrySchema, create(PantrySchema, { shelf: 99 as never }), '{"shelf":99}'],
    [
      "a key __proto__",
      MapsSchema,
      create(MapsSchema, { byString: JSON.parse('{"__proto__":"x"}') }),
      '{"byString":{"__proto__":"x"}}',
    ],
    ["null", ChoiceSchema, create(ChoiceSchema, { kind: { case: "null", value: 0 } }), '{"null":null}'],
    ["an empty Any", WellKnownSchema, create(WellKnownSchema, { any: {} }), '{"any":{}}'],
    ["an empty wrapper", WellKnownSchema, create(WellKnownSchema, { aString: "" }), '{"aString":""}'],
    [
      "an Any of a type with a form of its own",
      WellKnownSchema,
      create(WellKnownSchema, { any: anyPack(DurationSchema, create(DurationSchema, { seconds: 3n })) }),
      '{"any":{"value":"3s","@type":"type.googleapis.com/google.protobuf.Duration"}}',
    ],
    [
      "the first and the last moment",
      WellKnownListsSchema,
      create(WellKnownListsSchema, {
        times: [{ seconds: -62135596800n }, { seconds: 253402300799n, nanos: 999_999_999 }],
      }),
      '{"times":["0001-01-01T00:00:00Z","9999-12-31T23:59:59.999999999Z"]}',
    ],
    ["a default of proto2", LegacySchema, create(LegacySchema, { name: "x" }), '{"name":"x"}'],
    ["that default, set", LegacySchema, create(LegacySchema, { name: "", servings: 4 }), '{"name":"","servings":4}'],
    [
      "a group",
      LegacySchema,
      create(LegacySchema, { name: "x", side: { text: "y" } }),
      '{"name":"x","side":{"text":"y"}}',
    ],
    ["extensions", LegacySchema, extended(), '{"name":"x","[kitchen.v1.note]":"y","[kitchen.v1.marks]":[1,2]}'],
    ["a field that nobody knows", LegacySchema, withUnknown(199, 0, 1), '{"name":"x"}'],
    [
      "a type in itself",
      PantrySchema,
      create(PantrySchema, { below: { beside: [{}, { named: { a: {} } }] } }),
      '{"below":{"beside":[{},{"named":{"a":{}}}]}}',
    ],
  ])("with %s", (_, desc, message, expected) => {
    expect(written(desc, message)).toBe(expected);
    expect(JSON.stringify(libraryJson(desc, message, { registry }))).toBe(expected);
  });

  test("of another type is nothing to a type without fields, as to toJson", () => {
    expect(written(EmptySchema, extended())).toBe(JSON.stringify(toJson(EmptySchema, extended() as never)));
  });

  test.each([
    [false, '{"name":"x"}'],
    [true, '{"name":"x","spices":[],"numbers":[],"byName":{},"[kitchen.v1.marks]":[]}'],
  ])("with an empty list as extension, where defaults are printed: %s", (printDefaults, expected) => {
    const write = { registry, printDefaults };
    const message = withUnknown(marks.number, 2, 0);
    expect(written(LegacySchema, message, write)).toBe(expected);
    expect(JSON.stringify(libraryJson(LegacySchema, message, write))).toBe(expected);
  });

  test("of one type has one writer", () => {
    const writers = new JsonWriters();
    expect(writers.message(PantrySchema)).toBe(writers.message(PantrySchema));
  });

  test("has no extensions without a registry", () => {
    expect(written(LegacySchema, extended(), {})).toBe('{"name":"x"}');
  });

  test("of more days than are remembered has them all right", () => {
    const times = Array.from({ length: 2500 }, (_, day) => ({ seconds: BigInt(day % 1300) * 86400n * 97n - 1n }));
    const message = create(WellKnownListsSchema, { times });
    expect(JSON.parse(written(WellKnownListsSchema, message))).toEqual(toJson(WellKnownListsSchema, message));
  });
});

function extended(): Message {
  const message = create(LegacySchema, { name: "x" });
  setExtension(message, note, "y");
  setExtension(message, marks, [1, 2]);
  return message;
}

/** With one field of this number that is left as it came: its wire type and its one byte. */
function withUnknown(no: number, wireType: number, byte: number): Message {
  return Object.assign(create(LegacySchema, { name: "x" }), {
    $unknown: [{ no, wireType, data: Uint8Array.of(byte) }],
  });
}

describe("an error", () => {
  test.each<[string, DescMessage, Message, RegExp]>([
    ["a time before year 1", TimestampSchema, create(TimestampSchema, { seconds: -62135596801n }), /year/],
    ["a time after year 9999", TimestampSchema, create(TimestampSchema, { seconds: 253402300800n }), /year/],
    ["negative nanos", TimestampSchema, create(TimestampSchema, { nanos: -1 }), /nanos/],
    ["a second of nanos", TimestampSchema, create(TimestampSchema, { nanos: 1_000_000_000 }), /nanos/],
    ["a duration of two signs", DurationSchema, create(DurationSchema, { seconds: 1n, nanos: -1 }), /nanos/],
    ["an irreversible path", FieldMaskSchema, create(FieldMaskSchema, { paths: ["aB"] }), /irreversible/],
    ["a Value without a value", ValueSchema, create(ValueSchema), /must have a value/],
    [
      "an unknown type",
      AnySchema,
      create(AnySchema, { typeUrl: "type.googleapis.com/no.Such" }),
      /not in the type registry/,
    ],
    ["a missing required field", LegacySchema, create(LegacySchema), /required/],
    ["a text as a number", ScalarsSchema, scalars({ anInt32: "1" }), /Scalars.an_int32 .* number, got string/],
    ["a text as a float", ScalarsSchema, scalars({ aFloat: "1" }), /a_float .* number, got string/],
    ["a number as a text", ScalarsSchema, scalars({ aString: 1 }), /a_string .* string, got number/],
    ["null as a text", ScalarsSchema, scalars({ aString: null }), /a_string .* string, got null/],
    ["nothing as a text", ScalarsSchema, scalars({ aString: undefined }), /a_string .* string, got undefined/],
    ["a number as a boolean", ScalarsSchema, scalars({ aBool: 1 }), /a_bool .* boolean, got number/],
    [
      "a fraction as a 64-bit integer",
      ScalarsSchema,
      scalars({ anInt64: 1.5 }),
      /an_int64 .* 64-bit integer, got number/,
    ],
    ["a list as bytes", ScalarsSchema, scalars({ someBytes: [1] }), /some_bytes .* Uint8Array, got object/],
    [
      "a name as an enumeration",
      PantrySchema,
      broken(PantrySchema, { shelf: "SHELF_TOP" }),
      /shelf .* kitchen.v1.Shelf, got string/,
    ],
    ["a chosen field without its value", ChoiceSchema, broken(ChoiceSchema, { kind: { case: "aString" } }), /a_string/],
    ["NaN in a Struct", WellKnownSchema, broken(WellKnownSchema, { struct: { a: [Number.NaN] } }), /struct .* finite/],
    ["undefined in a Struct", WellKnownSchema, broken(WellKnownSchema, { struct: { a: undefined } }), /struct/],
    [
      "another type",
      PantrySchema,
      broken(PantrySchema, { scalars: create(LegacySchema, { name: "x" }) }),
      /kitchen.v1.Legacy/,
    ],
    [
      "another type for a wrapper",
      ChoiceSchema,
      broken(ChoiceSchema, { kind: { case: "wrapped", value: create(TimestampSchema) } }),
      /Timestamp/,
    ],
    ["a message that is null", PantrySchema, broken(PantrySchema, { below: null }), /null/],
  ])("is %s, as of toJson", (_, desc, message, reason) => {
    expect(() => written(desc, message)).toThrow(reason);
    expect(() => libraryJson(desc, message, { registry })).toThrow();
  });
});

/** A message with values that its type does not allow. */
function broken(desc: DescMessage, values: object): Message {
  return Object.assign(create(desc), values);
}

function scalars(values: object): Message {
  return broken(ScalarsSchema, values);
}

describe("one field", () => {
  test.each<[string, DescMessage, string, string]>([
    ["an unset list", ListsSchema, "doubles", "[]"],
    ["an unset map", MapsSchema, "by_string", "{}"],
    ["an unset text", ScalarsSchema, "a_string", '""'],
    ["an unset number", ScalarsSchema, "a_double", "0"],
    ["an unset 64-bit integer", ScalarsSchema, "an_int64", '"0"'],
    ["an unset boolean", ScalarsSchema, "a_bool", "false"],
    ["unset bytes", ScalarsSchema, "some_bytes", '""'],
    ["an unset enumeration", PantrySchema, "shelf", '"SHELF_UNSPECIFIED"'],
    ["an unset message", PantrySchema, "below", "{}"],
    ["an unset time", WellKnownSchema, "time", "null"],
    ["an unset wrapper", WellKnownSchema, "a_string", "null"],
    ["an unset text with presence", OptionalScalarsSchema, "a_string", "null"],
    ["an unset case", ChoiceSchema, "a_string", "null"],
    ["an unset Struct of a Value", ValueSchema, "struct_value", "null"],
    ["an unset default of proto2", LegacySchema, "servings", "null"],
  ])("that is %s", (_, desc, name, expected) => {
    expect(new JsonWriters().field(fieldOf(desc, name))(create(desc))).toBe(expected);
  });

  test.each<[DescMessage]>([
    [PantrySchema],
    [ScalarsSchema],
    [MapsSchema],
    [WellKnownSchema],
    [ChoiceSchema],
    [LegacySchema],
  ])("of %s is that field of its message, or says that it is empty", (desc) => {
    fc.assert(
      fc.property(messageOf(desc, { registry }), fc.constantFrom(...desc.fields), options, (message, field, write) => {
        const whole = libraryJson(desc, message, { ...write, printDefaults: false }) as Record<string, JsonValue>;
        const zero = libraryJson(desc, blank(desc), { ...write, printDefaults: true }) as Record<string, JsonValue>;
        const name = write.protoNames ? field.name : field.jsonName;
        const isObject = field.fieldKind === "message" && !hasCustomJsonRepresentation(field.message);
        const expected = whole[name] ?? zero[name] ?? (isObject ? {} : null);
        const text = new JsonWriters({ ...write, printDefaults: false }).field(field)(message);
        expect(text).toBe(JSON.stringify(expected));
      }),
      { numRuns: 100 },
    );
  });

  test("prints the defaults of what is in it alone as the options say", () => {
    const message = create(PantrySchema, { choice: {}, lists: {} });
    expect(new JsonWriters().field(fieldOf(PantrySchema, "lists"))(message)).toBe("{}");
    const inner = create(MapsSchema, { messages: { a: { aString: "x" } } });
    expect(new JsonWriters().field(fieldOf(MapsSchema, "messages"))(inner)).toBe('{"a":{"aString":"x"}}');
  });

  test("that is the Struct of a Value is held as a message", () => {
    const message = fromJson(ValueSchema, { a: [1] });
    expect(new JsonWriters().field(fieldOf(ValueSchema, "struct_value"))(message)).toBe('{"a":[1]}');
  });

  test("of another type's message is an error", () => {
    expect(() => new JsonWriters().field(fieldOf(PantrySchema, "below"))(create(LegacySchema))).toThrow(
      /kitchen.v1.Legacy/,
    );
  });
});

/** Nothing is set but what is required. */
function blank(desc: DescMessage): Message {
  return desc.typeName === LegacySchema.typeName ? create(LegacySchema, { name: "" }) : create(desc);
}

function fieldOf(desc: DescMessage, name: string): DescField {
  const field = desc.fields.find((candidate) => candidate.name === name);
  if (field === undefined) throw new Error(`${desc.typeName} has no ${name}`);
  return field;
}
