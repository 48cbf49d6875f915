import { request as httpRequest } from "node:http";
import { create, type JsonValue, toJson } from "@bufbuild/protobuf";
import { describe, expect, test } from "vitest";
import { DishSchema, type Sink, SinkSchema, TagsSchema } from "./gen/kitchen/v1/kitchen_pb.ts";
import { type Kitchen, openKitchen } from "./kitchen-server.ts";

type Request = { method: string; path: string; body?: string | Uint8Array; type?: string };

async function send(kitchen: Kitchen, { method, path, body, type = "application/json" }: Request) {
  const headers: Record<string, string> = body === undefined ? {} : { "content-type": type };
  const response = await fetch(kitchen.url() + path, { method, body: body as string, headers });
  return { status: response.status, json: (await response.json()) as { error?: { status: string; message: string } } };
}

async function messageOf(request: Request): Promise<JsonValue> {
  const kitchen = await openKitchen();
  const { status, json } = await send(kitchen, request);
  if (status !== 200) throw new Error(JSON.stringify(json));
  const [call] = kitchen.calls;
  return toJson(call!.method.input, call!.message);
}

describe("body, path and query make one message", () => {
  test.each<[method: string, path: string, body: string | undefined, message: JsonValue]>([
    // The whole request.
    [
      "POST",
      "/v1/sink",
      '{"an_int32": 1, "aString": "é", "nested": {"a_bool": true}}',
      { anInt32: 1, aString: "é", nested: { aBool: true } },
    ],
    ["POST", "/v1/sink", "", {}],
    ["POST", "/v1/sink", undefined, {}],
    ["POST", "/v1/sink", '{"aString": null}', {}],
    ["POST", "/v1/menus/1/dishes/2:cook", '{"minutes": 5}', { name: "menus/1/dishes/2", minutes: 5 }],
    ["POST", "/v1/menus/1/dishes/2:cook", '{"name": "menus/1/dishes/2"}', { name: "menus/1/dishes/2" }],
    ["POST", "/v1/menus/1/dishes/2:cook", '{"name": ""}', { name: "menus/1/dishes/2" }],
    // A field of it.
    ["POST", "/v1/menus/1/dishes", '{"displayName": "a"}', { parent: "menus/1", dish: { displayName: "a" } }],
    ["POST", "/v1/menus/1/dishes?validate_only=true", "{}", { parent: "menus/1", dish: {}, validateOnly: true }],
    ["POST", "/v1/menus/1/dishes", "", { parent: "menus/1" }],
    ["POST", "/v1/menus/1/dishes", undefined, { parent: "menus/1" }],
    ["POST", "/v1/tags:sort", '["b", "a"]', { tags: ["b", "a"] }],
    // None.
    ["GET", "/v1/menus/1/dishes/2?verbose=true", undefined, { name: "menus/1/dishes/2", verbose: true }],
    ["GET", "/v1/dishes/2?name=x", undefined, { number: 2, name: "x" }],
    ["DELETE", "/v1/menus/1/dishes/2", "", { name: "menus/1/dishes/2" }],
    ["GET", "/v1/menus/a%2Fb%20c", undefined, { id: "a/b c" }],
    ["GET", "/v1/files/a/b%2Fc%20d", undefined, { path: "a/b%2Fc d" }],
  ])("%s %s %s", async (method, path, body, message) => {
    expect(await messageOf({ method, path, body })).toEqual(message);
  });
});

describe("a PATCH without a mask takes it from its body", () => {
  const path = "/v1/menus/1/dishes/2";
  const name = "menus/1/dishes/2";
  test.each<[path: string, body: string, message: JsonValue]>([
    [
      path,
      '{"displayName": "a", "labels": {"x": "y"}}',
      { dish: { name, displayName: "a", labels: { x: "y" } }, updateMask: "displayName,labels" },
    ],
    [path, '{"display_name": "", "price": null}', { dish: { name }, updateMask: "displayName,price" }],
    [path, `{"name": "${name}", "price": "5"}`, { dish: { name, price: "5" }, updateMask: "price" }],
    [path, `{"name": "${name}"}`, { dish: { name } }],
    // As it was read: what no update changes is not in the mask.
    [
      path,
      `{"name": "${name}", "displayName": "a", "createTime": "2026-01-01T00:00:00Z", "chef": "b", "etag": "c"}`,
      {
        dish: { name, displayName: "a", createTime: "2026-01-01T00:00:00Z", chef: "b", etag: "c" },
        updateMask: "displayName",
      },
    ],
    [path, '{"create_time": null, "chef": "", "etag": "c"}', { dish: { name, etag: "c" } }],
    [`${path}?updateMask=chef`, '{"price": 5}', { dish: { name, price: "5" }, updateMask: "chef" }],
    [path, "{}", { dish: { name } }],
    [path, "", { dish: { name } }],
    [`${path}?update_mask=display_name`, '{"price": 5}', { dish: { name, price: "5" }, updateMask: "displayName" }],
    [`${path}?updateMask=*`, '{"price": 5}', { dish: { name, price: "5" }, updateMask: "*" }],
    [`${path}?updateMask=`, '{"price": 5}', { dish: { name, price: "5" }, updateMask: "" }],
  ])("%s %s", async (target, body, message) => {
    expect(await messageOf({ method: "PATCH", path: target, body })).toEqual(message);
  });
});

describe("a body that does not fit is refused, and nothing is called", () => {
  async function expectRefusal(request: Request, status: number, problem: string) {
    const kitchen = await openKitchen();
    const answer = await send(kitchen, request);
    expect({ status: answer.status, error: answer.json.error }).toMatchObject({
      status,
      error: { code: status, status: "INVALID_ARGUMENT", message: expect.stringContaining(problem) },
    });
    expect(kitchen.calls).toEqual([]);
  }

  const bytes = (...values: number[]) => new Uint8Array(values);
  test.each<[body: string | Uint8Array, problem: string]>([
    ["{", "the body is not valid JSON"],
    [" ", "the body is not valid JSON"],
    ["{'a': 1}", "the body is not valid JSON: at line 1, column 2: expected a name in"],
    ["\uFEFF{}", "the body is not valid JSON: at line 1, column 1: expected a value, got U+F"],
    ["{} {}", "the body is not valid JSON: at line 1, column 4: expected the end, got {"],
    ['{"aString": "\\ud800"}', "the body is not valid JSON: at aString (line 1, column 13)"],
    [bytes(0x22, 0xff, 0x22), "the body is not valid UTF-8"],
    [bytes(0x22, 0xed, 0xa0, 0x80, 0x22), "the body is not valid UTF-8"],
    ["[]", "the request's body: at line 1, column 1: expected an object, got a list"],
    ["null", "the request's body: at line 1, column 1: expected an object, got null"],
    ['"a"', `the request's body: at line 1, column 1: expected an object, got "a"`],
    ['{"nothing": 1}', `the request's body: at line 1, column 2: kitchen.v1.Sink has no field "nothing"`],
    ['{"nested": {"nothing": 1}}', "at nested (line 1, column 13): kitchen.v1.Sink has"],
    ['{"__proto__": {"aBool": true}}', 'has no field "__proto__"'],
    ['{"constructor": {}}', 'has no field "constructor"'],
    ['{"anInt32": "x"}', 'at anInt32 (line 1, column 13): expected a whole number, got "x"'],
    ['{"anInt32": 1, "an_int32": 2}', '"an_int32" is given twice'],
    ['{"anInt32": 1, "anInt32": 1}', 'column 16: "an_int32" is given twice'],
    ['{"red": "a", "green": 1}', "green and red cannot both be set: they are one oneof"],
    [`${'{"nested":'.repeat(200)}{}${"}".repeat(200)}`, "more than 100 objects and lists inside one another"],
  ])("%s", (body, problem) => expectRefusal({ method: "POST", path: "/v1/sink", body }, 400, problem));

  const cook = "/v1/menus/1/dishes/2:cook";
  test.each<[method: string, path: string, body: string, problem: string]>([
    [
      "POST",
      "/v1/menus/1/dishes",
      "null",
      "the request's body: at line 1, column 1: expected a value of dish, got null",
    ],
    ["POST", "/v1/menus/1/dishes", "[]", "the request's body: at line 1, column 1: expected an object, got a list"],
    [
      "POST",
      "/v1/menus/1/dishes",
      '{"nothing": 1}',
      'kitchen.v1.Dish has no field "nothing"; it has name, displayName, price, labels, createTime, chef, etag',
    ],
    [
      "POST",
      "/v1/tags:sort",
      '{"tags": []}',
      "the request's body: at line 1, column 1: expected a list, got an object",
    ],
    ["POST", cook, '{"name": "menus/1/dishes/3"}', 'path variable "name": the body holds another value'],
    ["PATCH", "/v1/menus/1/dishes/2", '{"name": "x"}', 'path variable "dish.name": the body holds another'],
    ["DELETE", "/v1/menus/1/dishes/2", "{}", "DELETE DeleteDish takes no body"],
  ])("%s %s %s", (method, path, body, problem) => expectRefusal({ method, path, body }, 400, problem));

  test.each<[type: string, body: string, problem: string]>([
    ["text/plain", "{}", 'the body must be application/json in UTF-8, not "text/plain"'],
    ["application/x-www-form-urlencoded", "a=b", "the body must be application/json"],
    ["application/json; charset=latin1", "{}", "the body must be application/json in UTF-8"],
    ["application/jsonp", "{}", "the body must be application/json"],
    ["json", "{}", 'the body must be application/json in UTF-8, not "json"'],
  ])("of type %s", (type, body, problem) => {
    return expectRefusal({ method: "POST", path: "/v1/sink", body, type }, 415, problem);
  });

  test.each(["application/json", "application/json; charset=utf-8", 'Application/JSON;charset="UTF-8"'])(
    "%s is read",
    async (contentType) => {
      expect(await messageOf({ method: "POST", path: "/v1/sink", body: "{}", type: contentType })).toEqual({});
    },
  );

  test("an empty body is of no type", async () => {
    expect(await messageOf({ method: "POST", path: "/v1/sink", body: "", type: "text/plain" })).toEqual({});
  });
});

describe("unknown names can be ignored", () => {
  test("in bodies", async () => {
    const kitchen = await openKitchen(undefined, { unknownFields: "ignore" });
    const body = '{"nothing": {"x": [1]}, "aBool": true, "nested": {"nothing": 1}}';
    expect((await send(kitchen, { method: "POST", path: "/v1/sink", body })).status).toBe(200);
    expect(toJson(SinkSchema, kitchen.calls[0]!.message as Sink)).toEqual({ aBool: true, nested: {} });
    expect((await send(kitchen, { method: "GET", path: "/v1/sink?nothing=1" })).status).toBe(400);
  });

  test("in queries", async () => {
    const kitchen = await openKitchen(undefined, { unknownParameters: "ignore" });
    expect((await send(kitchen, { method: "GET", path: "/v1/sink?nothing=1&a_bool=true" })).status).toBe(200);
    expect(toJson(SinkSchema, kitchen.calls[0]!.message as Sink)).toEqual({ aBool: true });
    expect((await send(kitchen, { method: "POST", path: "/v1/sink", body: '{"nothing": 1}' })).status).toBe(400);
  });
});

test("a PATCH names the ignored fields in no mask", async () => {
  const kitchen = await openKitchen(undefined, { unknownFields: "ignore" });
  const body = '{"nothing": 1, "price": 9007199254740993}';
  await send(kitchen, { method: "PATCH", path: "/v1/menus/1/dishes/2", body });
  expect(toJson(kitchen.calls[0]!.method.input, kitchen.calls[0]!.message)).toEqual({
    dish: { name: "menus/1/dishes/2", price: "9007199254740993" },
    updateMask: "price",
  });
});

describe("the server's limit on bodies", () => {
  const answer = () => ({ message: create(TagsSchema) });

  async function post(kitchen: Kitchen, body: string | ReadableStream) {
    const headers = { "content-type": "application/json" };
    const init = { method: "POST", body, headers, duplex: "half" };
    const response = await fetch(`${kitchen.url()}/v1/tags:sort`, init as RequestInit);
    return { status: response.status, json: await response.json() };
  }

  const tooLarge = {
    status: 413,
    json: { error: { code: 413, status: "RESOURCE_EXHAUSTED", message: "the body is larger than 100 bytes" } },
  };

  test("allows as much as it says", async () => {
    const kitchen = await openKitchen(answer, {}, { bodyLimit: 100 });
    expect((await post(kitchen, JSON.stringify(["x".repeat(96)]))).status).toBe(200);
  });

  test("refuses by the announced length", async () => {
    const kitchen = await openKitchen(answer, {}, { bodyLimit: 100 });
    expect(await post(kitchen, JSON.stringify(["x".repeat(97)]))).toMatchObject(tooLarge);
  });

  test("refuses by the announced length before the body comes", async () => {
    const kitchen = await openKitchen(answer, {}, { bodyLimit: 100 });
    const { promise, resolve, reject } = Promise.withResolvers<number | undefined>();
    const headers = { "content-type": "application/json", "content-length": "101" };
    const request = httpRequest(`${kitchen.url()}/v1/tags:sort`, { method: "POST", headers });
    request.on("response", ({ statusCode }) => resolve(statusCode)).on("error", reject);
    request.flushHeaders();
    expect(await promise).toBe(413);
    request.destroy();
  });

  test("refuses by the length that comes", async () => {
    const kitchen = await openKitchen(answer, {}, { bodyLimit: 100 });
    const stream = new ReadableStream({
      start(controller) {
        for (let index = 0; index < 20; index++) controller.enqueue(new Uint8Array(10).fill(0x20));
        controller.close();
      },
    });
    expect(await post(kitchen, stream)).toMatchObject(tooLarge);
    expect(kitchen.calls).toEqual([]);
  });
});

test("a body in pieces is put together", async () => {
  const kitchen = await openKitchen(() => ({ message: create(DishSchema) }));
  const bytes = new TextEncoder().encode('{"displayName": "🍝"}');
  const stream = new ReadableStream({
    start(controller) {
      for (const byte of bytes) controller.enqueue(new Uint8Array([byte]));
      controller.close();
    },
  });
  const headers = { "content-type": "application/json" };
  const init = { method: "POST", body: stream, headers, duplex: "half" };
  const response = await fetch(`${kitchen.url()}/v1/menus/1/dishes`, init as RequestInit);
  expect(response.status).toBe(200);
  expect(kitchen.calls[0]?.message).toMatchObject({ dish: { displayName: "🍝" } });
});
