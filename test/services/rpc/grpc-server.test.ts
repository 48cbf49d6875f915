import { once } from "node:events";
import { type ClientHttp2Stream, connect } from "node:http2";
import { deflateSync, gzipSync } from "node:zlib";
import { create, type DescMethod, toBinary } from "@bufbuild/protobuf";
import { anyUnpack } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError, createContextKey, type HandlerContext } from "@connectrpc/connect";
import { Metadata, status } from "@grpc/grpc-js";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { BadRequestSchema, ErrorInfoSchema } from "../../../gen/google/rpc/error_details_pb.ts";
import { ErrorReason } from "../../../gen/parley/v1/error_reason_pb.ts";
import { invalidFields, rpcError } from "../../../services/rpc/errors.ts";
import { ProbeSchema, ProbeService } from "./gen/parley/test/v1/probe_service_pb.ts";
import { outcomeOf, pathOf, reasonsOf, statusProtoOf } from "./probe-client.ts";
import { startProbe } from "./probe-server.ts";

const { ask, listen, collect, talk, missing } = ProbeService.method;

function metadataOf(entries: Record<string, string | Buffer | string[]>): Metadata {
  const metadata = new Metadata();
  for (const [key, value] of Object.entries(entries)) for (const each of [value].flat()) metadata.add(key, each);
  return metadata;
}

/** A call by a bare HTTP/2 client, which is closed with the test. */
function requestHttp2(port: number, method: DescMethod, headers: Record<string, string> = {}): ClientHttp2Stream {
  const session = connect(`http://127.0.0.1:${port}`);
  onTestFinished(() => session.destroy());
  const grpc = { ":method": "POST", ":path": pathOf(method), "content-type": "application/grpc", te: "trailers" };
  const stream = session.request({ ...grpc, ...headers });
  stream.on("error", () => {});
  return stream;
}

/** Resolves when the value has been the same, and positive, for five checks in a row. */
async function unchanging(value: () => number): Promise<void> {
  let last = 0;
  let same = 0;
  const check = () => {
    same = value() === last && last > 0 ? same + 1 : 0;
    last = value();
    expect(same).toBeGreaterThanOrEqual(5);
  };
  await vi.waitFor(check, { interval: 40, timeout: 10_000 });
}

/** Resolves when the context's signal aborts, with its reason. */
function abortOf({ signal }: HandlerContext): Promise<ConnectError> {
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(signal.reason)));
}

describe("the four kinds of methods", () => {
  test("unary answers with an init shape made a message", async () => {
    const { client } = await startProbe({ ask: ({ text }) => ({ text: `re: ${text}` }) });
    const { messages, status } = await client.call(ask, [{ text: "a" }]);
    expect(messages).toEqual([create(ProbeSchema, { text: "re: a" })]);
    expect(status.code).toBe(0);
  });

  test("an empty message is a message", async () => {
    const { client } = await startProbe({ ask: () => ({}) });
    expect((await client.call(ask, [{}])).messages).toEqual([create(ProbeSchema)]);
  });

  test("server streaming", async () => {
    const { client } = await startProbe({
      async *listen({ number }) {
        for (let i = 0; i < number; i++) yield { number: i };
      },
    });
    const { messages, status } = await client.call(listen, [{ number: 1000 }]);
    expect(messages.map(({ number }) => number)).toEqual(Array.from({ length: 1000 }, (_, i) => i));
    expect(status.code).toBe(0);
  });

  test("client streaming", async () => {
    const { client } = await startProbe({
      async collect(requests) {
        let number = 0;
        for await (const request of requests) number += request.number;
        return { number };
      },
    });
    const requests = Array.from({ length: 100 }, (_, number) => ({ number }));
    expect((await client.call(collect, requests)).messages).toEqual([create(ProbeSchema, { number: 4950 })]);
  });

  test("bidirectional streaming answers before the request has ended", async () => {
    const { client } = await startProbe({
      async *talk(requests) {
        for await (const { text } of requests) yield { text: text.toUpperCase() };
      },
    });
    const call = client.open(pathOf(talk));
    for (const text of ["a", "b"]) {
      const answer = new Promise((resolve) => call.once("data", resolve));
      call.write(toBinary(ProbeSchema, create(ProbeSchema, { text })));
      expect(await answer).toEqual(
        Buffer.from(toBinary(ProbeSchema, create(ProbeSchema, { text: text.toUpperCase() }))),
      );
    }
    call.end();
    expect((await outcomeOf(call)).status.code).toBe(0);
  });
});

describe("metadata", () => {
  test("goes to the handler, and headers and trailers come back, with several and with binary values", async () => {
    let seen: Record<string, string> = {};
    const { client } = await startProbe({
      ask(_, { requestHeader, responseHeader, responseTrailer }) {
        seen = Object.fromEntries(requestHeader);
        responseHeader.append("x-several", "1");
        responseHeader.append("x-several", "2");
        responseHeader.set("x-raw-bin", requestHeader.get("x-raw-bin")!);
        responseTrailer.set("x-trailer", "t");
        responseTrailer.set("x-trailer-bin", Buffer.from([255, 0]).toString("base64"));
        return {};
      },
    });
    const sent = metadataOf({ "x-one": "a", "x-many": ["b", "c"], "x-raw-bin": Buffer.from([0, 254, 1]) });
    sent.add("x-raw-bin", Buffer.from([7]));
    const { header, status } = await client.call(ask, [{}], sent);
    expect(seen).toMatchObject({ "x-one": "a", "x-many": "b, c", "x-raw-bin": "AP4B, Bw==" });
    expect(header.get("x-several")).toEqual(["1, 2"]);
    expect(header.get("x-raw-bin")).toEqual([Buffer.from([0, 254, 1]), Buffer.from([7])]);
    expect(status.metadata.get("x-trailer")).toEqual(["t"]);
    expect(status.metadata.get("x-trailer-bin")).toEqual([Buffer.from([255, 0])]);
  });

  test("of streams: headers before the first message, trailers after the last", async () => {
    const { client } = await startProbe({
      async *listen(_, { responseHeader, responseTrailer }) {
        responseHeader.set("x-header", "h");
        yield {};
        responseTrailer.set("x-trailer", "t");
      },
    });
    const { header, status } = await client.call(listen, [{}]);
    expect([header.get("x-header"), status.metadata.get("x-trailer")]).toEqual([["h"], ["t"]]);
  });

  test("that would break HTTP/2 or gRPC, or that gRPC cannot carry, is left out", async () => {
    const { client } = await startProbe({
      ask(_, { responseHeader, responseTrailer }) {
        for (const name of ["connection", "content-length", "transfer-encoding"]) responseHeader.set(name, "1");
        responseHeader.set("x-latin", "é");
        responseTrailer.set("grpc-status", "13");
        return { text: "fine" };
      },
    });
    const { messages, header, status } = await client.call(ask, [{}]);
    expect([messages[0]?.text, header.get("x-latin"), status.code]).toEqual(["fine", [], 0]);
  });
});

describe("the request id", () => {
  const uuid = /^[0-9a-f-]{36}$/;
  test.each([
    ["a usable one is kept", "order 66", /^order 66$/],
    ["the longest is kept", "x".repeat(128), /^x{128}$/],
    ["one too long is replaced", "x".repeat(129), uuid],
    ["a missing one is made", undefined, uuid],
  ])("%s", async (_, given, expected) => {
    let seen: string | null = null;
    const { client, calls } = await startProbe({
      ask(_, { requestHeader }) {
        seen = requestHeader.get("x-request-id");
        return {};
      },
    });
    const { header } = await client.call(ask, [{}], metadataOf(given ? { "x-request-id": given } : {}));
    expect(seen).toMatch(expected);
    expect(header.get("x-request-id")).toEqual([seen]);
    expect(calls[0]?.requestId).toBe(seen);
  });

  test("comes back with an error too", async () => {
    const { client } = await startProbe({});
    const { status } = await client.call(missing, [{}], metadataOf({ "x-request-id": "r1" }));
    expect(status.metadata.get("x-request-id")).toEqual(["r1"]);
  });
});

describe("errors", () => {
  test("carry code, message, details, and the headers, trailers and metadata set before", async () => {
    const { client } = await startProbe({
      ask(_, { responseHeader, responseTrailer }) {
        responseHeader.set("x-header", "h");
        responseTrailer.set("x-trailer", "t");
        const error = invalidFields([{ field: "text", description: "is 50 % too long\nreally" }]);
        error.metadata.set("x-error", "e");
        throw error;
      },
    });
    const { status } = await client.call(ask, [{}]);
    expect([status.code, status.details]).toEqual([3, "text: is 50 % too long\nreally"]);
    const keys = ["x-header", "x-trailer", "x-error"];
    expect(keys.flatMap((key) => status.metadata.get(key))).toEqual(["h", "t", "e"]);
    const { code, message, details } = statusProtoOf(status);
    expect([code, message]).toEqual([3, status.details]);
    expect(anyUnpack(details[0]!, ErrorInfoSchema)).toMatchObject({ reason: "FIELD_INVALID", domain: "parley" });
    expect(anyUnpack(details[1]!, BadRequestSchema)?.fieldViolations[0]?.field).toBe("text");
  });

  test("carry what was set twice, also where HTTP/2 takes one value", async () => {
    const { client } = await startProbe({
      ask(_, { responseHeader, responseTrailer }) {
        responseHeader.set("etag", "1");
        responseTrailer.set("etag", "2");
        throw new ConnectError("no", Code.Aborted, { etag: "3" });
      },
    });
    const { status } = await client.call(ask, [{}]);
    expect([status.code, status.metadata.get("etag")]).toEqual([10, ["1, 2, 3"]]);
  });

  test("without an ErrorInfo get one by their code, beside their own details", async () => {
    const { client } = await startProbe({
      ask() {
        throw new ConnectError("who are you?", Code.Unauthenticated, undefined, [{ desc: ProbeSchema, value: {} }]);
      },
    });
    const { status } = await client.call(ask, [{}]);
    expect([status.code, ...reasonsOf(status)]).toEqual([16, "CREDENTIAL_INVALID"]);
    expect(statusProtoOf(status).details).toHaveLength(2);
  });

  test.each(["unary", "in mid-stream"])(
    "unknown ones (%s) are internal, their cause for the log alone",
    async (kind) => {
      const cause = new Error("password is hunter2");
      const { client, faults } = await startProbe({
        ask() {
          throw cause;
        },
        async *listen() {
          yield { text: "first" };
          throw cause;
        },
      });
      const method = kind === "unary" ? ask : listen;
      const { messages, status } = await client.call(method, [{}], metadataOf({ "x-request-id": "r1" }));
      expect([status.code, status.details, ...reasonsOf(status)]).toEqual([13, "internal error", "INTERNAL"]);
      expect(messages).toHaveLength(kind === "unary" ? 0 : 1);
      expect(
        JSON.stringify(statusProtoOf(status).details.map(({ value }) => Buffer.from(value).toString())),
      ).not.toMatch(/hunter2/);
      expect(faults).toEqual([{ error: cause, method, requestId: "r1" }]);
    },
  );

  test("an answer that cannot be encoded is internal", async () => {
    const { client, faults } = await startProbe({ ask: () => ({ number: 1.5 }) });
    expect((await client.call(ask, [{}])).status).toMatchObject({ code: 13, details: "internal error" });
    expect(faults).toHaveLength(1);
  });

  test("too large for trailers lose what does not fit, and stay readable", async () => {
    const { client } = await startProbe({
      ask() {
        throw rpcError(Code.InvalidArgument, ErrorReason.FIELD_INVALID, `\ud800${"x".repeat(100_000)}`);
      },
    });
    const { status } = await client.call(ask, [{}]);
    expect([status.code, status.details.length, ...reasonsOf(status)]).toEqual([3, 1024, "FIELD_INVALID"]);
  });

  test("a method without an implementation is UNIMPLEMENTED with a reason", async () => {
    const { client } = await startProbe({});
    const { status } = await client.call(missing, [{}]);
    expect([status.code, ...reasonsOf(status)]).toEqual([12, "METHOD_NOT_FOUND"]);
  });

  test.each(["/parley.test.v1.ProbeService/Nothing", "/no.Service/Ask"])(
    "unknown %s is UNIMPLEMENTED",
    async (path) => {
      const { client } = await startProbe({});
      expect((await client.callRaw(path, [])).status.code).toBe(status.UNIMPLEMENTED);
    },
  );
});

describe("requests that cannot be read", () => {
  const broken = Buffer.from([0x0a, 0xff]);

  test.each([ask, listen, collect, talk])("malformed bytes of $name are INVALID_ARGUMENT", async (method) => {
    const read = async (requests: AsyncIterable<unknown>) => {
      for await (const _ of requests);
      return {};
    };
    const { client, faults } = await startProbe({
      ask: () => ({}),
      async *listen() {},
      collect: read,
      async *talk(requests) {
        yield await read(requests);
      },
    });
    const { status } = await client.callRaw(pathOf(method), [broken]);
    expect([status.code, ...reasonsOf(status)]).toEqual([3, "MALFORMED_REQUEST"]);
    expect(faults).toEqual([]);
  });

  test.each([ask, listen, collect])("$name is RESOURCE_EXHAUSTED when a message is too large", async (method) => {
    const handler = vi.fn();
    const { client, calls } = await startProbe(
      {
        ask: handler,
        listen: handler,
        async collect(requests) {
          for await (const _ of requests) handler();
          return {};
        },
      },
      { maxRequestBytes: 1000 },
    );
    const { status } = await client.call(method, [{ payload: new Uint8Array(1000) }]);
    expect([status.code, ...reasonsOf(status)]).toEqual([8, "REQUEST_TOO_LARGE"]);
    expect(handler).not.toHaveBeenCalled();
    expect(calls).toMatchObject([{ method, code: 8 }]);
  });

  test("the largest message that is allowed passes", async () => {
    const { client } = await startProbe({ ask: (request) => request }, { maxRequestBytes: 1003 });
    expect((await client.call(ask, [{ payload: new Uint8Array(1000) }])).status.code).toBe(0);
  });

  test.each([
    ["no message", ask, [], Code.InvalidArgument],
    ["two messages", ask, [{}, {}], Code.InvalidArgument],
    ["no message", listen, [], Code.Unimplemented],
    ["two messages", listen, [{}, {}], Code.Unimplemented],
  ])("%s to %s", async (_, method, requests, code) => {
    const { client } = await startProbe({ ask: () => ({}), async *listen() {} });
    const { status } = await client.call(method, requests);
    expect([status.code, ...reasonsOf(status)]).toEqual([code, "MALFORMED_REQUEST"]);
  });
});

describe("a request that is compressed", () => {
  const text = "a".repeat(500);
  const plain = toBinary(ProbeSchema, create(ProbeSchema, { text }));
  const framed = (bytes: Uint8Array, flag: number) => {
    const head = Buffer.from([flag, 0, 0, 0, 0]);
    head.writeUInt32BE(bytes.length, 1);
    return Buffer.concat([head, bytes]);
  };

  /** Sends bytes in two chunks, and resolves with the headers and trailers that come back. */
  async function exchange(method: DescMethod, bytes: Buffer, encoding: string | undefined, maxRequestBytes?: number) {
    const seen: string[] = [];
    const { port } = await startProbe(
      {
        ask(request) {
          seen.push(request.text);
          return {};
        },
        async collect(requests) {
          for await (const request of requests) seen.push(request.text);
          return {};
        },
      },
      { maxRequestBytes },
    );
    const stream = requestHttp2(port, method, encoding === undefined ? {} : { "grpc-encoding": encoding });
    let fields = {};
    for (const event of ["response", "trailers"]) stream.on(event, (more) => (fields = { ...fields, ...more }));
    stream.write(bytes.subarray(0, 7));
    stream.end(bytes.subarray(7));
    await once(stream.resume(), "close");
    return { fields: fields as Record<string, string>, seen };
  }

  test.each([
    [ask, "gzip", gzipSync],
    [ask, "deflate", deflateSync],
    [collect, "gzip", gzipSync],
    [collect, "deflate", deflateSync],
  ])("is read by $name with %s", async (method, encoding, compress) => {
    const messages = method === collect ? [framed(compress(plain), 1), framed(plain, 0)] : [framed(compress(plain), 1)];
    const { fields, seen } = await exchange(method, Buffer.concat(messages), encoding);
    expect(fields["grpc-status"]).toBe("0");
    expect(seen).toEqual(messages.map(() => text));
  });

  test.each([ask, collect])("is RESOURCE_EXHAUSTED where $name would get more than the limit", async (method) => {
    const { fields, seen } = await exchange(method, framed(gzipSync(plain), 1), "gzip", 400);
    expect([fields["grpc-status"], seen]).toEqual(["8", []]);
  });

  test.each([
    ["in a way that is not known", "br", framed(plain, 1), "12"],
    ["in a way that is not said", undefined, framed(plain, 1), "3"],
    ["but is not", "gzip", framed(plain, 1), "3"],
    ["by a flag that there is not", "gzip", framed(plain, 2), "3"],
    ["and cut off", "gzip", framed(gzipSync(plain), 1).subarray(0, -1), "3"],
  ])("%s is refused", async (_, encoding, bytes, code) => {
    for (const method of [ask, collect]) {
      const { fields, seen } = await exchange(method, bytes, encoding);
      expect([fields["grpc-status"], seen]).toEqual([code, []]);
      expect(fields["grpc-accept-encoding"]).toBe("identity,deflate,gzip");
    }
  });
});

describe("what is no call of gRPC", () => {
  test.each([
    [{ "content-type": "application/json" }, 415],
    [{ "content-type": "application/grpc-web" }, 415],
    [{ "content-type": "application/grpc+json" }, 415],
    [{ ":method": "PUT" }, 405],
    [{ "content-type": "application/grpc+proto" }, 200],
    [{ "content-type": "application/grpc;charset=utf-8" }, 200],
  ])("%j is answered with HTTP status %i", async (headers, expected) => {
    const { port } = await startProbe({ ask: () => ({}) });
    const stream = requestHttp2(port, ask, headers);
    stream.end(Buffer.alloc(5));
    const [answer] = await once(stream, "response");
    expect(answer[":status"]).toBe(expected);
  });
});

describe("the end of a call", () => {
  const never = () => new Promise<never>(() => {});

  test.each(["unary", "streaming"])("a deadline is answered though the %s handler does not listen", async (kind) => {
    const reasons: Promise<ConnectError>[] = [];
    const { client, calls } = await startProbe(
      {
        ask(_, context) {
          reasons.push(abortOf(context));
          return never();
        },
        async *listen(_, context) {
          reasons.push(abortOf(context));
          yield {};
          yield await never();
        },
      },
      { defaultTimeoutMs: 30, streamTimeoutMs: 30 },
    );
    const { status } = await client.call(kind === "unary" ? ask : listen, [{}]);
    expect([status.code, ...reasonsOf(status)]).toEqual([4, "DEADLINE_EXCEEDED"]);
    expect((await reasons[0])?.code).toBe(Code.DeadlineExceeded);
    expect(calls).toMatchObject([{ code: 4 }]);
  });

  test("the caller's deadline reaches the handler, capped", async () => {
    const seen: (number | undefined)[] = [];
    const { client } = await startProbe(
      {
        ask(_, { timeoutMs }) {
          seen.push(timeoutMs());
          return {};
        },
      },
      { maxTimeoutMs: 5000 },
    );
    await client.call(ask, [{}], undefined, 2000);
    await client.call(ask, [{}], undefined, 60_000);
    expect(seen[0]).toSatisfy((ms: number) => ms > 500 && ms <= 2000);
    expect(seen[1]).toSatisfy((ms: number) => ms > 3500 && ms <= 5000);
  });

  test("the caller's deadline aborts the handler and is answered", async () => {
    const reason = Promise.withResolvers<ConnectError>();
    const { port, calls } = await startProbe({
      ask(_, context) {
        abortOf(context).then(reason.resolve);
        return never();
      },
    });
    // Not grpc-js, whose client does not wait for the server's answer to its deadline.
    const stream = requestHttp2(port, ask, { "grpc-timeout": "30m" });
    stream.end(Buffer.alloc(5));
    const [headers] = await once(stream, "response");
    expect([headers["grpc-status"], (await reason.promise).code, calls[0]?.code]).toEqual(["4", 4, 4]);
    const details = Buffer.from(headers["grpc-status-details-bin"], "base64");
    expect(details.toString()).toContain("DEADLINE_EXCEEDED");
  });

  test.each(["0m", "soon"])("a deadline of %s is answered without calling the handler", async (timeout) => {
    const handler = vi.fn();
    const { port } = await startProbe({ ask: handler });
    const stream = requestHttp2(port, ask, { "grpc-timeout": timeout });
    stream.end(Buffer.alloc(5));
    const [headers] = await once(stream, "response");
    expect(headers["grpc-status"]).toBe(timeout === "soon" ? "3" : "4");
    expect(handler).not.toHaveBeenCalled();
  });

  test("a request that never ends is ended by the deadline", async () => {
    const { client } = await startProbe({ ask: () => ({}) }, { defaultTimeoutMs: 30 });
    const call = client.open(pathOf(ask));
    call.write(Buffer.alloc(0));
    expect(reasonsOf((await outcomeOf(call)).status)).toEqual(["DEADLINE_EXCEEDED"]);
  });

  test.each([ask, listen, collect, talk])("a cancellation reaches the handler of $name", async (method) => {
    const started = Promise.withResolvers<void>();
    const reason = Promise.withResolvers<ConnectError>();
    const stick = (context: HandlerContext) => {
      abortOf(context).then(reason.resolve);
      started.resolve();
      return never();
    };
    const { client, calls } = await startProbe({
      ask: (_, context) => stick(context),
      async *listen(_, context) {
        yield await stick(context);
      },
      collect: (_, context) => stick(context),
      async *talk(_, context) {
        yield await stick(context);
      },
    });
    const call = client.open(pathOf(method));
    const outcome = outcomeOf(call);
    call.write(Buffer.alloc(0));
    if (method === ask || method === listen) call.end();
    await started.promise;
    call.cancel();
    expect((await outcome).status.code).toBe(1);
    expect((await reason.promise).findDetails(ErrorInfoSchema)[0]?.reason).toBe("CANCELLED");
    await vi.waitFor(() => expect(calls).toMatchObject([{ method, code: 1 }]));
  });

  test("a cancellation wakes a handler that waits for the next request, and closes its generator", async () => {
    const ended = Promise.withResolvers<unknown>();
    const { client } = await startProbe({
      async *talk(requests) {
        try {
          for await (const _ of requests) yield {};
        } catch (error) {
          ended.resolve(error);
          throw error;
        }
      },
    });
    const call = client.open(pathOf(talk));
    call.on("error", () => {});
    const first = new Promise((resolve) => call.once("data", resolve));
    call.write(Buffer.alloc(0));
    await first;
    call.cancel();
    expect(await ended.promise).toMatchObject({ code: Code.Canceled });
  });

  test("what a handler left running is told of the end of its call", async () => {
    const told = Promise.withResolvers<ConnectError>();
    const { client } = await startProbe({
      ask(_, context) {
        abortOf(context).then(told.resolve);
        return {};
      },
    });
    expect((await client.call(ask, [{}])).status.code).toBe(0);
    expect(await told.promise).toMatchObject({ name: "AbortError" });
  });
});

test("a caller who does not read makes the handler wait, with little buffered", async () => {
  let produced = 0;
  const payload = new Uint8Array(16_384);
  const { port } = await startProbe({
    async *listen() {
      for (; produced < 10_000; produced++) yield { payload };
    },
  });
  // Not grpc-js, whose client reads on and buffers.
  const stream = requestHttp2(port, listen);
  stream.end(Buffer.alloc(5));
  stream.pause();
  await unchanging(() => produced);
  expect(produced).toBeGreaterThan(0);
  expect(produced).toBeLessThan(50);
  stream.resume();
  await vi.waitFor(() => expect(produced).toBe(10_000), { timeout: 10_000 });
});

test("a handler that does not read makes the caller wait", async () => {
  const { client } = await startProbe({ collect: () => new Promise<never>(() => {}) });
  const call = client.open(pathOf(collect));
  call.on("error", () => {});
  let written = 0;
  const bytes = toBinary(ProbeSchema, create(ProbeSchema, { payload: new Uint8Array(16_384) }));
  for (let i = 0; i < 1000; i++) call.write(bytes, () => written++);
  await unchanging(() => written);
  expect(written).toBeGreaterThan(0);
  expect(written).toBeLessThan(100);
  call.cancel();
});

test("a call is reported once, when it is over", async () => {
  const { client, calls } = await startProbe({ ask: (request) => request });
  await client.call(ask, [{ text: "hello" }]);
  expect(calls).toEqual([
    {
      method: ask,
      protocol: "grpc",
      code: 0,
      durationMs: expect.any(Number),
      requestId: expect.any(String),
      traceparent: null,
      peer: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
      contextValues: expect.anything(),
    },
  ]);
});

test("a call that failed is reported with its reason, its fields, and what is known of its caller", async () => {
  const callerKey = createContextKey("nobody");
  const { client, calls } = await startProbe({
    ask(_request, { values }) {
      values.set(callerKey, "ann");
      throw invalidFields([{ field: "text", description: "is too long" }]);
    },
  });
  await client.call(ask, [{}]);
  expect(calls).toMatchObject([{ code: Code.InvalidArgument, reason: "FIELD_INVALID", fields: ["text"] }]);
  expect(calls[0]!.contextValues.get(callerKey)).toBe("ann");
});

describe("stop", () => {
  test("lets a unary call finish and takes no more", async () => {
    const started = Promise.withResolvers<void>();
    const finish = Promise.withResolvers<void>();
    const { client, server } = await startProbe({
      async ask() {
        started.resolve();
        await finish.promise;
        return { text: "done" };
      },
    });
    const answer = client.call(ask, [{}]);
    await started.promise;
    const stopped = server.stop(10_000);
    finish.resolve();
    expect((await answer).messages[0]?.text).toBe("done");
    await stopped;
    expect((await client.call(ask, [{}], undefined, 1000)).status.code).toBe(status.UNAVAILABLE);
  });

  test("ends response streams at once, and says why", async () => {
    const { client, server } = await startProbe({
      async *listen() {
        yield {};
        yield await new Promise<never>(() => {});
      },
    });
    const call = client.open(pathOf(listen));
    const outcome = outcomeOf(call);
    const first = new Promise((resolve) => call.once("data", resolve));
    call.end(Buffer.alloc(0));
    await first;
    await server.stop(10_000);
    const { status } = await outcome;
    expect([status.code, ...reasonsOf(status)]).toEqual([14, "SHUTTING_DOWN"]);
  });

  test("cancels what is left at its deadline", async () => {
    const reason = Promise.withResolvers<ConnectError>();
    const started = Promise.withResolvers<void>();
    const { client, server } = await startProbe({
      ask(_, context) {
        abortOf(context).then(reason.resolve);
        started.resolve();
        return new Promise<never>(() => {});
      },
    });
    const answer = client.call(ask, [{}]);
    await started.promise;
    await server.stop(50);
    expect((await reason.promise).code).toBe(Code.Canceled);
    expect((await answer).status.code).not.toBe(0);
  });
});
