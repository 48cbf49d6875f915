import { create } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { describe, expect, test } from "vitest";
import type { TranscodeOptions } from "../../../edge/transcode/index.ts";
import { GetMenuRequestSchema } from "./gen/kitchen/v1/kitchen_pb.ts";
import { openKitchen, type ReceivedCall } from "./kitchen-server.ts";

const dishes = "/v1/menus/1/dishes";

async function callWith(headers: Record<string, string>, options: Partial<TranscodeOptions> = {}, target = dishes) {
  const kitchen = await openKitchen(undefined, options);
  const body = { method: "POST", body: "{}", headers: { "content-type": "application/json", ...headers } };
  const response = await fetch(kitchen.url() + target, body);
  const json = (await response.json()) as { error?: { message: string } };
  return { status: response.status, json, call: kitchen.calls[0] as ReceivedCall };
}

test("only headers meant for it reach the call", async () => {
  const { call } = await callWith({
    Authorization: "Bearer a",
    traceparent: "00-1-2-01",
    tracestate: "a=b",
    "X-Request-Id": "r1",
    Cookie: "secret",
    "X-Other": "x",
    "Grpc-Metadata-Tenant": "t",
    "Grpc-Metadata-Authorization": "Bearer b",
    "Grpc-Metadata-Grpc-Timeout": "1S",
    "Grpc-Metadata-Content-Type": "x",
    "Grpc-Metadata-Host": "x",
  });
  expect(Object.fromEntries(call.headers)).toEqual({
    authorization: "Bearer a",
    traceparent: "00-1-2-01",
    tracestate: "a=b",
    "x-request-id": "r1",
    tenant: "t",
  });
});

describe("a header that stands for a field", () => {
  const options = { headerFields: { "Idempotency-Key": "request_id" } };
  test.each([
    ["abc", dishes, "abc"],
    ['"abc"', dishes, "abc"],
    ['"a\\"b\\\\c"', dishes, 'a"b\\c'],
    ['"abc', dishes, '"abc'],
    ["abc", `${dishes}?request_id=def`, "def"],
    ["abc", `${dishes}?request_id=`, "abc"],
    ["abc", "/v1/menus/1/dishes/2:cook", "abc"],
  ])("%s to %s", async (key, target, requestId) => {
    const { call } = await callWith({ "Idempotency-Key": key }, options, target);
    expect(call.message).toMatchObject({ requestId });
  });

  test("leaves methods alone that do not have it", async () => {
    const { status } = await callWith({ "Idempotency-Key": "a" }, options, "/v1/sink");
    expect(status).toBe(200);
  });

  test("is refused where it does not fit", async () => {
    const { status, json } = await callWith(
      { "X-Minutes": "soon" },
      { headerFields: { "X-Minutes": "minutes" } },
      `${dishes}/2:cook`,
    );
    expect([status, json.error?.message]).toEqual([400, 'header "x-minutes": expected a whole number, got "soon"']);
  });
});

describe("the call's deadline", () => {
  test.each<[headers: Record<string, string>, options: Partial<TranscodeOptions>, timeoutMs: number | undefined]>([
    [{}, {}, undefined],
    [{}, { defaultTimeoutMs: 100 }, 100],
    [{}, { maxTimeoutMs: 50 }, 50],
    [{}, { defaultTimeoutMs: 100, maxTimeoutMs: 50 }, 50],
    [{ "Grpc-Timeout": "2S" }, { defaultTimeoutMs: 100 }, 2_000],
    [{ "Grpc-Timeout": "1H" }, { maxTimeoutMs: 60_000 }, 60_000],
    [{ "Grpc-Timeout": "2M" }, {}, 120_000],
    [{ "Grpc-Timeout": "30m" }, {}, 30],
    [{ "Grpc-Timeout": "1500u" }, {}, 2],
    [{ "Grpc-Timeout": "1n" }, {}, 1],
    [{ "Grpc-Timeout": "0S" }, { defaultTimeoutMs: 100 }, 0],
    [{ "Request-Timeout": "3" }, {}, 3_000],
    [{ "Request-Timeout": "0.25" }, {}, 250],
    [{ "Request-Timeout": "3", "Grpc-Timeout": "1S" }, {}, 1_000],
  ])("%o %o", async (headers, options, timeoutMs) => {
    expect((await callWith(headers, options)).call.timeoutMs).toBe(timeoutMs);
  });

  test.each<Record<string, string>>([
    { "Grpc-Timeout": "1" },
    { "Grpc-Timeout": "123456789S" },
    { "Grpc-Timeout": "-1S" },
    { "Request-Timeout": "1S" },
    { "Request-Timeout": "-1" },
    { "Request-Timeout": "soon" },
  ])("%o is refused", async (headers) => {
    const { status, json } = await callWith(headers);
    expect(status).toBe(400);
    expect(json.error?.message).toContain("is not a timeout");
  });
});

test("a caller who leaves cancels the call", async () => {
  const { promise: called, resolve: atCall } = Promise.withResolvers<ReceivedCall>();
  const kitchen = await openKitchen((call) => {
    atCall(call);
    return new Promise((_, reject) => {
      call.signal.addEventListener("abort", () => reject(call.signal.reason));
    });
  });
  const leave = new AbortController();
  const response = fetch(`${kitchen.url()}/v1/menus/1`, { signal: leave.signal });
  const { signal } = await called;
  expect(signal.aborted).toBe(false);
  leave.abort();
  await expect(response).rejects.toThrow();
  await expect.poll(() => signal.aborted).toBe(true);
  expect(signal.reason).toMatchObject({ code: Code.Canceled });
  expect(signal.reason).toBeInstanceOf(ConnectError);
});

test("a call that is answered is not cancelled", async () => {
  const kitchen = await openKitchen(() => ({ message: create(GetMenuRequestSchema) }));
  await (await fetch(`${kitchen.url()}/v1/menus/1`)).json();
  await kitchen.app.close();
  expect(kitchen.calls[0]?.signal.aborted).toBe(false);
});
