import { connect } from "node:net";
import { gunzipSync } from "node:zlib";
import { Code, ConnectError, createClient, type HandlerContext } from "@connectrpc/connect";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { ErrorInfoSchema } from "../../../gen/google/rpc/error_details_pb.ts";
import { failureFrom, failureOf } from "../../failure.ts";
import { KitchenService } from "../transcode/gen/kitchen/v1/kitchen_pb.ts";
import { StreamService } from "../transcode/gen/kitchen/v1/stream_pb.ts";
import { BEHIND, openEdgeTo, openTransport, PROTOCOLS } from "./edge-to-handlers.ts";
import { envelope, errorIn, openConnection } from "./raw-exchange.ts";

const GET_MENU = "/kitchen.v1.KitchenService/GetMenu";
const UPLOAD = "/kitchen.v1.StreamService/UploadDishes";
const WAYS = BEHIND.flatMap((behind) => PROTOCOLS.map((protocol) => [protocol, behind] as const));

/** Of HTTP or a protocol, whichever the caller's side or the other side speaks. */
const INTERNAL = [
  "content-type",
  "content-length",
  "connect-protocol-version",
  "connect-timeout-ms",
  "accept-encoding",
];

/** Larger than what is not worth a compression. */
const LONG = "long ".repeat(180);

describe.each(WAYS)("a call over %s to %s", (protocol, behind) => {
  const open = async (getMenu: (request: { id: string }, context: HandlerContext) => Promise<{ id: string }>) => {
    const edge = await openEdgeTo({ kitchen: { getMenu } }, behind);
    return { ...edge, client: createClient(KitchenService, openTransport(protocol, edge.address)) };
  };

  test("has headers and trailers both ways, but none of a protocol", async () => {
    const received = vi.fn<(header: Headers) => void>();
    const { client, calls } = await open(async ({ id }, { requestHeader, responseHeader, responseTrailer }) => {
      received(requestHeader);
      responseHeader.set("x-given", requestHeader.get("x-given") ?? "");
      responseTrailer.set("x-last", "bye");
      return { id };
    });
    const seen: Headers[] = [];
    const see = (headers: Headers) => void seen.push(headers);
    const headers = { "x-given": "salt" };
    expect((await client.getMenu({ id: "a" }, { headers, onHeader: see, onTrailer: see })).id).toBe("a");
    expect(seen.map((each) => [each.get("x-given"), each.get("x-last")])).toEqual([
      ["salt", null],
      [null, "bye"],
    ]);
    if (behind === "the same process") {
      for (const name of INTERNAL) expect(received.mock.calls[0]![0].has(name), name).toBe(false);
    }
    await vi.waitFor(() => expect(calls).toHaveLength(1));
    expect(calls[0]).toMatchObject({ method: GET_MENU, code: undefined });
  });

  test.each(["short", LONG])("fails with the service's whole error: %.5s", async (text) => {
    const { client, calls } = await open(async () => {
      const error = new ConnectError(text, Code.ResourceExhausted, { "x-chef": "away" });
      error.details = [{ desc: ErrorInfoSchema, value: { reason: "CLOSED", domain: "kitchen", metadata: { text } } }];
      throw error;
    });
    const thrown = await client.getMenu({}).catch((error) => error);
    expect(failureFrom(thrown)).toMatchObject({
      ...{ code: "ResourceExhausted", message: text, reason: "CLOSED", domain: "kitchen", metadata: { text } },
    });
    expect((thrown as ConnectError).metadata.get("x-chef")).toBe("away");
    await vi.waitFor(() => expect(calls).toHaveLength(1));
    expect(calls[0]!.code).toBe(Code.ResourceExhausted);
  });

  test("is ended by its deadline on the other side", async () => {
    const { promise: ended, resolve: end } = Promise.withResolvers<unknown>();
    const { address, calls } = await open(async (_request, { signal }) => {
      signal.addEventListener("abort", () => end(signal.reason));
      return new Promise(() => {});
    });
    const format = protocol.endsWith("JSON") ? "json" : "proto";
    const message = format === "json" ? "{}" : "";
    const isConnect = protocol.startsWith("Connect");
    const type = isConnect ? `application/${format}` : `application/grpc-web+${format}`;
    const timeout: Record<string, string> = isConnect ? { "connect-timeout-ms": "100" } : { "grpc-timeout": "100m" };
    const body = isConnect ? Buffer.from(message) : envelope(message);
    const answer = await openConnection(address)({
      path: GET_MENU,
      headers: { "content-type": type, ...timeout },
      body,
    });
    expect(answer.status).toBe(isConnect ? 504 : 200);
    expect(errorIn(answer)?.code).toBe(Code.DeadlineExceeded);
    // At its deadline a client of gRPC cancels.
    const codes = behind === "the same process" ? [Code.DeadlineExceeded] : [Code.DeadlineExceeded, Code.Canceled];
    expect(codes).toContain(((await ended) as ConnectError).code);
    await vi.waitFor(() => expect(calls).toHaveLength(1));
    expect(calls[0]!.code).toBe(Code.DeadlineExceeded);
  });

  test("is cancelled on the other side when its caller goes", async () => {
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
    const { promise: ended, resolve: end } = Promise.withResolvers<unknown>();
    const { client, calls } = await open(async (_request, { signal }) => {
      signal.addEventListener("abort", () => end(signal.reason));
      begin();
      return new Promise(() => {});
    });
    const controller = new AbortController();
    const answer = failureOf(client.getMenu({}, { signal: controller.signal }));
    await begun;
    controller.abort();
    expect(await answer).toMatchObject({ code: "Canceled" });
    expect(await ended).toMatchObject({ code: Code.Canceled });
    await vi.waitFor(() => expect(calls).toHaveLength(1));
    expect(calls[0]!.code).toBe(Code.Canceled);
  });
});

test.each([
  ["application/json", "connect-timeout-ms", "9999999999"],
  ["application/grpc-web+json", "grpc-timeout", "99999999H"],
  ["application/grpc-web+json", "grpc-timeout", "99999999S"],
])("a deadline beyond what a timer can hold: %s, %s: %s", async (type, name, value) => {
  const warned = vi.fn();
  process.on("warning", warned);
  onTestFinished(() => void process.off("warning", warned));
  const { address, calls } = await openEdgeTo({
    kitchen: { getMenu: (_request, { signal }) => ({ id: String(signal.aborted) }) },
  });
  const body = type === "application/json" ? Buffer.from("{}") : envelope("{}");
  const answer = await openConnection(address)({
    path: GET_MENU,
    headers: { "content-type": type, [name]: value },
    body,
  });
  expect(answer.body.toString()).toContain('{"id":"false"}');
  await vi.waitFor(() => expect(calls).toHaveLength(1));
  expect(calls[0]!.code).toBeUndefined();
  expect(warned).not.toHaveBeenCalled();
});

describe.each([
  ["Connect", "application/connect+proto"],
  ["gRPC-Web", "application/grpc-web+proto"],
])("a stream of requests over %s", (_name, type) => {
  test.each(BEHIND)("that breaks after good ones, to %s", async (behind) => {
    const parents: string[] = [];
    const { address, calls, faults } = await openEdgeTo(
      {
        stream: {
          async uploadDishes(requests) {
            for await (const { parent } of requests) parents.push(parent);
            return { tags: ["all is well"] };
          },
        },
      },
      behind,
    );
    const body = Buffer.concat([envelope(Buffer.from("\x0a\x01a")), envelope(Buffer.from("\x0a\x09a"))]);
    const answer = await openConnection(address)({ path: UPLOAD, headers: { "content-type": type }, body });
    expect(failureFrom(errorIn(answer))).toMatchObject({
      code: "InvalidArgument",
      reason: "MALFORMED_REQUEST",
      message: expect.stringMatching(/^the request is not a valid kitchen.v1.CreateDishRequest in Protobuf: .+/),
    });
    // A client of gRPC may cancel before the first has been read.
    if (behind === "the same process") expect(parents).toEqual(["a"]);
    await vi.waitFor(() => expect(calls).toHaveLength(1));
    expect(calls[0]).toMatchObject({ method: UPLOAD, code: Code.InvalidArgument });
    expect(faults).toEqual([]);
  });

  test("that is answered before its end: the rest is dropped and the connection kept", async () => {
    const { address } = await openEdgeTo({
      stream: {
        async uploadDishes(requests) {
          for await (const { parent } of requests) return { tags: [parent] };
          return {};
        },
      },
    });
    const body = Array.from({ length: 200 }, () => envelope(Buffer.from("\x0a\x01a")));
    const send = openConnection(address);
    const answer = await send({ path: UPLOAD, headers: { "content-type": type }, body });
    expect(errorIn(answer)).toBeUndefined();
    expect(answer.body.includes("\x0a\x01a")).toBe(true);
    expect((await send({ path: "/healthz", method: "GET" })).reused).toBe(true);
  });
});

test("a refusal is never compressed", async () => {
  const { address } = await openEdgeTo();
  const types = ["application/json", "application/connect+json", "application/grpc-web+json"];
  for (const [path, type] of [GET_MENU, "/kitchen.v1.StreamService/WatchDishes", GET_MENU].map((each, i) => [
    each,
    types[i],
  ])) {
    const all = ["accept-encoding", "connect-accept-encoding", "grpc-accept-encoding"].map((name) => [name, "gzip"]);
    const encodings = ["content-encoding", "connect-content-encoding", "grpc-encoding"].map((name) => [
      name,
      LONG + LONG,
    ]);
    const headers = Object.fromEntries([["content-type", type], ...all, ...encodings]);
    const answer = await openConnection(address)({ path: path!, headers, body: envelope("{}") });
    expect(failureFrom(errorIn(answer))).toMatchObject({ code: "Unimplemented", reason: "MALFORMED_REQUEST" });
  }
});

test("an error that is compressed is still the call's", async () => {
  const { address, calls } = await openEdgeTo({
    kitchen: { getMenu: () => Promise.reject(new ConnectError(LONG + LONG, Code.NotFound)) },
  });
  const headers = { "content-type": "application/json", "accept-encoding": "gzip" };
  const answer = await openConnection(address)({ path: GET_MENU, headers, body: Buffer.from("{}") });
  expect(answer).toMatchObject({ status: 404, headers: { "content-encoding": "gzip" } });
  expect(JSON.parse(gunzipSync(answer.body).toString())).toMatchObject({ code: "not_found", message: LONG + LONG });
  await vi.waitFor(() => expect(calls).toHaveLength(1));
  expect(calls[0]!.code).toBe(Code.NotFound);
});

test("an answer that cannot be encoded is a failed call", async () => {
  const { address, calls } = await openEdgeTo({
    stream: {
      async *watchDishes() {
        yield { price: "not a number" as never };
      },
    },
  });
  const dishes = createClient(StreamService, openTransport("gRPC-Web", address)).watchDishes({});
  expect(
    await dishes[Symbol.asyncIterator]()
      .next()
      .catch(({ code }) => code),
  ).toBe(Code.Internal);
  await vi.waitFor(() => expect(calls).toHaveLength(1));
  expect(calls[0]!.code).toBe(Code.Internal);
});

test("HTTP/1.0 without a Host is answered", async () => {
  const { address, calls } = await openEdgeTo();
  const socket = connect(Number(new URL(address).port), "127.0.0.1");
  onTestFinished(() => void socket.destroy());
  socket.write(`POST ${GET_MENU} HTTP/1.0\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}`);
  expect((await socket.toArray()).join("")).toMatch(/^HTTP\/1.1 400 .*"MALFORMED_REQUEST"/s);
  expect(calls[0]).toMatchObject({ method: GET_MENU, code: Code.InvalidArgument });
});
