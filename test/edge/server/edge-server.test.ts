import { connect } from "node:net";
import { create, toBinary } from "@bufbuild/protobuf";
import { Code } from "@connectrpc/connect";
import { encodeEnvelope } from "@connectrpc/connect/protocol";
import { describe, expect, test, vi } from "vitest";
import type { EdgeCall } from "../../../edge/server/call-observer.ts";
import { ErrorReason } from "../../../gen/parley/v1/error_reason_pb.ts";
import { invalidFields, rpcError } from "../../../services/rpc/errors.ts";
import { SinkSchema } from "../transcode/gen/kitchen/v1/kitchen_pb.ts";
import { LIMIT, openEdge } from "./kitchen-edge.ts";

const PATH = "/kitchen.v1.KitchenService/PostSink";

type Sent = { method?: string; type?: string; body?: string | Uint8Array; accept?: string; encoding?: string };

function send(url: string, { method = "POST", type, body, accept, encoding }: Sent) {
  const headers: Record<string, string> = {};
  if (type !== undefined) headers["content-type"] = type;
  if (accept !== undefined) headers.accept = accept;
  if (encoding !== undefined) headers["grpc-encoding"] = encoding;
  return fetch(url, { method, headers, body: body as string });
}

const json = "application/json";
const web = "application/grpc-web+proto";
const envelope = (aString: string) =>
  encodeEnvelope(0, toBinary(SinkSchema, create(SinkSchema, { aString }))) as Uint8Array;
const long = "x".repeat(LIMIT);

/** Refuses a call that asks for it, with a reason. */
function deny(input: unknown): void {
  if ((input as { aString?: string }).aString !== "denied") return;
  throw rpcError(Code.PermissionDenied, ErrorReason.MUTED, "no");
}

describe("every request for a call is told of once", () => {
  test.each<[name: string, path: string, sent: Sent, call: Partial<EdgeCall>]>([
    ["REST", "/v1/sink", { type: json, body: "{}" }, { method: PATH, code: undefined }],
    [
      "a call's error",
      "/v1/sink",
      { type: json, body: '{"aString": "refused"}' },
      { method: PATH, code: Code.Aborted },
    ],
    ["bad JSON", "/v1/sink", { type: json, body: "{" }, { method: PATH, code: Code.InvalidArgument }],
    ["no such path", `/v1/${long}`, { method: "GET" }, { method: "", code: Code.NotFound }],
    ["a path not encoded", "/v1/%zz", { method: "GET" }, { method: "", code: Code.InvalidArgument }],
    ["another method", "/v1/sink", { method: "DELETE" }, { method: "", code: Code.Unimplemented }],
    ["OPTIONS", "/v1/sink", { method: "OPTIONS" }, { method: "", code: undefined }],
    [
      "not acceptable",
      "/v1/tags:sort",
      { type: json, body: "[]", accept: "text/html" },
      { code: Code.InvalidArgument },
    ],
    ["too large", "/v1/sink", { type: json, body: long + long }, { method: PATH, code: Code.ResourceExhausted }],
    ["another type", "/v1/sink", { type: "text/plain", body: "x" }, { method: PATH, code: Code.InvalidArgument }],
    ["no type at all", "/v1/sink", { type: "x", body: "x" }, { method: PATH, code: Code.InvalidArgument }],
    ["an operation by POST", "/healthz", { type: json, body: "{}" }, { method: "", code: Code.Unimplemented }],
  ])("over REST: %s", async (_name, path, sent, expected) => {
    const { address, calls } = await openEdge();
    const answer = await send(address + path, sent);
    await answer.arrayBuffer();
    await vi.waitFor(() => expect(calls).toHaveLength(1));
    expect(calls[0]).toMatchObject({ protocol: "rest", ...expected });
  });

  test.each<[name: string, path: string, sent: Sent, reason: string | undefined]>([
    ["REST: a call", "/v1/sink", { type: json, body: "{}" }, undefined],
    ["REST: bad JSON", "/v1/sink", { type: json, body: "{" }, "MALFORMED_REQUEST"],
    ["REST: no such path", "/v1/none", { method: "GET" }, "METHOD_NOT_FOUND"],
    ["REST: a call's error", "/v1/sink", { type: json, body: '{"aString": "denied"}' }, "MUTED"],
    ["Connect: a call's error", PATH, { type: json, body: '{"aString": "denied"}' }, "MUTED"],
    ["Connect: bad JSON", PATH, { type: json, body: "{" }, "MALFORMED_REQUEST"],
    ["Connect: another method", PATH, { method: "DELETE" }, "METHOD_NOT_ALLOWED"],
    ["Connect: no such method", `${PATH}s`, { type: json, body: "{}" }, "METHOD_NOT_FOUND"],
    ["gRPC-Web: a call's error", PATH, { type: web, body: envelope("denied") }, "MUTED"],
  ])("with its reason, over %s", async (_name, path, sent, reason) => {
    const { address, calls } = await openEdge({ handle: deny });
    await (await send(address + path, sent)).arrayBuffer();
    await vi.waitFor(() => expect(calls).toHaveLength(1));
    expect(calls[0]!.reason).toBe(reason);
  });

  test.each<[name: string, path: string, sent: Sent]>([
    ["REST", "/v1/sink", { type: json, body: "{}" }],
    ["Connect", PATH, { type: json, body: "{}" }],
    ["gRPC-Web", PATH, { type: web, body: envelope("a") }],
  ])("with the context values that its transport was given, over %s", async (_name, path, sent) => {
    const given: unknown[] = [];
    const { address, calls } = await openEdge({ handle: (_input, values) => void given.push(values) });
    await (await send(address + path, sent)).arrayBuffer();
    await vi.waitFor(() => expect(calls).toHaveLength(1));
    expect(given).toEqual([calls[0]!.contextValues]);
    expect(given[0]).toBe(calls[0]!.contextValues);
  });

  test.each<[name: string, sent: Sent, code: Code | undefined]>([
    ["a call", { type: json, body: "{}" }, undefined],
    ["a call's error", { type: json, body: '{"aString": "refused"}' }, Code.Aborted],
    ["bad JSON", { type: json, body: "{" }, Code.InvalidArgument],
    ["too large", { type: json, body: JSON.stringify({ aString: long }) }, Code.ResourceExhausted],
    ["another type", { type: "text/plain", body: "x" }, Code.InvalidArgument],
    ["a type that Fastify does not know", { type: "x/y", body: "x" }, Code.InvalidArgument],
    ["another method", { method: "DELETE" }, Code.Unimplemented],
  ])("over Connect: %s", async (_name, sent, code) => {
    const { address, calls } = await openEdge();
    await (await send(address + PATH, sent)).arrayBuffer();
    await vi.waitFor(() => expect(calls).toHaveLength(1));
    expect(calls[0]).toMatchObject({ method: PATH, protocol: "connect", code });
  });

  test.each<[name: string, sent: Sent, code: Code | undefined]>([
    ["a call", { type: web, body: envelope("a") }, undefined],
    ["a call's error", { type: web, body: envelope("refused") }, Code.Aborted],
    ["too large", { type: web, body: envelope(long) }, Code.ResourceExhausted],
    ["an unknown compression", { type: web, body: envelope("a"), encoding: "x" }, Code.Unimplemented],
    ["another method", { type: web, method: "PUT", body: envelope("a") }, Code.Unimplemented],
    ["a type in upper case", { type: web.toUpperCase(), body: envelope("a") }, undefined],
  ])("over gRPC-Web: %s", async (_name, sent, code) => {
    const { address, calls } = await openEdge();
    await (await send(address + PATH, sent)).arrayBuffer();
    await vi.waitFor(() => expect(calls).toHaveLength(1));
    expect(calls[0]).toMatchObject({ method: PATH, protocol: "grpc-web", code });
  });

  test("one whose caller leaves is Canceled", async () => {
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
    const { promise: ended, resolve: end } = Promise.withResolvers<void>();
    const { address, calls } = await openEdge({
      handle: () => {
        begin();
        return ended;
      },
    });
    const controller = new AbortController();
    const answer = fetch(`${address}/v1/sink`, { signal: controller.signal });
    await begun;
    controller.abort();
    await expect(answer).rejects.toThrow();
    await vi.waitFor(() => expect(calls).toHaveLength(1));
    expect(calls[0]).toMatchObject({ method: "/kitchen.v1.KitchenService/FillSink", code: Code.Canceled });
    end();
  });
});

test.each([
  [{}, 'no method is bound to the path "/"; /docs lists the paths'],
  [{ docs: undefined }, 'no method is bound to the path "/"'],
])("who asks for a path that is not there is told where to look: %j", async (options, message) => {
  const { address } = await openEdge(options);
  expect(await (await fetch(`${address}/`)).json()).toMatchObject({ error: { code: 404, message } });
});

test("operations and docs are no calls", async () => {
  const { address, calls } = await openEdge();
  for (const path of ["/healthz", "/health", "/readyz", "/metrics", "/openapi.json", "/docs"]) {
    const answer = await fetch(address + path);
    expect(answer.status, path).toBe(200);
    await answer.arrayBuffer();
  }
  await (await fetch(`${address}/v1/sink`)).arrayBuffer();
  await vi.waitFor(() => expect(calls).toHaveLength(1));
  expect(calls[0]?.method).toBe("/kitchen.v1.KitchenService/FillSink");
});

describe("the edge's own pages are to be read", () => {
  test.each(["/healthz", "/readyz", "/metrics", "/docs", "/redoc", "/openapi.json"])("%s", async (path) => {
    const { address } = await openEdge();
    const refused = await send(address + path, { method: "POST", type: json, body: "{}" });
    expect([refused.status, refused.headers.get("allow")]).toEqual([405, "GET, HEAD, OPTIONS"]);
    expect(await refused.json()).toMatchObject({ error: { details: [{ reason: "METHOD_NOT_ALLOWED" }] } });
    const asked = await fetch(address + path, { method: "OPTIONS" });
    expect([asked.status, asked.headers.get("allow")]).toEqual([204, "GET, HEAD, OPTIONS"]);
    expect((await fetch(address + path, { method: "HEAD" })).status).toBe(200);
  });
});

describe("what is told of a call", () => {
  test.each([
    ["GET", "/", "/"],
    ["GET", "/v1/aplications?key=secret", "/v1/aplications"],
    ["DELETE", "/v1/sink", "/v1/sink"],
    ["POST", `${PATH}s?x`, `${PATH}s`],
  ])("%s %s, which is for no method: what was asked for", async (verb, path, told) => {
    const { address, calls } = await openEdge();
    await (await fetch(address + path, { method: verb })).arrayBuffer();
    await vi.waitFor(() => expect(calls).toHaveLength(1));
    expect(calls[0]).toMatchObject({ method: "", verb, path: told });
  });

  test.each([
    ["REST", "/v1/sink"],
    ["Connect", PATH],
  ])("over %s: the fields for which it failed, but not its path", async (_name, path) => {
    const handle = () => {
      throw invalidFields([{ field: "message.body", description: "is too long" }]);
    };
    const { address, calls } = await openEdge({ handle });
    await (await send(address + path, { type: json, body: "{}" })).arrayBuffer();
    await vi.waitFor(() => expect(calls).toHaveLength(1));
    expect(calls[0]).toMatchObject({ method: PATH, fields: ["message.body"] });
    expect(calls[0]).not.toHaveProperty("path");
  });

  test.each(["/v1/sink", "/v1/nowhere", "/v1/%zz", PATH])(
    "%s: caller, trace and the id that the answer has",
    async (path) => {
      const { address, calls } = await openEdge();
      const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
      for (const given of [undefined, "mine"]) {
        const headers = { traceparent, ...(given !== undefined && { "x-request-id": given }) };
        const answer = await fetch(address + path, { method: "POST", headers });
        await answer.arrayBuffer();
        await vi.waitFor(() => expect(calls).toHaveLength(1));
        const call = calls.pop()!;
        expect(call).toMatchObject({ traceparent, requestId: answer.headers.get("x-request-id") });
        expect(call.requestId).toMatch(given === undefined ? /^[0-9a-f-]{36}$/ : /^mine$/);
        expect(call.peer).toMatch(/^127\.0\.0\.1:[1-9]\d+$/);
        expect(call.durationMs).toBeGreaterThan(0);
      }
    },
  );

  test("an id of any length is cut", async () => {
    const { address, calls } = await openEdge();
    await (await fetch(`${address}/v1/nowhere`, { headers: { "x-request-id": long } })).arrayBuffer();
    await vi.waitFor(() => expect(calls).toHaveLength(1));
    expect(calls[0]!.requestId).toHaveLength(128);
  });
});

test("a close ends connections that are still busy after its time", async () => {
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  const { app, address } = await openEdge({
    handle: () => {
      begin();
      return new Promise(() => {});
    },
  });
  const socket = connect(Number(new URL(address).port), "127.0.0.1");
  const closed = new Promise((resolve) => socket.once("close", resolve));
  socket.on("error", () => {});
  socket.write("GET /v1/sink HTTP/1.1\r\nHost: x\r\n\r\n");
  await begun;
  await app.close();
  await closed;
});
