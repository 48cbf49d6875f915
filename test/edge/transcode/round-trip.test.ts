import {
  create,
  type DescField,
  type DescMessage,
  fromJson,
  type JsonObject,
  type JsonValue,
  type Message,
  toJson,
} from "@bufbuild/protobuf";
import { hasCustomJsonRepresentation } from "@bufbuild/protobuf/wkt";
import fc from "fast-check";
import { expect, test } from "vitest";
import { CreateDishRequestSchema, DishSchema, type Sink, SinkSchema } from "./gen/kitchen/v1/kitchen_pb.ts";
import { messageOf } from "./json/message-arbitrary.ts";
import { type Kitchen, openKitchen } from "./kitchen-server.ts";

/** Types whose JSON one text cannot hold. */
const NO_TEXT = /^google\.protobuf\.(Any|Struct|Value|ListValue)$/;

function isOpen(field: DescField): boolean {
  return field.message !== undefined && !hasCustomJsonRepresentation(field.message);
}

/** What a query can say of a message: no messages in lists and maps, none of the types without a text. */
function expressible(desc: DescMessage, json: JsonObject): JsonObject {
  const entries = desc.fields.flatMap((field): [string, JsonValue][] => {
    const value = json[field.jsonName];
    if (value === undefined || NO_TEXT.test(field.message?.typeName ?? "")) return [];
    if (!isOpen(field)) return [[field.jsonName, value]];
    if (field.fieldKind !== "message") return [];
    const inner = expressible(field.message, value as JsonObject);
    return Object.keys(inner).length === 0 ? [] : [[field.jsonName, inner]];
  });
  return Object.fromEntries(entries);
}

/** The query's parameters, under proto names or JSON names. */
function parametersOf(desc: DescMessage, json: JsonObject, protoNames: boolean, prefix = ""): [string, string][] {
  return desc.fields.flatMap((field): [string, string][] => {
    const value = json[field.jsonName];
    const name = prefix + (protoNames ? field.name : field.jsonName);
    if (value === undefined) return [];
    if (Array.isArray(value)) return value.map((item) => [name, String(item)]);
    if (field.fieldKind === "map") {
      return Object.entries(value as JsonObject).map(([key, item]) => [`${name}[${key}]`, String(item)]);
    }
    if (isOpen(field)) return parametersOf(field.message!, value as JsonObject, protoNames, `${name}.`);
    return [[name, String(value)]];
  });
}

async function expectCall(kitchen: Kitchen, path: string, init: RequestInit, desc: DescMessage, message: Message) {
  kitchen.calls.length = 0;
  const response = await fetch(kitchen.url() + path, init);
  const text = await response.text();
  if (response.status !== 200) throw new Error(text);
  expect(toJson(desc, kitchen.calls[0]!.message)).toEqual(toJson(desc, message));
}

/** As it is after it was text, where JavaScript has no -0. */
function jsonOf(sink: Sink): JsonValue {
  return JSON.parse(JSON.stringify(toJson(SinkSchema, sink)));
}

const post = (body: JsonValue) => ({
  method: "POST",
  body: JSON.stringify(body),
  headers: { "content-type": "application/json" },
});

test("what a query says is what the call gets", async () => {
  const kitchen = await openKitchen();
  await fc.assert(
    fc.asyncProperty(messageOf(SinkSchema, { depth: 2 }), fc.boolean(), async (sink, protoNames) => {
      const json = expressible(SinkSchema, jsonOf(sink) as JsonObject);
      const query = new URLSearchParams(parametersOf(SinkSchema, json, protoNames));
      await expectCall(kitchen, `/v1/sink?${query}`, {}, SinkSchema, fromJson(SinkSchema, json));
    }),
    { numRuns: 300 },
  );
});

test("what a body says is what the call gets, and what comes back", async () => {
  const kitchen = await openKitchen();
  await fc.assert(
    fc.asyncProperty(messageOf(SinkSchema, { depth: 3 }), async (sink) => {
      const json = jsonOf(sink);
      const message = fromJson(SinkSchema, json);
      await expectCall(kitchen, "/v1/sink", post(json), SinkSchema, message);
      const response = await fetch(`${kitchen.url()}/v1/sink`, post(json));
      expect(await response.text()).toBe(JSON.stringify(toJson(SinkSchema, message)));
    }),
    { numRuns: 200 },
  );
});

test("path, query and body together make the message", async () => {
  const kitchen = await openKitchen(() => ({ message: create(DishSchema) }));
  const id = fc.string({ unit: "binary", minLength: 1 });
  const requestId = fc.string({ unit: "binary" });
  await fc.assert(
    fc.asyncProperty(
      id,
      messageOf(DishSchema),
      requestId,
      fc.boolean(),
      async (menu, dish, requestIdText, validateOnly) => {
        const segment = encodeURIComponent(menu);
        const query = new URLSearchParams({ requestId: requestIdText, validate_only: String(validateOnly) });
        // In a capture of several segments, an encoded slash stays as it is.
        const parent = `menus/${menu.replaceAll("/", "%2F")}`;
        const expected = create(CreateDishRequestSchema, { parent, dish, requestId: requestIdText, validateOnly });
        const path = `/v1/menus/${segment}/dishes?${query}`;
        await expectCall(kitchen, path, post(toJson(DishSchema, dish)), CreateDishRequestSchema, expected);
      },
    ),
    { numRuns: 200 },
  );
});
