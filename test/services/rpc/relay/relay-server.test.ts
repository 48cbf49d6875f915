import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { Code, type HandlerContext } from "@connectrpc/connect";
import { describe, expect, test, vi } from "vitest";
import { frameMessage } from "../../../../services/rpc/grpc-frame.ts";
import { FRAME, MAX_CALLS } from "../../../../services/rpc/relay/relay-frame.ts";
import { BATCH_BYTES } from "../../../../services/rpc/relay/relay-writer.ts";
import { type ProbeSchema, ProbeService } from "../gen/parley/test/v1/probe_service_pb.ts";
import { pathOf } from "../probe-client.ts";
import { startProbe } from "../probe-server.ts";
import { type Answered, RelayPeer } from "./relay-peer.ts";

const { ask, listen } = ProbeService.method;
const ASK = pathOf(ask);
type Options = Parameters<typeof startProbe>[1];
type Ask = NonNullable<Parameters<typeof startProbe>[0]["ask"]>;

async function openRelay(handle: Ask, options?: Options) {
  const probe = await startProbe({ ask: handle }, options);
  return { ...probe, peer: await RelayPeer.open(probe.port) };
}

const probeOf = (text: string) => toBinary(ask.input, create(ask.input, { text }));
const textOf = ({ body }: Answered) => fromBinary<typeof ProbeSchema>(ask.output, body).text;
const codeOf = ({ headers }: Answered) => Number(headers["grpc-status"] ?? 0);
const never = () => new Promise<never>(() => {});

describe("a call", () => {
  test("has metadata, a deadline and an id, and is reported as a call of gRPC", async () => {
    const { peer, calls } = await openRelay(({ text }, context) => {
      context.responseHeader.set("x-head", context.requestHeader.get("x-mine")!);
      context.responseTrailer.set("x-tail", String(context.timeoutMs()! <= 3_000));
      return { text: `${text}!` };
    });
    peer.call(7, ASK, { body: probeOf("hello"), timeoutMs: 3_000, fields: "x-mine\n1\nx-request-id\nr-7\n" });
    const answer = await peer.answerOf(7);
    expect(textOf(answer)).toBe("hello!");
    expect({ ...answer.headers }).toEqual({ "x-head": "1", "x-request-id": "r-7" });
    expect({ ...answer.trailers }).toEqual({ "x-tail": "true" });
    expect(calls).toMatchObject([{ method: ask, protocol: "grpc", code: 0, requestId: "r-7" }]);
    expect(calls[0]!.peer).toMatch(/^127\.0\.0\.1:\d+$/);
  });

  test("ends at its deadline, and by a cancellation, which its handler learns", async () => {
    const reasons: unknown[] = [];
    const { peer, calls } = await openRelay((_, { signal }: HandlerContext) => {
      signal.addEventListener("abort", () => reasons.push(signal.reason));
      return never();
    });
    peer.call(1, ASK, { timeoutMs: 20 });
    expect(codeOf(await peer.answerOf(1))).toBe(Code.DeadlineExceeded);
    peer.call(2, ASK);
    peer.send({ id: 2, kind: FRAME.CANCEL });
    expect(codeOf(await peer.answerOf(2))).toBe(Code.Canceled);
    expect(reasons).toMatchObject([{ code: Code.DeadlineExceeded }, { code: Code.Canceled }]);
    expect(calls.map(({ code }) => code)).toEqual([Code.DeadlineExceeded, Code.Canceled]);
  });

  test.each([
    ["of a path that is not served", "/a.B/C", {}, Code.Unimplemented],
    ["of a stream", pathOf(listen), {}, Code.Unimplemented],
    ["without an implementation", pathOf(ProbeService.method.missing), {}, Code.Unimplemented],
    ["whose request is none", ASK, { body: Buffer.from([255]) }, Code.InvalidArgument],
    ["whose request is too large", ASK, { body: probeOf("x".repeat(2_000)) }, Code.ResourceExhausted],
    ["whose metadata is too large", ASK, { fields: `x\n${"x".repeat(1_000)}\n` }, Code.ResourceExhausted],
    ["whose metadata is too much", ASK, { fields: "x\n1\n".repeat(50) }, Code.ResourceExhausted],
  ] as const)("%s fails alone", async (_what, path, options, code) => {
    const { peer } = await openRelay(() => ({}), { maxRequestBytes: 1_000, maxMetadataBytes: 1_000 });
    peer.call(1, path, options);
    peer.call(2, ASK);
    expect(codeOf(await peer.answerOf(1))).toBe(code);
    expect(codeOf(await peer.answerOf(2))).toBe(0);
  });

  test("beyond the calls of the server is RESOURCE_EXHAUSTED", async () => {
    const { peer } = await openRelay(never, { maxCalls: 2 });
    for (const id of [1, 2, 3]) peer.call(id, ASK);
    expect(codeOf(await peer.answerOf(3))).toBe(Code.ResourceExhausted);
  });
});

describe("a relay", () => {
  test("answers a thousand calls as each is done, and refuses one more", async () => {
    const waiting: (() => void)[] = [];
    const { peer } = await openRelay(async ({ text }) => {
      await new Promise<void>((resolve) => waiting.push(resolve));
      return { text };
    });
    for (let id = 1; id <= MAX_CALLS + 1; id++) peer.call(id, ASK, { body: probeOf(`${id}`) });
    expect(await peer.answerOf(MAX_CALLS + 1)).toMatchObject({ kind: FRAME.REFUSAL });
    await vi.waitUntil(() => waiting.length === MAX_CALLS, { timeout: 10_000 });
    for (const release of waiting.reverse()) release();
    for (let id = 1; id <= MAX_CALLS; id++) expect(textOf(await peer.answerOf(id))).toBe(`${id}`);
    expect([...peer.answers.keys()].slice(1, 3)).toEqual([MAX_CALLS, MAX_CALLS - 1]);
  });

  test("that goes cancels its calls", async () => {
    const ended = Promise.withResolvers<unknown>();
    const { peer, calls } = await openRelay((_, { signal }: HandlerContext) => {
      signal.addEventListener("abort", () => ended.resolve(signal.reason));
      peer.session.destroy();
      return never();
    });
    peer.call(1, ASK);
    expect(await ended.promise).toMatchObject({ code: Code.Canceled });
    expect(calls).toMatchObject([{ code: Code.Canceled }]);
  });

  test("that is half-closed finishes its calls", async () => {
    const release = Promise.withResolvers<object>();
    const { peer } = await openRelay(() => release.promise);
    peer.call(1, ASK);
    peer.stream.end();
    release.resolve({ text: "late" });
    expect(await peer.ended).toBe("0");
    expect(textOf(await peer.answerOf(1))).toBe("late");
  });

  test("of a server that stops finishes its calls, refuses others, and ends", async () => {
    const [begun, release] = [Promise.withResolvers<void>(), Promise.withResolvers<object>()];
    const { peer, server } = await openRelay(() => {
      begun.resolve();
      return release.promise;
    });
    peer.call(1, ASK);
    await begun.promise;
    const stopped = server.stop(10_000);
    peer.call(2, ASK);
    expect(await peer.answerOf(2)).toMatchObject({ kind: FRAME.REFUSAL });
    release.resolve({});
    expect(await peer.ended).toBe("0");
    expect(codeOf(await peer.answerOf(1))).toBe(0);
    await stopped;
  });

  test("whose calls outlast the time to stop is cut off", async () => {
    const begun = Promise.withResolvers<void>();
    const { peer, server } = await openRelay(() => {
      begun.resolve();
      return never();
    });
    peer.call(1, ASK);
    await begun.promise;
    await server.stop(20);
    expect(await peer.ended).toBeUndefined();
  });
});

describe("what makes no sense ends the relay and its calls, and nothing else", () => {
  const NO_FRAME = Buffer.from([0, 0, 0, 100, 1]);
  test.each<[string, (peer: RelayPeer) => void]>([
    ["a message that is no frame", ({ stream }) => stream.write(frameMessage(NO_FRAME))],
    ["a message that is compressed", ({ stream }) => stream.write(Buffer.from([1, 0, 0, 0, 0]))],
    ["a message that is too large", ({ stream }) => stream.write(frameMessage(Buffer.alloc(BATCH_BYTES + 1)))],
    ["a kind that is none", (peer) => peer.send({ kind: 99, id: 2 })],
    ["an answer", (peer) => peer.send({ kind: FRAME.ANSWER, id: 1 })],
    ["an id that is taken", (peer) => peer.call(1, ASK)],
    ["a head that is none", (peer) => peer.send({ id: 2, head: "x" })],
    ["a name that is none", (peer) => peer.call(2, ASK, { fields: ":path\nx\n" })],
  ])("%s", async (_what, send) => {
    const { peer, client } = await openRelay(({ text }) => (text === "quick" ? {} : never()));
    peer.call(1, ASK);
    send(peer);
    expect(await peer.ended).toBe(String(Code.InvalidArgument));
    expect(codeOf(await peer.answerOf(1))).toBe(Code.InvalidArgument);
    expect((await client.call(ask, [{ text: "quick" }])).status.code).toBe(0);
  });
});

test("a peer that does not read is not read from, either", async () => {
  const text = "x".repeat(100_000);
  let handled = 0;
  const { peer } = await openRelay(() => {
    handled++;
    return { text };
  });
  peer.stream.pause();
  const all = 500;
  // One a message, so that the server can stop between two.
  for (let id = 1; id <= all; id++) peer.call(id, ASK, { body: probeOf("y".repeat(10_000)) });
  await vi.waitUntil(() => handled > 10, { timeout: 10_000 });
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(handled).toBeLessThan(all / 2);
  peer.stream.resume();
  for (let id = 1; id <= all; id++) expect(textOf(await peer.answerOf(id))).toBe(text);
});
