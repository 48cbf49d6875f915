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
  test("is the etag of its resource and a digest, of a write too", async () => {
    const { etag } = await send("GET", PATH, {});
    expect(etag).toMatch(/^"a-1\.[\w-]{16}"$/);
    expect((await send("HEAD", PATH, {})).etag).toBe(etag);
    expect((await send("PATCH", PATH, {}, "a-1", '{"displayName": "a"}')).etag).toBe(etag);
  });

  // The last four are what a tag cannot hold.
  test.each(["", '"a"', "a b", "é", "日"])("is none where its resource has the etag %j", async (etag) => {
    expect((await send("GET", PATH, {}, etag)).etag).toBeNull();
  });

  test("changes with what is answered, though the etag of its resource does not", async () => {
    let name = "n";
    const kitchen = await openKitchen(() => ({ message: create(DishSchema, { name, etag: "a-1" }) }));
    const read = (etag: string) => fetch(kitchen.url() + PATH, { headers: { "if-none-match": etag } });
    const before = (await read('"none"')).headers.get("etag") ?? "";
    expect((await read(before)).status).toBe(304);
    name = "m";
    const after = await read(before);
    expect(after.status).toBe(200);
    expect(after.headers.get("etag")).not.toBe(before);
    const headers = { "if-match": before };
    expect((await fetch(kitchen.url() + PATH, { method: "PATCH", headers })).status).toBe(200);
    expect(kitchen.calls.at(-1)?.message).toMatchObject({ dish: { etag: "a-1" } });
  });
});

describe("how long an answer may be kept", () => {
  const keeping = ({ headers }: Response) => ["cache-control", "vary"].map((name) => headers.get(name));

  test.each(["GET", "HEAD"])("is told of a %s: for its caller, who asks each time", async (method) => {
    const kitchen = await openKitchen(() => ({ message: create(DishSchema, { name: "n".repeat(2_000), etag: "a" }) }));
    const read = (headers = {}, path = PATH) => fetch(kitchen.url() + path, { method, headers });
    const answer = await read();
    expect(keeping(answer)).toEqual(["private, no-cache", "Authorization, Accept-Encoding"]);
    const kept = await read({ "if-none-match": answer.headers.get("etag") ?? "" });
    expect([kept.status, ...keeping(kept)]).toEqual([304, "private, no-cache", "Authorization"]);
    expect(keeping(await read({}, "/nowhere"))).toEqual(["private, no-cache", "Authorization"]);
    expect(keeping(await read({}, "/healthz"))).toEqual([null, null]);
  });

  test("is what the call says", async () => {
    const header = new Headers({ "cache-control": "public, max-age=60" });
    const kitchen = await openKitchen(() => ({ message: create(DishSchema), header }));
    expect(keeping(await fetch(kitchen.url() + PATH))).toEqual(["public, max-age=60", null]);
  });

  test("is not told of a write", async () => {
    const kitchen = await openKitchen();
    expect(keeping(await fetch(kitchen.url() + PATH, { method: "DELETE" }))).toEqual([null, null]);
  });
});

describe("a read with If-None-Match", () => {
  const TAG = '"a-1.1RMaIKwwuApOg0hb"';

  test.each([
    [TAG, 304],
    [`W/${TAG}`, 304],
    [`"x", ${TAG}`, 304],
    [`"x",${TAG}`, 304],
    ["*", 304],
    ['"a-1"', 200],
    ['"a-1.0123456789abcdef"', 200],
    ['W/"a"', 200],
  ])("%s is %i", async (header, status) => {
    const answer = await send("GET", PATH, { "if-none-match": header });
    expect([answer.status, answer.etag]).toEqual([status, TAG]);
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
    ['"a-1.0123456789abcdef"', 200],
    ["*", 200],
    ['"a-2"', 412],
    ['"a-2.0123456789abcdef"', 412],
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
    ["PATCH", PATH, '"a-1.0123456789abcde_"', '{"displayName": "a"}', { dish: { etag: "a-1" } }],
    ["PATCH", PATH, '"a-1.0123456789abcde"', '{"displayName": "a"}', { dish: { etag: "a-1.0123456789abcde" } }],
    ["PATCH", PATH, '"a-1"', '{"etag": "a-1"}', { dish: { etag: "a-1" } }],
    ["PATCH", PATH, '"a-1.0123456789abcde-"', '{"etag": "a-1"}', { dish: { etag: "a-1" } }],
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
    ["DELETE", `${PATH}:remove`, { "if-match": '".0123456789abcdef"' }, undefined, 412, "an empty tag matches nothing"],
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
