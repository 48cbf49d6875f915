import { once } from "node:events";
import { get, type IncomingMessage } from "node:http";
import { create } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { describe, expect, test, vi } from "vitest";
import { ErrorInfoSchema } from "../../../gen/google/rpc/error_details_pb.ts";
import type { Dish } from "./gen/kitchen/v1/kitchen_pb.ts";
import { openStreamKitchen, readPieces } from "./stream-kitchen.ts";

const PATH = "/v1/menus/7/dishes:watch";

/** Streams dishes of the menu asked for, then ends, or fails. */
function watch(names: readonly string[], error?: unknown) {
  return {
    async *watchDishes({ id }: { id: string }) {
      for (const name of names) yield { name: `menus/${id}/dishes/${name}` };
      if (error !== undefined) throw error;
    },
  };
}

async function textOf(names: readonly string[], accept: string | undefined, error?: unknown) {
  const kitchen = await openStreamKitchen(watch(names, error));
  const response = await fetch(kitchen.url() + PATH, { headers: accept === undefined ? {} : { accept } });
  return { status: response.status, type: response.headers.get("content-type"), text: await response.text() };
}

const a = '{"name":"menus/7/dishes/a"}';
const b = '{"name":"menus/7/dishes/b"}';

describe("a stream of answers is", () => {
  test.each([
    [undefined, "application/json; charset=utf-8", `[${a},\n${b}]`],
    ["*/*", "application/json; charset=utf-8", `[${a},\n${b}]`],
    ["application/json", "application/json; charset=utf-8", `[${a},\n${b}]`],
    ["application/x-ndjson", "application/x-ndjson", `${a}\n${b}\n`],
    ["application/jsonl", "application/x-ndjson", `${a}\n${b}\n`],
    ["application/json;q=0.5, application/ndjson", "application/x-ndjson", `${a}\n${b}\n`],
    ["text/event-stream", "text/event-stream; charset=utf-8", `data: ${a}\n\ndata: ${b}\n\nevent: end\ndata: {}\n\n`],
    ["text/*", "text/event-stream; charset=utf-8", `data: ${a}\n\ndata: ${b}\n\nevent: end\ndata: {}\n\n`],
  ])("for accept %s of type %s", async (accept, type, text) => {
    expect(await textOf(["a", "b"], accept)).toEqual({ status: 200, type, text });
  });

  test.each([
    ["application/json", "[]"],
    ["application/x-ndjson", ""],
    ["text/event-stream", "event: end\ndata: {}\n\n"],
  ])("also without any, for accept %s", async (accept, text) => {
    expect((await textOf([], accept)).text).toBe(text);
  });

  test("not anything else", async () => {
    const { status, text } = await textOf(["a"], "image/png");
    expect([status, JSON.parse(text).error.message]).toEqual([406, expect.stringContaining("text/event-stream")]);
  });

  test("its field where the method has a response_body", async () => {
    const kitchen = await openStreamKitchen({
      async *watchTags() {
        yield { tags: ["a"] };
        yield { tags: [] };
      },
    });
    expect(await (await fetch(`${kitchen.url()}/v1/menus/1/tags:watch`)).json()).toEqual([["a"], []]);
  });

  test("not stored, nor kept back by a proxy, and has the call's headers", async () => {
    const kitchen = await openStreamKitchen({
      async *watchDishes(_request, context) {
        context.responseHeader.set("x-kitchen", "small");
        yield {};
      },
    });
    const response = await fetch(kitchen.url() + PATH);
    await response.text();
    const { headers } = response;
    expect(["cache-control", "x-accel-buffering", "grpc-metadata-x-kitchen"].map((name) => headers.get(name))).toEqual([
      "no-store",
      "no",
      "small",
    ]);
  });
});

describe("an error", () => {
  const error = new ConnectError("burnt", Code.Aborted, undefined, [
    { desc: ErrorInfoSchema, value: create(ErrorInfoSchema, { reason: "FIRE", domain: "kitchen" }) },
  ]);
  const details = [{ "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason: "FIRE", domain: "kitchen" }];
  const json = { error: { code: 409, status: "ABORTED", message: "burnt", details } };

  test("before the first message has a status of its own", async () => {
    const { status, text } = await textOf([], "text/event-stream", error);
    expect([status, JSON.parse(text)]).toEqual([409, json]);
  });

  test("after it is the last item of an array", async () => {
    const { status, text } = await textOf(["a"], "application/json", error);
    expect([status, JSON.parse(text)]).toEqual([200, [JSON.parse(a), json]]);
  });

  test("or the last line", async () => {
    const { text } = await textOf(["a"], "application/x-ndjson", error);
    expect(
      text
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line)),
    ).toEqual([JSON.parse(a), json]);
  });

  test("or an event named error, without an end", async () => {
    const { text } = await textOf(["a"], "text/event-stream", error);
    const [, last = ""] = text.split("\n\n");
    expect(last).toMatch(/^event: error\ndata: /);
    expect(JSON.parse(last.replace(/^event: error\ndata: /, ""))).toEqual(json);
    expect(text).not.toContain("event: end");
  });

  test("that nobody expected says nothing, and is told to the host with its code", async () => {
    const codes: (Code | undefined)[] = [];
    const errors: unknown[] = [];
    const kitchen = await openStreamKitchen(watch(["a"], new Error("secret")), undefined, {
      onAnswer: (_reply, code) => codes.push(code),
      onError: (seen) => errors.push(seen),
    });
    const [, last] = (await (await fetch(kitchen.url() + PATH)).json()) as [unknown, { error: { message: string } }];
    expect([last.error.message, codes, errors.length]).toEqual(["internal error", [undefined, Code.Internal], 1]);
  });
});

test("a message is sent when it comes, compressed or not", async () => {
  for (const coding of ["identity", "gzip", "br"]) {
    const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const kitchen = await openStreamKitchen({
      async *watchDishes() {
        for (const [index, gate] of gates.entries()) {
          yield { name: `dish ${index}` };
          await gate.promise;
        }
      },
    });
    const headers = { accept: "application/x-ndjson", "accept-encoding": coding };
    const response = await fetch(kitchen.url() + PATH, { headers });
    expect(response.headers.get("content-encoding") ?? "identity").toBe(coding);
    const pieces = readPieces(response);
    for (const [index, gate] of gates.entries()) {
      expect(await pieces.next()).toBe(`{"name":"dish ${index}"}\n`);
      gate.resolve();
    }
    expect(await pieces.next()).toBeUndefined();
  }
});

describe("a stream in which nothing happens", () => {
  test.each([
    ["application/json", ["[", "\n"], "]"],
    ["application/x-ndjson", ["\n"], ""],
    ["text/event-stream", [":\n\n"], "event: end\ndata: {}\n\n"],
  ])("begins and has heartbeats: %s", async (accept, beats, end) => {
    const gate = Promise.withResolvers<void>();
    const kitchen = await openStreamKitchen(
      {
        // biome-ignore lint/correctness/useYield: it sends nothing
        async *watchDishes() {
          await gate.promise;
        },
      },
      undefined,
      { heartbeatMs: 5 },
    );
    const pieces = readPieces(await fetch(kitchen.url() + PATH, { headers: { accept } }));
    let text = "";
    while (text.length < 10 * beats.join("").length) text += await pieces.next();
    gate.resolve();
    for (let piece = await pieces.next(); piece !== undefined; piece = await pieces.next()) text += piece;
    const [head, beat = head] = beats as [string, string?];
    expect(text).toMatch(
      new RegExp(`^${head === "[" ? "\\[" : ""}(${beat})+${end.replace("]", "\\]").replace("{}", "\\{\\}")}$`),
    );
  });
});

test("the call ends when the caller goes", async () => {
  const ended = Promise.withResolvers<unknown>();
  const kitchen = await openStreamKitchen({
    async *watchDishes(_request, { signal }) {
      yield {};
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      ended.resolve(signal.reason);
    },
  });
  const pieces = readPieces(await fetch(kitchen.url() + PATH));
  await pieces.next();
  await pieces.cancel();
  expect(await ended.promise).toMatchObject({ code: Code.Canceled });
});

test("HEAD is answered, and its call is over", async () => {
  const ended = Promise.withResolvers<void>();
  const kitchen = await openStreamKitchen({
    async *watchDishes(_request, { signal }) {
      signal.addEventListener("abort", () => ended.resolve());
      for (;;) {
        yield {};
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
  });
  const response = await fetch(kitchen.url() + PATH, { method: "HEAD" });
  expect([response.status, response.headers.get("content-type")]).toEqual([200, "application/json; charset=utf-8"]);
  await ended.promise;
});

test("a reader who is slow holds the messages back", async () => {
  let made = 0;
  const kitchen = await openStreamKitchen({
    async *watchDishes(): AsyncGenerator<Pick<Dish, "displayName">> {
      for (;;) {
        made += 1;
        yield { displayName: "x".repeat(100_000) };
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
  });
  const request = get(kitchen.url() + PATH);
  const [response] = (await once(request, "response")) as [IncomingMessage];
  let before = -1;
  const settled = () => {
    const still = made === before;
    before = made;
    return still;
  };
  await vi.waitUntil(settled, { interval: 200, timeout: 15_000 });
  // What the sockets of both sides hold: a few megabytes.
  expect(made).toBeLessThan(1_000);
  response.destroy();
});
