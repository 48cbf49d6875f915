import { create } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { describe, expect, test } from "vitest";
import { CustomService, EchoSchema } from "./gen/kitchen/v1/custom_pb.ts";
import { DishSchema } from "./gen/kitchen/v1/kitchen_pb.ts";
import { openKitchen } from "./kitchen-server.ts";
import { openStreamKitchen } from "./stream-kitchen.ts";

const PATH = "/v1/menus/1/dishes/2";

async function send(method: string, path: string, headers: Record<string, string>, etag = "a-1", body?: string) {
  const kitchen = await openKitchen(() => ({ message: create(DishSchema, { name: "n", etag }) }));
  const typed = body === undefined ? headers : { ...headers, "content-type": "application/json" };
  const response = await fetch(kitchen.url() + path, { method, headers: typed, body });
  const text = await response.text();
  const error = response.status < 400 ? undefined : JSON.parse(text).error;
  const [etagOf, type] = ["etag", "content-type"].map((name) => response.headers.get(name));
  return { status: response.status, etag: etagOf, type, text, error, calls: kitchen.calls };
}

describe("the ETag of an answer", () => {
  test.each([
    ["a-1", '"a-1"'],
    ["", null],
    // What a tag cannot hold.
    ['"a"', null],
    ["a b", null],
    ["é", null],
    ["日", null],
  ])("is that of its resource: %s", async (etag, header) => {
    expect((await send("GET", PATH, {}, etag)).etag).toBe(header);
  });

  test("is also that of a write", async () => {
    expect((await send("PATCH", PATH, {}, "a-2", '{"displayName": "a"}')).etag).toBe('"a-2"');
  });
});

describe("a read with If-None-Match", () => {
  test.each([
    ['"a-1"', 304],
    ['W/"a-1"', 304],
    ['"x", "a-1"', 304],
    ['"x","a-1"', 304],
    ["*", 304],
    ['"a-2"', 200],
    ['W/"a"', 200],
  ])("%s is %i", async (header, status) => {
    const answer = await send("GET", PATH, { "if-none-match": header });
    expect([answer.status, answer.etag]).toEqual([status, '"a-1"']);
    expect(answer.text === "").toBe(status === 304);
    expect(answer.type).toBe(status === 304 ? null : "application/json; charset=utf-8");
    expect((await send("HEAD", PATH, { "if-none-match": header })).status).toBe(status);
  });

  test.each(["a-1", '"a', ""])("that is no tag is malformed: %s", async (header) => {
    const { status, error } = await send("GET", PATH, { "if-none-match": header });
    expect([status, error.message]).toEqual([
      400,
      expect.stringMatching(/^header "if-none-match": expected a? ?tags? in quotes/),
    ]);
  });

  test("of something that has no etag is 200", async () => {
    expect((await send("GET", PATH, { "if-none-match": '"a-1"' }, "")).status).toBe(200);
  });
});

describe("a read with If-Match", () => {
  test.each([
    ['"a-1"', 200],
    ["*", 200],
    ['"a-2"', 412],
    ['W/"a-1"', 412],
  ])("%s is %i", async (header, status) => {
    const answer = await send("GET", PATH, { "if-match": header });
    expect([answer.status, answer.error?.status]).toEqual([status, status === 412 ? "ABORTED" : undefined]);
  });
});

test.each(["GET", "HEAD"])("%s of a method that is bound to any is a read", async (method) => {
  const answer = () => ({ message: create(EchoSchema) });
  const kitchen = await openKitchen(answer, { services: [CustomService] });
  const response = await fetch(`${kitchen.url()}/v1/any/a`, { method, headers: { "if-none-match": '"a"' } });
  expect(response.status).toBe(200);
});

test.each<[header: string, value: string, message: string]>([
  ["if-match", '"a"', "UploadDishes takes no etag"],
  ["if-none-match", "*", "is for reads"],
])("a stream of requests with %s is refused", async (header, value, message) => {
  const kitchen = await openStreamKitchen({ uploadDishes: () => ({}) as never });
  const url = `${kitchen.url()}/v1/menus/1/dishes:upload`;
  const response = await fetch(url, { method: "POST", headers: { [header]: value } });
  expect(await response.json()).toMatchObject({ error: { code: 400, message: expect.stringContaining(message) } });
});

describe("a write with If-Match", () => {
  test.each([
    ["PATCH", PATH, '"a-1"', '{"displayName": "a"}', { dish: { etag: "a-1" } }],
    ["PATCH", PATH, '"a-1"', '{"etag": "a-1"}', { dish: { etag: "a-1" } }],
    ["PATCH", PATH, '"a-1"', undefined, { dish: { etag: "a-1" } }],
    ["PATCH", PATH, "*", '{"displayName": "a"}', { dish: { etag: "" } }],
    ["DELETE", `${PATH}:remove`, '"a-1"', undefined, { etag: "a-1" }],
    ["DELETE", `${PATH}:remove?etag=a-1`, '"a-1"', undefined, { etag: "a-1" }],
    ["DELETE", PATH, "*", undefined, {}],
  ])("%s %s %s %s gives the call that etag", async (method, path, header, body, message) => {
    const { status, calls } = await send(method, path, { "if-match": header }, "a-1", body);
    expect(status).toBe(200);
    expect(calls[0]?.message).toMatchObject(message);
  });

  test("does not put the etag into the mask", async () => {
    const { calls } = await send("PATCH", PATH, { "if-match": '"a"' }, "a", '{"displayName": "b"}');
    expect(calls[0]?.message).toMatchObject({ updateMask: { paths: ["display_name"] } });
  });

  test.each([
    ["PATCH", PATH, { "if-match": '"a-1"' }, '{"etag": "a-2"}', 400, "dish.etag holds another etag"],
    ["DELETE", `${PATH}:remove?etag=x`, { "if-match": '"a-1"' }, undefined, 400, "etag holds another etag"],
    ["PATCH", PATH, { "if-match": '"a", "b"' }, undefined, 400, "expected one tag"],
    ["PATCH", PATH, { "if-match": "a" }, undefined, 400, "expected tags in quotes"],
    ["PATCH", PATH, { "if-match": 'W/"a"' }, undefined, 412, "a weak tag matches nothing"],
    ["PATCH", PATH, { "if-match": '""' }, '{"displayName": "a"}', 412, "an empty tag matches nothing"],
    ["DELETE", `${PATH}:remove`, { "if-match": '""' }, undefined, 412, "an empty tag matches nothing"],
    ["DELETE", PATH, { "if-match": '"a"' }, undefined, 400, "DeleteDish takes no etag"],
    ["POST", "/v1/menus/1/dishes", { "if-match": '"a"' }, undefined, 400, "CreateDish takes no etag"],
    ["POST", "/v1/menus/1/dishes", { "if-none-match": "*" }, undefined, 400, "is for reads"],
  ])("%s %s %o %s is refused, and nothing is called", async (method, path, headers, body, status, problem) => {
    const answer = await send(method, path, headers, "a-1", body);
    expect([answer.status, answer.error.message]).toEqual([status, expect.stringContaining(problem)]);
    expect(answer.calls).toHaveLength(0);
  });

  test.each([
    [{ "if-match": '"a"' }, Code.Aborted, 412],
    [{ "if-match": "*" }, Code.Aborted, 409],
    [{}, Code.Aborted, 409],
    [{ "if-match": '"a"' }, Code.NotFound, 404],
  ])("%o that fails with code %i is %i", async (headers, code, status) => {
    const kitchen = await openKitchen(() => {
      throw new ConnectError("no", code);
    });
    const response = await fetch(kitchen.url() + PATH, { method: "PATCH", headers });
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ error: { code: status } });
  });
});
