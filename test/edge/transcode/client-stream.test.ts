import { once } from "node:events";
import { request as sendRequest } from "node:http";
import { connect, type IncomingHttpHeaders } from "node:http2";
import { json } from "node:stream/consumers";
import { Code, ConnectError } from "@connectrpc/connect";
import type { FastifyServerOptions } from "fastify";
import { describe, expect, onTestFinished, test } from "vitest";
import type { Line } from "./gen/kitchen/v1/stream_pb.ts";
import type { Kitchen } from "./kitchen-server.ts";
import { openStreamKitchen, readPieces } from "./stream-kitchen.ts";

const UPLOAD = "/v1/menus/3/dishes:upload";

const upload = {
  async uploadDishes(requests: AsyncIterable<{ parent: string; dish?: { displayName: string } }>) {
    const tags: string[] = [];
    for await (const { parent, dish } of requests) tags.push(`${parent}/${dish?.displayName}`);
    return { tags };
  },
};

async function post(
  kitchen: Kitchen,
  path: string,
  body: string | ReadableStream | undefined,
  type = "application/x-ndjson",
) {
  const init = { method: "POST", body, headers: { "content-type": type }, duplex: "half" };
  const response = await fetch(kitchen.url() + path, init as RequestInit);
  return { status: response.status, json: (await response.json()) as { tags?: string[]; error: { message: string } } };
}

const lines = ["a", "b", "c"].map((displayName) => JSON.stringify({ displayName }));

describe("a stream of requests is a JSON document a line", () => {
  const tags = ["menus/3/a", "menus/3/b", "menus/3/c"];
  test.each([
    [`${lines.join("\n")}\n`, tags],
    [lines.join("\n"), tags],
    [`\n${lines.join("\r\n\n \t\n")}\n\n`, tags],
    ["", []],
    ["\n", []],
    [undefined, []],
  ])("%j", async (body, expected) => {
    const { status, json } = await post(await openStreamKitchen(upload), UPLOAD, body);
    expect([status, json.tags ?? []]).toEqual([200, expected]);
  });

  test("wherever the pieces are cut", async () => {
    const bytes = Buffer.from(`${JSON.stringify({ displayName: "é\u2028😀" })}\n{}\n`);
    const kitchen = await openStreamKitchen(upload);
    for (let cut = 1; cut < bytes.length; cut++) {
      const { json } = await post(kitchen, UPLOAD, ReadableStream.from([bytes.subarray(0, cut), bytes.subarray(cut)]));
      expect(json.tags).toEqual(["menus/3/é\u2028😀", "menus/3/"]);
    }
  });

  test.each(["application/ndjson", "application/jsonl; charset=utf-8"])("also as %s", async (type) => {
    expect((await post(await openStreamKitchen(upload), UPLOAD, lines.join("\n"), type)).json.tags).toEqual(tags);
  });

  test("nothing at all has no type", async () => {
    const kitchen = await openStreamKitchen(upload);
    const response = await fetch(kitchen.url() + UPLOAD, { method: "POST" });
    expect([response.status, await response.json()]).toEqual([200, {}]);
  });

  test("but something has", async () => {
    const kitchen = await openStreamKitchen(upload);
    const response = await fetch(kitchen.url() + UPLOAD, { method: "POST", body: Buffer.from(lines[0]!) });
    expect(response.status).toBe(415);
  });

  test("but as nothing else", async () => {
    const { status, json } = await post(await openStreamKitchen(upload), UPLOAD, lines[0], "application/json");
    expect([status, json.error.message]).toEqual([415, expect.stringContaining("application/x-ndjson")]);
  });
});

describe("what is wrong in a stream of requests is told, and the call is over", () => {
  test.each([
    [`${lines[0]}\n{"displayName": 7}\n${lines[1]}`, 400, /^message 2: the request's body: /],
    [`${lines[0]}\n{"x": 7}`, 400, /^message 2: the request's body: /],
    ["nonsense", 400, /^message 1: /],
    [
      `${lines[0]}\n${JSON.stringify({ displayName: "x".repeat(2_000_000) })}`,
      413,
      /^a line of the body is larger than 1048576 bytes/,
    ],
  ])("%#", async (body, status, message) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const kitchen = await openStreamKitchen({
      async uploadDishes(requests, { signal }) {
        signal.addEventListener("abort", () => resolve());
        return upload.uploadDishes(requests as never);
      },
    });
    const answer = await post(kitchen, UPLOAD, body);
    expect([answer.status, answer.json.error.message]).toEqual([status, expect.stringMatching(message)]);
    await promise;
  });

  test("an error of the call comes before the requests have ended", async () => {
    const kitchen = await openStreamKitchen({
      async uploadDishes() {
        throw new ConnectError("closed", Code.PermissionDenied);
      },
    });
    const endless = new ReadableStream({ pull: (controller) => controller.enqueue(Buffer.from("{}\n")) });
    expect(await post(kitchen, UPLOAD, endless).catch(() => ({ status: 403 }))).toMatchObject({ status: 403 });
  });

  test("a caller who goes before the end is not one who has ended", async () => {
    const seen = Promise.withResolvers<unknown>();
    const first = Promise.withResolvers<void>();
    const kitchen = await openStreamKitchen({
      async uploadDishes(requests) {
        try {
          for await (const _ of requests) first.resolve();
          seen.resolve("the end");
        } catch (error) {
          seen.resolve(error);
        }
        return {};
      },
    });
    const headers = { "content-type": "application/x-ndjson" };
    const request = sendRequest(kitchen.url() + UPLOAD, { method: "POST", headers }).on("error", () => undefined);
    request.write("{}\n");
    await first.promise;
    request.destroy();
    expect(await seen.promise).toBeInstanceOf(Error);
  });
});

test.each([true, false])(
  "over HTTP/2, too, a request without a body is one without messages: %s",
  async (endStream) => {
    const kitchen = await openStreamKitchen(upload, {}, {}, { http2: true } as FastifyServerOptions);
    const session = connect(kitchen.url());
    onTestFinished(() => session.destroy());
    const stream = session.request({ ":method": "POST", ":path": UPLOAD }, { endStream });
    if (!endStream) stream.end();
    const [headers] = (await once(stream, "response")) as [IncomingHttpHeaders];
    expect([headers[":status"], await json(stream)]).toEqual([200, {}]);
  },
);

test("requests and answers go by turns", async () => {
  const kitchen = await openStreamKitchen({
    async *converse(requests: AsyncIterable<Line>) {
      for await (const { text, number } of requests) yield { text: text.toUpperCase(), number: number + 1 };
    },
  });
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const writer = writable.getWriter();
  const say = (line: object) => writer.write(Buffer.from(`${JSON.stringify(line)}\n`));
  const headers = { "content-type": "application/x-ndjson", accept: "application/x-ndjson" };
  const init = { method: "POST", body: readable, headers, duplex: "half" };
  void say({ text: "a" });
  const pieces = readPieces(await fetch(`${kitchen.url()}/v1/lines:converse`, init as RequestInit));
  expect(await pieces.next()).toBe('{"text":"A","number":1}\n');
  void say({ text: "b", number: 5 });
  expect(await pieces.next()).toBe('{"text":"B","number":6}\n');
  void writer.close();
  expect(await pieces.next()).toBeUndefined();
});
