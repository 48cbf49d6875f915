import { createClient } from "@connectrpc/connect";
import { describe, expect, test, vi } from "vitest";
import type { Endpoint } from "../../../edge/upstream/endpoint.ts";
import { ChatService } from "../../../gen/parley/v1/chat_service_pb.ts";
import { failureOf } from "../../failure.ts";
import { startChatServer } from "./chat-server.ts";
import { startFaultyServer, WAYS } from "./faulty-server.ts";
import { awaitStates, openTestUpstream } from "./test-upstream.ts";

type Chats = ReturnType<typeof createClient<typeof ChatService>>;

/** Calls one after the other, all of which must be answered. */
async function call(chats: Chats, times: number): Promise<void> {
  for (let each = 0; each < times; each++) await chats.updateChat({});
}

describe("calls go to", () => {
  test("the servers in turn", async () => {
    const servers = await Promise.all([startChatServer(), startChatServer(), startChatServer()]);
    const upstream = openTestUpstream(servers.map(({ address }) => address));
    await awaitStates(upstream, "serving", "serving", "serving");
    await call(createClient(ChatService, upstream.transport), 30);
    expect(servers.map(({ calls }) => calls)).toEqual([10, 10, 10]);
  });

  test("the server that has fewest under way", async () => {
    const release = Promise.withResolvers<object>();
    const slow = await startChatServer({ handle: () => release.promise });
    const quick = await startChatServer();
    const upstream = openTestUpstream([slow.address, quick.address]);
    await awaitStates(upstream, "serving", "serving");
    const chats = createClient(ChatService, upstream.transport);
    const stuck = Array.from({ length: 2 }, () => chats.updateChat({}));
    await vi.waitUntil(() => slow.calls === 1, { timeout: 10_000 });
    await call(chats, 20);
    expect([slow.calls, quick.calls]).toEqual([1, 21]);
    release.resolve({});
    await Promise.all(stuck);
  });

  test("all addresses of a name, as it has them at the time", async () => {
    const [first, second] = await Promise.all([startChatServer(), startChatServer()]);
    const endpoint = ({ port }: { port: number }): Endpoint => ({ host: "api", port, address: "127.0.0.1" });
    let endpoints = [endpoint(first), endpoint(second)];
    const resolve = async (target: string) => {
      expect(target).toBe("api:50051");
      return endpoints;
    };
    const news: string[] = [];
    const onNews = (server: string, what: string) => news.push(`${server} ${what}`);
    const upstream = openTestUpstream(["api:50051"], { resolve, resolveIntervalMs: 10, onNews });
    const chats = createClient(ChatService, upstream.transport);
    await awaitStates(upstream, "serving", "serving");
    endpoints = [endpoint(second)];
    await awaitStates(upstream, "serving");
    expect(news.at(-1)).toBe(`${first.address} gone`);
    await call(chats, 4);
    expect([first.calls, second.calls]).toEqual([0, 4]);
  });

  test("the addresses that a name had, while it has none", async () => {
    const server = await startChatServer();
    let isKnown = true;
    const failures: unknown[] = [];
    const resolve = async () => {
      if (!isKnown) throw new Error("no such name");
      return [{ host: "api", port: server.port, address: "127.0.0.1" }];
    };
    const found = Promise.withResolvers<string>();
    const onNews = (server: string, news: string, error?: unknown) => {
      if (error) failures.push(error);
      if (news === "found") found.resolve(server);
    };
    const upstream = openTestUpstream(["api:1"], { resolve, resolveIntervalMs: 10, onNews });
    await awaitStates(upstream, "serving");
    isKnown = false;
    await vi.waitUntil(() => failures.length > 1, { timeout: 10_000 });
    await call(createClient(ChatService, upstream.transport), 1);
    isKnown = true;
    expect(await found.promise).toBe("api:1");
  });
});

describe("a server that", () => {
  test("is down is left out, and comes back", async () => {
    const stays = await startChatServer();
    const goes = await startChatServer();
    const upstream = openTestUpstream([stays.address, goes.address]);
    await awaitStates(upstream, "serving", "serving");
    const chats = createClient(ChatService, upstream.transport);
    await goes.stop();
    await call(chats, 10);
    expect(stays.calls).toBe(10);
    await awaitStates(upstream, "serving", "away");
    const back = await startChatServer({ port: goes.port });
    await awaitStates(upstream, "serving", "serving");
    await call(chats, 10);
    expect(back.calls).toBe(5);
  });

  test("comes late is waited for", async () => {
    const port = await startChatServer().then(async (server) => {
      await server.stop();
      return server.port;
    });
    const upstream = openTestUpstream([`127.0.0.1:${port}`], { waitMs: 10_000 });
    await awaitStates(upstream, "away");
    expect(upstream.isServing()).toBe(false);
    const answered = createClient(ChatService, upstream.transport).updateChat({});
    const server = await startChatServer({ port });
    await answered;
    expect(server.calls).toBe(1);
    expect(upstream.isServing()).toBe(true);
  });

  test("says that it takes no calls gets none, unless there is no other", async () => {
    const [first, second] = await Promise.all([startChatServer(), startChatServer()]);
    const upstream = openTestUpstream([first.address, second.address]);
    const chats = createClient(ChatService, upstream.transport);
    first.health.set(false);
    await awaitStates(upstream, "refusing", "serving");
    await call(chats, 4);
    expect([first.calls, second.calls]).toEqual([0, 4]);
    second.health.set(false);
    await awaitStates(upstream, "refusing", "refusing");
    expect(upstream.isServing()).toBe(false);
    await call(chats, 2);
    expect([first.calls, second.calls]).toEqual([1, 5]);
  });

  test("takes connections and never answers gets no calls", async () => {
    const hung = await startFaultyServer("is silent");
    hung.serving = undefined;
    const sound = await startChatServer();
    const upstream = openTestUpstream([hung.address, sound.address]);
    await awaitStates(upstream, "away", "serving");
    await call(createClient(ChatService, upstream.transport), 10);
    expect(sound.calls).toBe(10);
    expect(hung.calls).toBe(0);
  });

  test.each(WAYS)(
    "stops answering is asked last, and then its calls %s end; one that can be is made again",
    async (way) => {
      const hung = await startFaultyServer("is silent", way);
      const times = { silentAfterMs: 100, deadAfterMs: 1_500 };
      const upstream = openTestUpstream([hung.address], times);
      await awaitStates(upstream, "serving");
      await hung.ready();
      const chats = createClient(ChatService, upstream.transport);
      const [edit, read] = [failureOf(chats.updateChat({})), chats.getChat({})];
      await vi.waitUntil(() => hung.calls === 2, { timeout: 10_000 });
      hung.serving = undefined;
      await awaitStates(upstream, "silent");
      hung.serving = true;
      expect(await edit).toMatchObject({ code: "Unavailable", reason: "SERVICE_UNAVAILABLE" });
      await vi.waitUntil(() => hung.calls === 3, { timeout: 10_000 });
      upstream.close();
      expect(await failureOf(read)).toMatchObject({ code: "Unavailable" });
    },
  );
});

test.each(WAYS)(
  "a session whose numbers of calls %s run out is followed by another, and finishes its calls",
  async (way) => {
    const faulty = await startFaultyServer("is RESOURCE_EXHAUSTED", way);
    const upstream = openTestUpstream([faulty.address], { maxCallsOfSession: 3 });
    await awaitStates(upstream, "serving");
    const chats = createClient(ChatService, upstream.transport);
    for (let each = 0; each < 7; each++) {
      expect(await failureOf(chats.updateChat({}))).toMatchObject({ code: "ResourceExhausted" });
    }
    expect(faulty.calls).toBe(7);
    expect(faulty.sessions).toBeGreaterThan(2);
  },
);
