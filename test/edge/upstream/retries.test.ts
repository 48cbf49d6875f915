import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { describe, expect, test } from "vitest";
import { MAX_ATTEMPTS, RetryBudget } from "../../../edge/upstream/retries.ts";
import { ChatService } from "../../../gen/parley/v1/chat_service_pb.ts";
import { failureOf } from "../../failure.ts";
import { startChatServer } from "./chat-server.ts";
import { type Fault, startFaultyServer, WAYS, type Way } from "./faulty-server.ts";
import { awaitStates, openTestUpstream } from "./test-upstream.ts";

const requestId = "0d9a3a3e-9a14-4f0e-8f0e-2f1d9c3b7a10";

type Chats = ReturnType<typeof createClient<typeof ChatService>>;

const CALLS = {
  "a read": (chats: Chats) => chats.getChat({ name: "x" }),
  "a create with a request_id": (chats: Chats) => chats.createChat({ parent: "x", requestId }),
  "a create without": (chats: Chats) => chats.createChat({ parent: "x" }),
  "an edit": (chats: Chats) => chats.updateChat({ chat: { name: "x" } }),
};
type Call = keyof typeof CALLS;

/** A server that fails, and, chosen after it, one that does not. */
async function openPair(fault: Fault, way: Way) {
  const faulty = await startFaultyServer(fault, way);
  const sound = await startChatServer();
  const retries: number[] = [];
  const upstream = openTestUpstream([faulty.address, sound.address], { onRetry: () => retries.push(1) });
  await awaitStates(upstream, "serving", "serving");
  await faulty.ready();
  return { faulty, sound, retries, chats: createClient(ChatService, upstream.transport) };
}

/** Makes calls until one has reached the faulty server; the outcome of that one. */
async function callFaulty(fault: Fault, way: Way, call: Call) {
  const { faulty, retries, chats } = await openPair(fault, way);
  for (;;) {
    const outcome = await CALLS[call](chats).then(
      () => "answered",
      (error: ConnectError) => Code[error.code],
    );
    expect(faulty.relayed).toBe(way === "by a relay" ? faulty.calls : 0);
    if (faulty.calls > 0) return { outcome, retries: retries.length, calls: faulty.calls };
  }
}

const IDEMPOTENT = ["a read", "a create with a request_id"] as const;
const OTHERS = ["a create without", "an edit"] as const;

const UNTOUCHED = [
  ["refuses", "by a relay"],
  ["leaves", "by a relay"],
  ["refuses", "by streams of their own"],
] as const;

describe.each(UNTOUCHED)("where a server %s, called %s, nobody has begun the call", (fault, way) => {
  test.each([...IDEMPOTENT, ...OTHERS])("%s is made again", async (call) => {
    expect(await callFaulty(fault, way, call)).toEqual({ outcome: "answered", retries: 1, calls: 1 });
  });
});

const BREAKS = ["hangs up", "resets", "is UNAVAILABLE"] as const;

describe.each(BREAKS.flatMap((fault) => WAYS.map((way) => [fault, way] as const)))(
  "where a server %s, called %s,",
  (fault, way) => {
    test.each(IDEMPOTENT)("%s is made again with another", async (call) => {
      expect(await callFaulty(fault, way, call)).toEqual({ outcome: "answered", retries: 1, calls: 1 });
    });

    test.each(OTHERS)("%s is not: it may have happened", async (call) => {
      expect(await callFaulty(fault, way, call)).toEqual({ outcome: "Unavailable", retries: 0, calls: 1 });
    });
  },
);

test.each(WAYS)("an answer that is no UNAVAILABLE is final, %s", async (way) => {
  const outcome = { outcome: "ResourceExhausted", retries: 0, calls: 1 };
  expect(await callFaulty("is RESOURCE_EXHAUSTED", way, "a read")).toEqual(outcome);
});

describe("attempts are bounded", () => {
  test.each(WAYS)("in number, %s", async (way) => {
    const faulty = await startFaultyServer("is UNAVAILABLE", way);
    const upstream = openTestUpstream([faulty.address]);
    await awaitStates(upstream, "serving");
    await faulty.ready();
    const chats = createClient(ChatService, upstream.transport);
    expect(await failureOf(chats.getChat({}))).toMatchObject({ code: "Unavailable", reason: "STORE_UNAVAILABLE" });
    expect(faulty.calls).toBe(MAX_ATTEMPTS);
  });

  test("by the deadline, also while a server is waited for", async () => {
    const upstream = openTestUpstream(["127.0.0.1:1"]);
    const chats = createClient(ChatService, upstream.transport);
    expect(await failureOf(chats.getChat({}, { timeoutMs: 50 }))).toMatchObject({ code: "DeadlineExceeded" });
  });

  test("by a budget: a tenth of the calls, after the first hundred", () => {
    const budget = new RetryBudget();
    const spent = () => Array.from({ length: 1_000 }, () => budget.spend()).filter(Boolean).length;
    expect(spent()).toBe(100);
    for (let call = 0; call < 101; call++) budget.earn();
    expect(spent()).toBe(10);
    for (let call = 0; call < 10_000; call++) budget.earn();
    expect(spent()).toBe(100);
  });

  test("by the end of the caller's patience", async () => {
    const faulty = await startFaultyServer("is silent");
    const upstream = openTestUpstream([faulty.address, (await startChatServer()).address]);
    await awaitStates(upstream, "serving", "serving");
    const chats = createClient(ChatService, upstream.transport);
    const signal = AbortSignal.abort(new ConnectError("enough", Code.Unavailable));
    expect(await failureOf(chats.getChat({}, { signal }))).toMatchObject({ code: "Unavailable", message: "enough" });
    expect(faulty.calls).toBe(0);
  });
});

test.each(WAYS)("what is told of a call %s whose outcome is not known, and of one that was not begun", async (way) => {
  const faulty = await startFaultyServer("hangs up", way);
  const upstream = openTestUpstream([faulty.address], { waitMs: 100 });
  await awaitStates(upstream, "serving");
  await faulty.ready();
  const chats = createClient(ChatService, upstream.transport);
  const headers = { "x-request-id": "r-1" };
  const lost = await chats.updateChat({}, { headers }).catch((error: ConnectError) => error);
  expect((lost as ConnectError).metadata.get("x-request-id")).toBe("r-1");
  expect(await failureOf(Promise.reject(lost))).toMatchObject({
    code: "Unavailable",
    reason: "SERVICE_UNAVAILABLE",
    message:
      "the connection to the service broke before its answer; a write may have happened: repeat it with its request_id",
  });
  const away = createClient(ChatService, openTestUpstream(["127.0.0.1:1"], { waitMs: 50 }).transport);
  expect(await failureOf(away.updateChat({}))).toMatchObject({
    code: "Unavailable",
    reason: "SERVICE_UNAVAILABLE",
    message: "no server of the service can be reached; repeat the call later, with back-off",
  });
});
