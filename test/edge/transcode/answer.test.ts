import { create, createRegistry, toBinary } from "@bufbuild/protobuf";
import { anyPack, DurationSchema, EmptySchema } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError } from "@connectrpc/connect";
import { describe, expect, test } from "vitest";
import type { RefusalKind, TranscodeOptions } from "../../../edge/transcode/index.ts";
import { BadRequestSchema, ErrorInfoSchema } from "../../../gen/google/rpc/error_details_pb.ts";
import { DishSchema, SinkSchema, TagsSchema } from "./gen/kitchen/v1/kitchen_pb.ts";
import { type Answer, openKitchen } from "./kitchen-server.ts";

async function answerOf(
  answer: () => Answer,
  path = "/v1/dishes/1",
  method = "GET",
  options: Partial<TranscodeOptions> = {},
) {
  const kitchen = await openKitchen(answer, options);
  const response = await fetch(kitchen.url() + path, { method, headers: { "x-request-id": "r1" } });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, json: JSON.parse(text || "null") };
}

describe("an answer", () => {
  test("is canonical JSON", async () => {
    const message = create(DishSchema, { name: "a", displayName: "é", price: 5n, labels: { a: "b" } });
    const { status, headers, json } = await answerOf(() => ({ message }));
    expect([status, json]).toEqual([200, { name: "a", displayName: "é", price: "5", labels: { a: "b" } }]);
    expect(headers.get("content-type")).toBe("application/json; charset=utf-8");
  });

  test("without anything in it is {}", async () => {
    const { status, text } = await answerOf(() => ({ message: create(EmptySchema) }), "/v1/menus/1/dishes/2", "DELETE");
    expect([status, text]).toEqual([200, "{}"]);
  });

  test.each([
    [
      ["b", "a"],
      ["b", "a"],
    ],
    [[], []],
  ])("of a response_body is that field: %o", async (tags, expected) => {
    const { json } = await answerOf(() => ({ message: create(TagsSchema, { tags }) }), "/v1/tags:sort", "POST");
    expect(json).toEqual(expected);
  });

  test("shows an Any of the services' own files", async () => {
    const any = anyPack(DishSchema, create(DishSchema, { name: "a" }));
    const { json } = await answerOf(() => ({ message: create(SinkSchema, { any }) }), "/v1/sink");
    expect(json).toEqual({ any: { "@type": "type.googleapis.com/kitchen.v1.Dish", name: "a" } });
  });

  test("carries the call's headers and trailers, by name or prefixed, less those of a protocol", async () => {
    const answer = () => ({
      message: create(DishSchema),
      header: new Headers([
        ["etag", '"1"'],
        ["set-cookie", "a=1"],
        ["set-cookie", "b=2"],
        ["x-kitchen", "small"],
        ["content-type", "application/grpc"],
        ["content-length", "7"],
        ["grpc-status", "0"],
        ["connection", "close"],
        ["transfer-encoding", "x"],
        ["trailer-x", "y"],
      ]),
      trailer: new Headers({ traceparent: "00-1-2-01", "grpc-message": "x", "x-cook": "ada" }),
    });
    const { headers } = await answerOf(answer, undefined, undefined, { returnedHeaders: ["Set-Cookie"] });
    expect(headers.get("etag")).toBe('"1"');
    expect(headers.getSetCookie()).toEqual(["a=1", "b=2"]);
    expect(headers.get("traceparent")).toBe("00-1-2-01");
    expect(headers.get("grpc-metadata-x-kitchen")).toBe("small");
    expect(headers.get("grpc-metadata-x-cook")).toBe("ada");
    expect(headers.get("content-type")).toBe("application/json; charset=utf-8");
    expect(headers.get("content-length")).toBe("2");
    const dropped = ["grpc-status", "grpc-message", "trailer-x", "x-kitchen"].filter((name) => headers.has(name));
    expect(dropped).toEqual([]);
  });

  test("carries the request's id, or the one that the call gives", async () => {
    expect((await answerOf(() => ({ message: create(DishSchema) }))).headers.get("x-request-id")).toBe("r1");
    const header = new Headers({ "x-request-id": "r2" });
    expect((await answerOf(() => ({ message: create(DishSchema), header }))).headers.get("x-request-id")).toBe("r2");
  });

  test("to HEAD has no body", async () => {
    const { status, text, headers } = await answerOf(() => ({ message: create(DishSchema) }), "/v1/dishes/1", "HEAD");
    expect([status, text, headers.get("content-length")]).toEqual([200, "", "2"]);
  });
});

function fail(error: unknown): () => never {
  return () => {
    throw error;
  };
}

describe("an error of the call", () => {
  test.each([
    [Code.Canceled, 499, "CANCELLED"],
    [Code.Unknown, 500, "UNKNOWN"],
    [Code.InvalidArgument, 400, "INVALID_ARGUMENT"],
    [Code.DeadlineExceeded, 504, "DEADLINE_EXCEEDED"],
    [Code.NotFound, 404, "NOT_FOUND"],
    [Code.AlreadyExists, 409, "ALREADY_EXISTS"],
    [Code.PermissionDenied, 403, "PERMISSION_DENIED"],
    [Code.ResourceExhausted, 429, "RESOURCE_EXHAUSTED"],
    [Code.FailedPrecondition, 400, "FAILED_PRECONDITION"],
    [Code.Aborted, 409, "ABORTED"],
    [Code.OutOfRange, 400, "OUT_OF_RANGE"],
    [Code.Unimplemented, 501, "UNIMPLEMENTED"],
    [Code.Internal, 500, "INTERNAL"],
    [Code.Unavailable, 503, "UNAVAILABLE"],
    [Code.DataLoss, 500, "DATA_LOSS"],
    [Code.Unauthenticated, 401, "UNAUTHENTICATED"],
  ])("with code %d has HTTP status %d and says %s", async (code, status, name) => {
    const answer = await answerOf(fail(new ConnectError("do it otherwise", code)));
    expect(answer.status).toBe(status);
    expect(answer.json).toEqual({ error: { code: status, status: name, message: "do it otherwise", details: [] } });
    expect(answer.headers.get("content-type")).toBe("application/json; charset=utf-8");
    expect(answer.headers.get("www-authenticate")).toBe(status === 401 ? "Bearer" : null);
    expect(answer.headers.get("x-request-id")).toBe("r1");
  });

  test("keeps a challenge of its own, and other metadata", async () => {
    const metadata = { "www-authenticate": 'Bearer realm="a"', "retry-after": "3", "grpc-status": "16" };
    const { headers } = await answerOf(fail(new ConnectError("no", Code.Unauthenticated, metadata)));
    expect([headers.get("www-authenticate"), headers.get("retry-after")]).toEqual(['Bearer realm="a"', "3"]);
    expect(headers.has("grpc-status")).toBe(false);
  });

  const info = create(ErrorInfoSchema, { reason: "R", domain: "d", metadata: { a: "b" } });
  const violation = { fieldViolations: [{ field: "f", description: "bad" }] };

  test("shows details made here", async () => {
    const error = new ConnectError("no", Code.NotFound, undefined, [
      { desc: ErrorInfoSchema, value: info },
      { desc: BadRequestSchema, value: violation },
      { desc: DurationSchema, value: { seconds: 1n } },
    ]);
    const { json } = await answerOf(fail(error));
    expect(json.error.details).toEqual([
      { "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason: "R", domain: "d", metadata: { a: "b" } },
      { "@type": "type.googleapis.com/google.rpc.BadRequest", ...violation },
      { "@type": "type.googleapis.com/google.protobuf.Duration", value: "1s" },
    ]);
  });

  test("shows details that came over the wire, known or not", async () => {
    const error = new ConnectError("no", Code.NotFound);
    const dish = toBinary(DishSchema, create(DishSchema, { name: "a" }));
    error.details.push(
      { type: ErrorInfoSchema.typeName, value: toBinary(ErrorInfoSchema, info) },
      { type: DishSchema.typeName, value: dish },
      { type: DurationSchema.typeName, value: toBinary(DurationSchema, create(DurationSchema, { seconds: 1n })) },
      { type: "who.Knows", value: new Uint8Array([1, 2]) },
      { type: ErrorInfoSchema.typeName, value: new Uint8Array([255]) },
    );
    const { json } = await answerOf(fail(error), undefined, undefined, { registry: createRegistry(DurationSchema) });
    expect(json.error.details).toEqual([
      { "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason: "R", domain: "d", metadata: { a: "b" } },
      { "@type": "type.googleapis.com/kitchen.v1.Dish", name: "a" },
      { "@type": "type.googleapis.com/google.protobuf.Duration", value: "1s" },
      { "@type": "type.googleapis.com/who.Knows", value: "AQI=" },
      { "@type": "type.googleapis.com/google.rpc.ErrorInfo", value: "/w==" },
    ]);
  });
});

describe("an unexpected error", () => {
  const secret = new Error("password 123");
  const unreadable = () => ({
    message: create(SinkSchema, { any: { typeUrl: "x/who.Knows", value: new Uint8Array([1]) } }),
  });
  test.each<[name: string, answer: () => Answer, path: string]>([
    ["thrown", fail(secret), "/v1/dishes/1"],
    ["thrown, not even an Error", fail("password 123"), "/v1/dishes/1"],
    ["wrapped by Connect", fail(ConnectError.from(secret)), "/v1/dishes/1"],
    ["in rendering", unreadable, "/v1/sink"],
  ])("%s is internal, and told to the host alone", async (_name, answer, path) => {
    const errors: unknown[] = [];
    const { status, json } = await answerOf(answer, path, "GET", { onError: (error) => errors.push(error) });
    const details = [{ "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason: "INTERNAL", domain: "transcode" }];
    expect([status, json]).toEqual([
      500,
      { error: { code: 500, status: "INTERNAL", message: "internal error", details } },
    ]);
    expect(errors).toHaveLength(1);
  });

  test("keeps its cause for the host", async () => {
    const errors: unknown[] = [];
    const error = new ConnectError("the store is broken", Code.Internal, undefined, undefined, secret);
    const { json } = await answerOf(fail(error), undefined, "GET", { onError: (seen) => errors.push(seen) });
    expect(json.error.message).toBe("the store is broken");
    expect(errors).toEqual([error]);
    expect((errors[0] as Error).cause).toBe(secret);
  });

  test("is not what the caller is told to expect", async () => {
    const errors: unknown[] = [];
    const onError = (error: unknown) => errors.push(error);
    await answerOf(fail(new ConnectError("later", Code.Unavailable)), undefined, "GET", { onError });
    await answerOf(fail(new ConnectError("no", Code.NotFound)), "/v1/nothing", "GET", { onError });
    expect(errors).toEqual([]);
  });
});

describe("what the library refuses carries an ErrorInfo of the host's choosing", () => {
  const errorInfo = (kind: RefusalKind) => ({ reason: `MY_${kind}`, domain: "mine" });
  test.each([
    ["GET", "/v1/nothing", 404, "NOT_FOUND", "noSuchPath"],
    ["GET", "/v1/sink?x=1", 400, "INVALID_ARGUMENT", "malformedRequest"],
    ["PUT", "/v1/sink", 405, "UNIMPLEMENTED", "methodNotAllowed"],
    ["GET", "/v1/dishes/1", 500, "INTERNAL", "internal"],
  ])("%s %s", async (method, path, status, name, kind) => {
    const { json } = await answerOf(fail(new Error("x")), path, method, { errorInfo });
    expect(json.error).toMatchObject({ code: status, status: name });
    expect(json.error.details).toEqual([
      { "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason: `MY_${kind}`, domain: "mine" },
    ]);
  });
});
