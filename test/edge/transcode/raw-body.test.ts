import { create, toBinary } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { describe, expect, test } from "vitest";
import { DishSchema } from "./gen/kitchen/v1/kitchen_pb.ts";
import type { WriteFileRequest } from "./gen/kitchen/v1/raw_pb.ts";
import { openStreamKitchen } from "./stream-kitchen.ts";

const bytes = toBinary(DishSchema, create(DishSchema, { name: "é", price: -1n }));

describe("a google.api.HttpBody", () => {
  test.each([
    ["image/png", bytes, "image/png"],
    ["Text/Plain; charset=latin1", Buffer.from([0xe9]), "Text/Plain; charset=latin1"],
    ["application/json", Buffer.from("{not json"), "application/json"],
    [undefined, Buffer.from("x"), ""],
    ["image/png", new Uint8Array(0), "image/png"],
  ])("takes bytes of type %s as a field, beside path and query", async (type, body, contentType) => {
    let seen: WriteFileRequest | undefined;
    const writeFile = (request: WriteFileRequest) => {
      seen = request;
      return { path: "ok" };
    };
    const kitchen = await openStreamKitchen({}, { writeFile });
    const headers: Record<string, string> = type === undefined ? {} : { "content-type": type };
    const url = `${kitchen.url()}/v1/raw/a/b?overwrite=true`;
    const response = await fetch(url, { method: "PUT", body: new Blob([body]), headers });
    expect([response.status, await response.json()]).toEqual([200, { path: "ok" }]);
    expect(seen).toMatchObject({ path: "a/b", overwrite: true, content: { contentType } });
    expect(Buffer.from(seen!.content!.data)).toEqual(Buffer.from(body));
  });

  test("answers with bytes of its type, whatever the caller accepts", async () => {
    const kitchen = await openStreamKitchen(
      {},
      { readRaw: ({ path }) => ({ contentType: `image/${path}`, data: bytes }) },
    );
    const response = await fetch(`${kitchen.url()}/v1/raw/png`, { headers: { accept: "application/json" } });
    expect([response.status, response.headers.get("content-type")]).toEqual([200, "image/png"]);
    expect(Buffer.from(await response.arrayBuffer())).toEqual(Buffer.from(bytes));
  });

  test("is the whole request and the whole answer", async () => {
    const kitchen = await openStreamKitchen({}, { echoRaw: (body) => body });
    const response = await fetch(`${kitchen.url()}/v1/raw:echo`, {
      method: "POST",
      body: "é",
      headers: { "content-type": "a/b" },
    });
    expect([response.headers.get("content-type"), await response.text()]).toEqual(["a/b", "é"]);
  });

  test("is the answer's field where the method has a response_body", async () => {
    const content = { contentType: "a/b", data: Buffer.from("x") };
    const kitchen = await openStreamKitchen({}, { readWrapped: () => ({ path: "p", content }) });
    const response = await fetch(`${kitchen.url()}/v1/wrapped/p`);
    expect([response.headers.get("content-type"), await response.text()]).toEqual(["a/b", "x"]);
  });

  test("without a type, or not set at all, is any bytes", async () => {
    const kitchen = await openStreamKitchen({}, { readRaw: () => ({}), readWrapped: () => ({}) });
    for (const path of ["/v1/raw/a", "/v1/wrapped/a"]) {
      const response = await fetch(kitchen.url() + path);
      expect([response.headers.get("content-type"), await response.text()]).toEqual(["application/octet-stream", ""]);
    }
  });

  test("above the server's limit is refused", async () => {
    const kitchen = await openStreamKitchen({}, { echoRaw: (body) => body });
    const response = await fetch(`${kitchen.url()}/v1/raw:echo`, { method: "POST", body: Buffer.alloc(1_048_577) });
    expect(response.status).toBe(413);
  });
});

describe("a stream of HttpBodies", () => {
  test("is one body, of the first one's type", async () => {
    const kitchen = await openStreamKitchen(
      {},
      {
        async *download() {
          yield { contentType: "video/mp4", data: Buffer.from("a") };
          yield { data: Buffer.from("") };
          yield { contentType: "ignored/later", data: Buffer.from("bc") };
        },
      },
    );
    const response = await fetch(`${kitchen.url()}/v1/raw/a/b:download`);
    expect([response.headers.get("content-type"), await response.text()]).toEqual(["video/mp4", "abc"]);
  });

  test("can be empty", async () => {
    const kitchen = await openStreamKitchen({}, { async *download() {} });
    const response = await fetch(`${kitchen.url()}/v1/raw/a:download`);
    expect([response.headers.get("content-type"), await response.text()]).toEqual(["application/octet-stream", ""]);
  });

  test.each([[0], [1]])("that fails after %i pieces has a status, or is cut off", async (count) => {
    const errors: unknown[] = [];
    const codes: unknown[] = [];
    const kitchen = await openStreamKitchen(
      {},
      {
        async *download() {
          for (let piece = 0; piece < count; piece++) yield { data: Buffer.from("a") };
          throw new ConnectError("broken", Code.DataLoss);
        },
      },
      { onError: (error) => errors.push(error), onAnswer: (_reply, code) => codes.push(code) },
    );
    const response = await fetch(`${kitchen.url()}/v1/raw/a:download`);
    expect(response.status).toBe(count === 0 ? 500 : 200);
    if (count > 0) await expect(response.text()).rejects.toThrow();
    expect([errors.length, codes.at(-1)]).toEqual([1, Code.DataLoss]);
  });

  test("goes up in pieces, of which the first has the path, the query and the type", async () => {
    const pieces: WriteFileRequest[] = [];
    const kitchen = await openStreamKitchen(
      {},
      {
        async upload(requests) {
          for await (const piece of requests) pieces.push(piece);
          return { path: "ok" };
        },
      },
    );
    const body = ReadableStream.from([Buffer.alloc(3_000_000, "a"), Buffer.from("b")]);
    const init = { method: "POST", body, headers: { "content-type": "a/b" }, duplex: "half" };
    const response = await fetch(`${kitchen.url()}/v1/raw/x/y:upload?overwrite=true`, init as RequestInit);
    expect([response.status, await response.json()]).toEqual([200, { path: "ok" }]);
    const [first, ...rest] = pieces;
    expect(first).toMatchObject({ path: "x/y", overwrite: true, content: { contentType: "a/b" } });
    expect(rest.every(({ path, content }) => path === "" && content?.contentType === "")).toBe(true);
    const all = Buffer.concat(pieces.map(({ content }) => content!.data)).toString();
    expect([all.length, all.slice(-2)]).toEqual([3_000_001, "ab"]);
  });

  test("goes up as one empty piece where there is no body", async () => {
    const pieces: WriteFileRequest[] = [];
    const kitchen = await openStreamKitchen(
      {},
      {
        async upload(requests) {
          for await (const piece of requests) pieces.push(piece);
          return {};
        },
      },
    );
    await fetch(`${kitchen.url()}/v1/raw/x:upload`, { method: "POST" });
    expect(pieces).toMatchObject([{ path: "x", content: { data: new Uint8Array(0) } }]);
  });
});
