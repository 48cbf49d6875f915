import { spawn } from "node:child_process";
import { connect } from "node:http2";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { createClient, type HandlerContext } from "@connectrpc/connect";
import { expect, onTestFinished, test, vi } from "vitest";
import { Relay } from "../../../edge/upstream/relay.ts";
import type { UpstreamOptions } from "../../../edge/upstream/upstream.ts";
import { ChatService } from "../../../gen/parley/v1/chat_service_pb.ts";
import { LAST_ID, MAX_CALL_BYTES, MAX_CALLS } from "../../../services/rpc/relay/relay-frame.ts";
import { failureOf } from "../../failure.ts";
import { ProbeService } from "../../services/rpc/gen/parley/test/v1/probe_service_pb.ts";
import { pathOf } from "../../services/rpc/probe-client.ts";
import { startProbe } from "../../services/rpc/probe-server.ts";
import { startChatServer } from "./chat-server.ts";
import { startFaultyServer } from "./faulty-server.ts";
import { awaitStates, openTestUpstream } from "./test-upstream.ts";

async function openSilent(options: Partial<UpstreamOptions> = {}) {
  const server = await startFaultyServer("is silent", "by a relay");
  const upstream = openTestUpstream([server.address], options);
  await awaitStates(upstream, "serving");
  return { server, upstream, chats: createClient(ChatService, upstream.transport) };
}

test("calls beyond those of a relay, and larger ones, take streams of their own", async () => {
  const { server, upstream, chats } = await openSilent();
  const large = failureOf(chats.createChat({ parent: "x".repeat(MAX_CALL_BYTES) }));
  await vi.waitUntil(() => server.calls === 1, { timeout: 10_000 });
  expect(server.relayed).toBe(0);
  const calls = Array.from({ length: MAX_CALLS + 1 }, () => failureOf(chats.updateChat({})));
  await vi.waitUntil(() => server.calls === MAX_CALLS + 2, { timeout: 10_000 });
  expect(server.relayed).toBe(MAX_CALLS);
  server.release();
  for (const failure of await Promise.all([large, ...calls])) expect(failure).toMatchObject({ code: "Unavailable" });
  upstream.close();
});

test("a relay that breaks is followed by another on the same session", async () => {
  const server = await startFaultyServer("resets", "by a relay");
  const upstream = openTestUpstream([server.address]);
  await awaitStates(upstream, "serving");
  const chats = createClient(ChatService, upstream.transport);
  for (let times = 1; times <= 3; times++) {
    await server.ready();
    expect(await failureOf(chats.updateChat({}))).toMatchObject({ code: "Unavailable" });
    expect(server.relayed).toBe(times);
  }
  expect(server.sessions).toBe(1);
});

test("a call that was given up counts until the server has answered it", async () => {
  const { server, chats } = await openSilent({ maxCalls: 1 });
  const leaver = new AbortController();
  const left = failureOf(chats.updateChat({}, { signal: leaver.signal }));
  await vi.waitUntil(() => server.relayed === 1, { timeout: 10_000 });
  leaver.abort();
  expect(await left).toMatchObject({ code: "Canceled" });
  expect(await failureOf(chats.updateChat({}))).toMatchObject({ code: "ResourceExhausted" });
  expect(server.relayed).toBe(1);
  server.release();
  const next = async () => (await failureOf(chats.updateChat({}, { timeoutMs: 50 }))).code;
  await vi.waitUntil(async () => (await next()) === "DeadlineExceeded", { timeout: 10_000 });
});

test("a call that was not sent when its connection broke is known not to have begun; one that was sent is not", async () => {
  const server = await startFaultyServer("is silent", "by a relay");
  const session = connect(`http://${server.address}`);
  onTestFinished(() => session.destroy());
  const relay = new Relay(session, { maxBytes: 1_000, onGivenUp: () => {} });
  const call = () => relay.call({ path: "/a.B/C", metadata: {}, message: new Uint8Array() }, 10_000);
  const sent = await vi.waitUntil(call, { timeout: 10_000 });
  await vi.waitUntil(() => server.relayed > 0, { timeout: 10_000 });
  const unsent = call();
  session.destroy();
  const ends = [sent, unsent].map((exchange) => exchange?.answer.catch((error: unknown) => error));
  expect(await Promise.all(ends)).toMatchObject([{ isUntouched: false }, { isUntouched: true }]);
  expect(call()).toBeUndefined();
});

test("after the last id comes the first that no call has", async () => {
  const { port } = await startProbe({ ask: async ({ text }) => ({ text }) });
  const session = connect(`http://127.0.0.1:${port}`);
  onTestFinished(() => session.destroy());
  const relay = new Relay(session, { maxBytes: 1_000, onGivenUp: () => {}, lastId: LAST_ID - 1 });
  const path = pathOf(ProbeService.method.ask);
  const call = () => relay.call({ path, metadata: {}, message: new Uint8Array() }, 10_000);
  const first = await vi.waitUntil(call, { timeout: 10_000 });
  const answers = [first, call(), call()].map((exchange) => exchange!.answer);
  expect(await Promise.all(answers)).toHaveLength(3);
});

test("a thousand calls are each answered with their own, whatever the order", async () => {
  const { port } = await startProbe({
    async ask({ number }) {
      await new Promise((resolve) => setTimeout(resolve, (number * 7_919) % 50));
      return { number };
    },
  });
  const upstream = openTestUpstream([`127.0.0.1:${port}`]);
  await awaitStates(upstream, "serving");
  const probe = createClient(ProbeService, upstream.transport);
  const numbers = Array.from({ length: 1_000 }, (_, index) => index);
  const answers = await Promise.all(numbers.map((number) => probe.ask({ number })));
  expect(answers.map(({ number }) => number)).toEqual(numbers);
});

test("a server that stops finishes what it has begun, and takes no more", async () => {
  const [begun, release] = [Promise.withResolvers<void>(), Promise.withResolvers<object>()];
  let aborted = false;
  const stopping = await startProbe({
    ask(_, { signal }: HandlerContext) {
      signal.addEventListener("abort", () => {
        aborted = true;
      });
      begun.resolve();
      return release.promise;
    },
  });
  const upstream = openTestUpstream([`127.0.0.1:${stopping.port}`]);
  await awaitStates(upstream, "serving");
  const probe = createClient(ProbeService, upstream.transport);
  const call = probe.ask({});
  await begun.promise;
  const stopped = stopping.server.stop(10_000);
  await awaitStates(upstream, "away");
  expect(aborted).toBe(false);
  release.resolve({ text: "late" });
  expect((await call).text).toBe("late");
  await stopped;
});

test("kill -9 of a server: its calls fail at once, and those that can be are made again elsewhere", async () => {
  const child = spawn(process.execPath, [fileURLToPath(new URL("hanging-api.ts", import.meta.url))]);
  onTestFinished(() => void child.kill("SIGKILL"));
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const killed = `127.0.0.1:${(await lines.next()).value}`;
  const upstream = openTestUpstream([killed]);
  await awaitStates(upstream, "serving");
  const other = await startChatServer();
  const both = openTestUpstream([killed, other.address]);
  await awaitStates(both, "serving", "serving");
  const [alone, balanced] = [upstream, both].map(({ transport }) => createClient(ChatService, transport));
  const edits = Array.from({ length: 20 }, () => failureOf(alone!.updateChat({})));
  const reads = Array.from({ length: 20 }, () => balanced!.getChat({}));
  for (let begun = 0; begun < 30; begun++) await lines.next();
  child.kill("SIGKILL");
  for (const failure of await Promise.all(edits)) {
    expect(failure).toMatchObject({ code: "Unavailable", reason: "SERVICE_UNAVAILABLE" });
  }
  await Promise.all(reads);
});
