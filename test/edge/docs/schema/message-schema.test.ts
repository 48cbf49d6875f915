import { create, createRegistry, type JsonObject, type JsonValue, toJson } from "@bufbuild/protobuf";
import { anyPack, timestampFromMs } from "@bufbuild/protobuf/wkt";
import { describe, expect, test } from "vitest";
import { ChatSchema } from "../../../../gen/parley/v1/chat_pb.ts";
import { Course, DishSchema, SinkSchema } from "../../transcode/gen/kitchen/v1/kitchen_pb.ts";
import { createContractDocument, createKitchenDocument } from "../contract.ts";
import { createSchemaValidator } from "../schema-validator.ts";

const contract = await createContractDocument();
const validateContract = createSchemaValidator(contract);
const kitchen = createKitchenDocument();
const validateKitchen = createSchemaValidator(kitchen);
const sinkSchema = { $ref: "#/components/schemas/Sink" };

const full = create(SinkSchema, {
  aDouble: Number.NaN,
  aFloat: 1.5,
  anInt32: -1,
  anInt64: -(2n ** 60n),
  aUint32: 2 ** 32 - 1,
  aUint64: 2n ** 63n,
  aSint32: -5,
  aFixed64: 7n,
  aBool: true,
  aString: "text",
  someBytes: new Uint8Array([1, 2, 255]),
  course: Course.MAIN,
  maybe: "",
  renamed: "other",
  strings: ["a", "b"],
  courses: [Course.STARTER],
  times: [timestampFromMs(1)],
  nested: { aString: "inner", nested: {} },
  many: [{ anInt32: 1 }],
  time: timestampFromMs(1_700_000_000_123),
  duration: { seconds: 1n, nanos: 500_000_000 },
  mask: { paths: ["a_string", "nested.a_bool"] },
  wrappedString: "w",
  wrappedInt64: 5n,
  wrappedBool: false,
  wrappedBytes: new Uint8Array([1]),
  wrappedDouble: Number.POSITIVE_INFINITY,
  struct: { free: [1, "two", null] },
  any: anyPack(DishSchema, create(DishSchema, { name: "menus/1/dishes/2" })),
  value: { kind: { case: "stringValue", value: "v" } },
  labels: { a: "b" },
  served: { 3: Course.MAIN },
  counts: { true: 4n },
  sinks: { one: { aBool: true } },
  choice: { case: "blue", value: { anInt32: 2 } },
});

describe("a message's schema", () => {
  const registry = createRegistry(DishSchema);
  const json = toJson(SinkSchema, full, { registry }) as JsonObject;

  test("takes the canonical JSON of every kind of field", () => {
    expect(Object.keys(json).length).toBeGreaterThan(30);
    expect(validateKitchen(sinkSchema, json)).toBeNull();
    const empty = toJson(SinkSchema, create(SinkSchema), { alwaysEmitImplicit: true });
    expect(validateKitchen(sinkSchema, empty)).toBeNull();
  });

  test("has a property for every field of it", () => {
    expect(Object.keys(kitchen.components.schemas.Sink?.properties ?? {})).toEqual(
      SinkSchema.fields.map((field) => field.jsonName),
    );
    expect(Object.keys(kitchen.components.schemas.Sink?.properties ?? {})).toEqual(
      expect.arrayContaining(Object.keys(json)),
    );
  });

  test.each<[string, JsonValue]>([
    ["anInt64", 5],
    ["anInt32", "5"],
    ["aUint32", -1],
    ["aDouble", "much"],
    ["aBool", "true"],
    ["course", 1],
    ["course", "COURSE_NONE"],
    ["strings", "a"],
    ["time", 1],
    ["duration", "1.5"],
    ["mask", { paths: [] }],
    ["wrappedInt64", 5],
    ["any", { name: "x" }],
    ["labels", { a: 1 }],
    ["counts", { true: 4 }],
    ["nested", { anInt32: "x" }],
  ])("refuses %s: %j", (name, value) => {
    expect(validateKitchen(sinkSchema, { [name]: value })).toContain(name);
  });
});

describe("a field's rules", () => {
  const chat = { $ref: "#/components/schemas/Chat" };
  const application = { $ref: "#/components/schemas/Application" };

  test("take what keeps them", () => {
    const name = `applications/${"a1".repeat(13)}/chats/7`;
    const json = toJson(ChatSchema, create(ChatSchema, { name, title: "é".repeat(200), metadata: { k: "v" } }));
    expect(validateContract(chat, json)).toBeNull();
  });

  test.each<[string, JsonObject]>([
    ["a title of 201 code points", { title: "x".repeat(201) }],
    ["a name of another resource", { name: "applications/1" }],
    ["an empty key", { metadata: { "": "v" } }],
    ["a key of 129 code points", { metadata: { ["k".repeat(129)]: "v" } }],
    ["an unknown kind", { kind: "KIND_CLOSED" }],
  ])("refuse %s", (_what, json) => {
    expect(validateContract(chat, json)).not.toBeNull();
  });

  test("refuse an object without its required field", () => {
    expect(validateContract(application, {})).toContain("displayName");
  });

  test("leave out a pattern that not every dialect of regular expressions has", () => {
    expect(JSON.stringify(contract)).not.toContain("\\\\p{");
  });
});

test("what the server sets, and the name that the path says, is read-only", () => {
  const properties = Object.entries(contract.components.schemas.Chat?.properties ?? {});
  const readOnly = properties.filter(([, schema]) => schema.readOnly === true).map(([name]) => name);
  expect(readOnly).toEqual([
    ...["name", "number", "messagesCount", "createTime", "updateTime", "lastMessageTime"],
    ...["membersCount", "support", "lastMessage", "unreadCount", "membership", "peer"],
  ]);
});

test("a text or number shows how it looks, where an example of its message is given", () => {
  expect(contract.components.schemas.Chat?.properties?.title?.examples).toEqual(["Order 1045"]);
  expect(contract.components.schemas.Chat?.properties?.kind?.examples).toBeUndefined();
  expect(contract.components.schemas.Author?.properties?.user?.examples).toEqual(["ada"]);
  expect(kitchen.components.schemas.Dish?.properties?.displayName?.examples).toBeUndefined();
});

test("an error as the edge renders it is of the error's schema", () => {
  const info = { "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason: "ETAG_MISMATCH", domain: "parley" };
  const schema = { $ref: "#/components/schemas/Error" };
  const status = { code: 409, status: "ABORTED", message: "m", details: [{ ...info, metadata: { resource: "x" } }] };
  expect(validateContract(schema, { error: status })).toBeNull();
  expect(validateContract(schema, { error: { ...status, status: "CONFLICT" } })).not.toBeNull();
  expect(validateContract(schema, { error: { ...status, details: [{ reason: "x" }] } })).not.toBeNull();
});
