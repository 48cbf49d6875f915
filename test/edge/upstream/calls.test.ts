import type { DescMethodStreaming } from "@bufbuild/protobuf";
import { Code, ConnectError, createClient, type HandlerContext } from "@connectrpc/connect";
import { describe, expect, test, vi } from "vitest";
import type { UpstreamOptions } from "../../../edge/upstream/upstream.ts";
import { ChatService } from "../../../gen/parley/v1/chat_service_pb.ts";
import { createCertificate } from "../../certificate.ts";
import { failureOf } from "../../failure.ts";
import { type ProbeSchema, ProbeService } from "../../services/rpc/gen/parley/test/v1/probe_service_pb.ts";
import { startProbe } from "../../services/rpc/probe-server.ts";
import { readAll } from "../../services/rpc/read-all.ts";
import { startChatServer } from "./chat-server.ts";
import { startFaultyServer, WAYS } from "./faulty-server.ts";
import { awaitStates, openTestUpstream } from "./test-upstream.ts";

type Methods = Parameters<typeof startProbe>[0];

async function openProbe(methods: Methods, options: Partial<UpstreamOptions> = {}, maxRequestBytes?: number) {
  const { port, calls } = await startProbe(methods, { maxRequestBytes });
  const { transport } = openTestUpstream([`127.0.0.1:${port}`], options);
  return { transport, probe: createClient(ProbeService, transport), calls };
}

const LISTEN: DescMethodStreaming<typeof ProbeSchema, typeof ProbeSchema> = ProbeService.method.listen;

async function* oneRequest() {
  yield {};
}

/** Resolves with the reason for which the handler's signal aborts. */
function aborted({ signal }: HandlerContext): Promise<unknown> {
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(signal.reason)));
}

describe("a deadline", () => {
  test("reaches the server, and is the edge's own default where the caller has none", async () => {
    const seen: number[] = [];
    const ask = (_: object, { timeoutMs }: HandlerContext) => {
      seen.push(timeoutMs()!);
      return {};
    };
    const { probe } = await openProbe({ ask }, { defaultTimeoutMs: 7_000 });
    await probe.ask({}, { timeoutMs: 3_000 });
    await probe.ask({});
    expect(seen[0]).toBeGreaterThan(1_000);
    expect(seen[0]).toBeLessThanOrEqual(3_000);
    expect(seen[1]).toBeGreaterThan(3_000);
    expect(seen[1]).toBeLessThanOrEqual(7_000);
  });

  test("ends a call that the server does not, unary and in mid-stream", async () => {
    const never = () => new Promise<never>(() => {});
    const { probe } = await openProbe({
      ask: never,
      async *listen() {
        yield {};
        await never();
      },
    });
    const calls = [probe.ask({}, { timeoutMs: 100 }), readAll(probe.listen({}, { timeoutMs: 100 }))];
    for (const call of calls) {
      expect(await failureOf(call)).toMatchObject({ code: "DeadlineExceeded", reason: "DEADLINE_EXCEEDED" });
    }
  });

  test("of zero ends it before it begins", async () => {
    const ask = vi.fn(() => ({}));
    const { probe } = await openProbe({ ask });
    expect(await failureOf(probe.ask({}, { timeoutMs: 0 }))).toMatchObject({ code: "DeadlineExceeded" });
    expect(ask).not.toHaveBeenCalled();
  });
});

describe("a caller who goes", () => {
  test("ends the call at the server", async () => {
    const [begun, ended] = [Promise.withResolvers<void>(), Promise.withResolvers<unknown>()];
    const { probe } = await openProbe({
      async ask(_, context) {
        begun.resolve();
        ended.resolve(await aborted(context));
        return {};
      },
    });
    const caller = new AbortController();
    const call = failureOf(probe.ask({}, { signal: caller.signal }));
    await begun.promise;
    caller.abort();
    expect(await call).toMatchObject({ code: "Canceled", reason: "CANCELLED" });
    expect(await ended.promise).toMatchObject({ code: Code.Canceled });
  });

  test("of a stream ends it, by its signal and by leaving its loop", async () => {
    const ends: unknown[] = [];
    const { probe, transport } = await openProbe({
      async *listen(_, context) {
        void aborted(context).then((reason) => ends.push(reason));
        for (;;) {
          yield {};
          await new Promise((resolve) => setTimeout(resolve, 1));
        }
      },
    });
    // A client of connect does not pass on that its loop is left.
    const { message } = await transport.stream(LISTEN, undefined, undefined, undefined, oneRequest());
    for await (const _ of message) break;
    const caller = new AbortController();
    const reading = failureOf(readAll(probe.listen({}, { signal: caller.signal })));
    await vi.waitUntil(() => ends.length === 1, { timeout: 10_000 });
    caller.abort(new ConnectError("enough", Code.Aborted));
    expect(await reading).toMatchObject({ code: "Aborted", message: "enough" });
    await vi.waitUntil(() => ends.length === 2, { timeout: 10_000 });
  });

  test("of a stream of requests, which fails, cancels the call", async () => {
    const ended = Promise.withResolvers<unknown>();
    const { probe } = await openProbe({
      async collect(requests, context) {
        void aborted(context).then(ended.resolve);
        await readAll(requests);
        return {};
      },
    });
    async function* requests() {
      yield {};
      throw new Error("broken");
    }
    expect(await failureOf(probe.collect(requests()))).toMatchObject({ code: "Canceled" });
    expect(await ended.promise).toMatchObject({ code: Code.Canceled });
  });
});

test("a stream of requests is closed where the call is over before its end", async () => {
  const closed = Promise.withResolvers<void>();
  const { probe } = await openProbe({ collect: async () => ({ text: "enough" }) });
  async function* requests() {
    try {
      for (;;) {
        yield {};
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    } finally {
      closed.resolve();
    }
  }
  expect(await probe.collect(requests())).toMatchObject({ text: "enough" });
  await closed.promise;
});

describe("metadata", () => {
  test("goes both ways, binary too", async () => {
    const sent = Buffer.from([0, 255, 10]).toString("base64");
    const { probe } = await openProbe({
      ask(_, { requestHeader, responseHeader, responseTrailer }) {
        expect(requestHeader.get("x-text")).toBe("a, b");
        expect(requestHeader.get("x-data-bin")).toBe(sent);
        responseHeader.append("x-many", "1");
        responseHeader.append("x-many", "2");
        responseHeader.set("y-data-bin", sent);
        responseTrailer.set("z-data-bin", sent);
        return {};
      },
    });
    let [header, trailer] = [new Headers(), new Headers()];
    await probe.ask(
      {},
      {
        headers: {
          "x-text": "a, b",
          "x-data-bin": sent,
          "x-request-id": "r-1",
          "grpc-status": "7",
          connection: "close",
        },
        onHeader: (received) => (header = received),
        onTrailer: (received) => (trailer = received),
      },
    );
    const bare = (text: string | null) => text?.replace(/=+$/, "");
    expect(Object.fromEntries(header)).toEqual({
      "x-many": "1, 2",
      "x-request-id": "r-1",
      "y-data-bin": expect.stringContaining(bare(sent)!),
    });
    expect(bare(trailer.get("z-data-bin"))).toBe(bare(sent));
    expect([...trailer.keys()]).toEqual(["z-data-bin"]);
  });

  test("names a call that has no id of its caller's", async () => {
    const { probe, calls } = await openProbe({ ask: () => ({}) });
    let header = new Headers();
    await probe.ask({}, { onHeader: (received) => (header = received) });
    expect(header.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
    await vi.waitUntil(() => calls.length === 1, { timeout: 10_000 });
    expect(calls[0]!.requestId).toBe(header.get("x-request-id"));
  });
});

describe("messages", () => {
  const MiB = 1_048_576;

  test("of megabytes go both ways, unary and in streams", async () => {
    const { probe } = await openProbe(
      {
        ask: ({ payload }) => ({ payload, number: payload.length }),
        async *talk(requests) {
          for await (const { payload } of requests) yield { payload };
        },
      },
      {},
      4 * MiB,
    );
    const payload = new Uint8Array(3 * MiB).map((_, index) => index % 251);
    const answer = await probe.ask({ payload });
    expect(Buffer.compare(answer.payload, payload)).toBe(0);
    async function* requests() {
      for (let each = 0; each < 5; each++) yield { payload };
    }
    const answers = await readAll(probe.talk(requests()));
    expect(answers.map((each) => Buffer.compare(each.payload, payload))).toEqual([0, 0, 0, 0, 0]);
  });

  test("that the server finds too large are refused by it", async () => {
    const { probe } = await openProbe({ ask: () => ({}) }, {}, 1_000);
    const call = probe.ask({ payload: new Uint8Array(2_000) });
    expect(await failureOf(call)).toMatchObject({ code: "ResourceExhausted", reason: "REQUEST_TOO_LARGE" });
  });

  test("larger than the edge takes are a fault", async () => {
    const payload = new Uint8Array(2_000);
    const { probe } = await openProbe(
      {
        ask: () => ({ payload }),
        async *listen() {
          yield { payload };
        },
      },
      { maxAnswerBytes: 1_000 },
    );
    for (const call of [() => probe.ask({}), () => readAll(probe.listen({}))]) {
      await expect(call()).rejects.toThrow("an answer has 2003 bytes; 1000 are taken");
    }
  });
});

test("calls under way are bounded", async () => {
  const release = Promise.withResolvers<object>();
  const { probe, calls } = await openProbe({ ask: () => release.promise }, { maxCalls: 2 });
  const two = [probe.ask({}), probe.ask({})];
  const expected = { code: "ResourceExhausted", reason: "TOO_MANY_PENDING" };
  expect(await failureOf(probe.ask({}))).toMatchObject(expected);
  expect(await failureOf(readAll(probe.listen({})))).toMatchObject(expected);
  release.resolve({});
  await Promise.all(two);
  await probe.ask({});
  await vi.waitUntil(() => calls.filter(({ method }) => method.name === "Ask").length === 3, { timeout: 10_000 });
});

describe("with TLS", () => {
  const tls = createCertificate();

  test("a server whose certificate is of the authority is reached, by address and by name", async () => {
    const { port } = await startChatServer({ tls });
    for (const host of ["127.0.0.1", "localhost"]) {
      const resolve = async () => [{ host, port, address: "127.0.0.1" }];
      const upstream = openTestUpstream([`${host}:${port}`], { ca: tls.cert, resolve });
      await awaitStates(upstream, "serving");
      await createClient(ChatService, upstream.transport).updateChat({});
    }
  });

  test.each([
    ["another authority", createCertificate().cert, "localhost"],
    ["another name", tls.cert, "api.example"],
  ])("one of %s is not", async (_, ca, host) => {
    const { port } = await startChatServer({ tls });
    const failed = Promise.withResolvers<unknown>();
    const upstream = openTestUpstream([`${host}:${port}`], {
      ca,
      resolve: async () => [{ host, port, address: "127.0.0.1" }],
      onNews: (_server, _news, error) => failed.resolve(error),
    });
    expect(await failed.promise).toMatchObject({
      code: expect.stringMatching(/^(DEPTH_ZERO_SELF_SIGNED_CERT|ERR_TLS_CERT_ALTNAME_INVALID)$/),
    });
    expect(upstream.isServing()).toBe(false);
  });
});

test("what is under way ends with the connections", async () => {
  const begun = Promise.withResolvers<void>();
  const { port } = await startProbe({
    ask() {
      begun.resolve();
      return new Promise<never>(() => {});
    },
  });
  const upstream = openTestUpstream([`127.0.0.1:${port}`]);
  const call = failureOf(createClient(ProbeService, upstream.transport).ask({}));
  await begun.promise;
  upstream.close();
  expect(await call).toMatchObject({ code: "Unavailable", reason: "SERVICE_UNAVAILABLE" });
});

test.each(WAYS)(
  "callers %s who leave in a crowd do not end the connection, which is others' too",
  { timeout: 60_000 },
  async (way) => {
    const hung = await startFaultyServer("is silent", way);
    const upstream = openTestUpstream([hung.address]);
    await awaitStates(upstream, "serving");
    await hung.ready();
    const chats = createClient(ChatService, upstream.transport);
    const crowd = new AbortController();
    const leaving = Array.from({ length: 1_500 }, () => failureOf(chats.updateChat({}, { signal: crowd.signal })));
    const stays = chats.updateChat({});
    await vi.waitUntil(() => hung.calls === 1_501, { timeout: 15_000 });
    crowd.abort();
    for (const failure of await Promise.all(leaving)) expect(failure).toMatchObject({ code: "Canceled" });
    const checks = hung.checks;
    await vi.waitUntil(() => hung.checks > checks + 2, { timeout: 10_000 });
    expect(hung.sessions).toBe(1);
    hung.release();
    expect(await failureOf(stays)).toMatchObject({ code: "Unavailable", reason: "STORE_UNAVAILABLE" });
  },
);

test.each(WAYS)(
  "answers %s too large in a crowd do not end the connection either",
  { timeout: 60_000 },
  async (way) => {
    const server = await startFaultyServer("answers too much", way);
    const upstream = openTestUpstream([server.address], { maxAnswerBytes: 1_000 });
    await awaitStates(upstream, "serving");
    await server.ready();
    const chats = createClient(ChatService, upstream.transport);
    const asked = Array.from({ length: 1_500 }, () => chats.updateChat({}));
    const failures = await Promise.allSettled(asked);
    for (const failure of failures) {
      expect(String((failure as PromiseRejectedResult).reason)).toContain("an answer has 2000 bytes; 1000 are taken");
    }
    const checks = server.checks;
    await vi.waitUntil(() => server.checks > checks + 2, { timeout: 10_000 });
    expect(server.sessions).toBe(1);
  },
);

test("calls whose deadlines pass together are left to the server, which knows them", { timeout: 60_000 }, async () => {
  const { probe, calls } = await openProbe({ ask: () => new Promise<never>(() => {}) });
  const asked = Array.from({ length: 1_500 }, () => failureOf(probe.ask({}, { timeoutMs: 1_000 })));
  for (const failure of await Promise.all(asked)) expect(failure).toMatchObject({ code: "DeadlineExceeded" });
  await vi.waitUntil(() => calls.length === 1_500, { timeout: 10_000 });
  expect(await failureOf(probe.missing({}))).toMatchObject({ code: "Unimplemented" });
  await vi.waitUntil(() => calls.length === 1_501, { timeout: 10_000 });
  const peers = new Set(calls.map(({ peer }) => peer));
  // What grpc-js calls the peer of a stream that is gone.
  peers.delete("unknown");
  expect([...peers]).toHaveLength(1);
});
