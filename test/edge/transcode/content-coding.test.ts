import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { create } from "@bufbuild/protobuf";
import { describe, expect, test } from "vitest";
import { exchange } from "../../rest-transport.ts";
import { TagsSchema } from "./gen/kitchen/v1/kitchen_pb.ts";
import { openKitchen } from "./kitchen-server.ts";
import { openStreamKitchen } from "./stream-kitchen.ts";

const LIMIT = 10_000;

async function post(body: Uint8Array | string, coding: string) {
  const kitchen = await openKitchen(undefined, {}, { bodyLimit: LIMIT });
  const headers = { "content-type": "application/json", "content-encoding": coding };
  const answer = await exchange(`${kitchen.url()}/v1/sink`, { method: "POST", body, headers });
  return { kitchen, answer, error: JSON.parse(answer.body.toString()).error };
}

const text = JSON.stringify({ aString: "é".repeat(100) });

describe("a request's body in a content coding", () => {
  test.each([
    ["gzip", gzipSync(text)],
    ["x-gzip", gzipSync(text)],
    ["GZIP", gzipSync(text)],
    ["br", brotliCompressSync(text)],
    ["deflate", deflateSync(text)],
    ["identity", text],
    ["", text],
  ])("%s is decoded", async (coding, body) => {
    const { kitchen, answer } = await post(body, coding);
    expect(answer.status).toBe(200);
    expect(kitchen.calls[0]?.message).toMatchObject({ aString: "é".repeat(100) });
  });

  test.each(["zstd", "gzip, br", "compress"])("%s is refused with those that are taken", async (coding) => {
    const { answer, error } = await post(text, coding);
    expect([answer.status, error.status, answer.headers.get("accept-encoding")]).toEqual([
      415,
      "INVALID_ARGUMENT",
      "gzip, br, deflate",
    ]);
  });

  test.each([
    ["gzip", Buffer.from("{}")],
    ["gzip", gzipSync(text).subarray(0, -9)],
    ["br", Buffer.from("not brotli at all")],
    ["deflate", Buffer.from([1, 2, 3])],
  ])("%s that it is not is malformed", async (coding, body) => {
    const { kitchen, answer, error } = await post(body, coding);
    expect([answer.status, error.message]).toEqual([400, "the body is not what its content-encoding says"]);
    expect(kitchen.calls).toHaveLength(0);
  });

  test.each([
    ["gzip", gzipSync(Buffer.alloc(20_000_000))],
    ["br", brotliCompressSync(Buffer.alloc(20_000_000))],
    ["deflate", deflateSync(Buffer.alloc(LIMIT + 1))],
  ])("%s is measured as it is read: a bomb is too large", async (coding, body) => {
    const { kitchen, answer, error } = await post(body, coding);
    expect([answer.status, error.message]).toEqual([413, `the body is larger than ${LIMIT} bytes`]);
    expect(kitchen.calls).toHaveLength(0);
  });
});

describe("a body that decodes to nothing is measured as it is sent", () => {
  // A gzip header, and then empty stored blocks.
  const head = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]);
  const body = Buffer.concat([head, Buffer.alloc(4 * LIMIT, Buffer.from([0, 0, 0, 0xff, 0xff]))]);

  test.each([
    ["/v1/sink", "application/json"],
    ["/v1/menus/1/dishes:upload", "application/x-ndjson"],
  ])("%s", async (path, type) => {
    const uploadDishes = async (requests: AsyncIterable<unknown>) => {
      for await (const _ of requests);
      return {};
    };
    const server = { bodyLimit: LIMIT };
    const isStream = path !== "/v1/sink";
    const kitchen = await (isStream
      ? openStreamKitchen({ uploadDishes }, {}, {}, server)
      : openKitchen(undefined, {}, server));
    // Without a length, which would tell.
    const headers = { "content-type": type, "content-encoding": "gzip", "transfer-encoding": "chunked" };
    const answer = await exchange(kitchen.url() + path, { method: "POST", body, headers });
    expect(answer.status).toBe(413);
  });
});

describe("an answer's content coding", () => {
  const tags = Array.from({ length: 500 }, (_, index) => `tag ${index}`);

  async function get(acceptEncoding: string | undefined, count = tags.length) {
    const kitchen = await openKitchen(() => ({ message: create(TagsSchema, { tags: tags.slice(0, count) }) }));
    const headers: Record<string, string> = acceptEncoding === undefined ? {} : { "accept-encoding": acceptEncoding };
    const raw = await exchange(`${kitchen.url()}/v1/tags:sort`, { method: "POST", headers });
    const read = await fetch(`${kitchen.url()}/v1/tags:sort`, { method: "POST", headers });
    return { raw, json: await read.json() };
  }

  test.each([
    [undefined, null],
    ["", null],
    ["gzip", "gzip"],
    ["br", "br"],
    ["gzip, br", "br"],
    ["br, gzip", "br"],
    ["gzip, deflate, br, zstd", "br"],
    ["gzip;q=1, br;q=0.5", "gzip"],
    ["br;q=0, gzip;q=0.1", "gzip"],
    ["identity;q=1, gzip;q=0.5", null],
    ["*", "br"],
    ["zstd", null],
    ["gzip;q=0", null],
  ])("for accept-encoding %s is %s", async (acceptEncoding, coding) => {
    const { raw, json } = await get(acceptEncoding);
    expect([raw.status, raw.headers.get("content-encoding"), raw.headers.get("vary")]).toEqual([
      200,
      coding,
      "Accept-Encoding",
    ]);
    expect(json).toEqual(tags);
    if (coding !== null) expect(raw.body.length).toBeLessThan(JSON.stringify(tags).length / 2);
  });

  test("is none where it would save nothing", async () => {
    const { raw } = await get("gzip, br", 3);
    expect([raw.headers.get("content-encoding"), raw.headers.get("vary")]).toEqual([null, null]);
  });
});
