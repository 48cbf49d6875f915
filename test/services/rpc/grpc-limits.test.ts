import { once } from "node:events";
import { type ClientHttp2Session, connect, constants, type SecureClientSessionOptions } from "node:http2";
import { Code } from "@connectrpc/connect";
import { Metadata } from "@grpc/grpc-js";
import { describe, expect, onTestFinished, test } from "vitest";
import { ProbeService } from "./gen/parley/test/v1/probe_service_pb.ts";
import { pathOf, reasonsOf } from "./probe-client.ts";
import { type Probed, startProbe } from "./probe-server.ts";

const { ask, listen } = ProbeService.method;

const HEADERS = { ":method": "POST", "content-type": "application/grpc", te: "trailers", ":path": pathOf(ask) };
/** An empty message. */
const EMPTY = Buffer.alloc(5);

/** A session of bare HTTP/2, for what no client of gRPC does. */
async function openSession({ port }: Probed, options: SecureClientSessionOptions = {}): Promise<ClientHttp2Session> {
  const session = connect(`http://127.0.0.1:${port}`, options);
  session.on("error", () => {});
  onTestFinished(() => session.destroy());
  await once(session, "remoteSettings");
  return session;
}

/** Resolves with the code by which the server resets a stream, or 0. */
function resetOf(session: ClientHttp2Session, headers: Record<string, string>): Promise<number> {
  const stream = session.request({ ...HEADERS, ...headers });
  stream.on("error", () => {});
  stream.resume().end(EMPTY);
  return new Promise((resolve) => stream.on("close", () => resolve(stream.rstCode ?? 0)));
}

describe("metadata", () => {
  test.each([
    ["one value", { "x-long": "x".repeat(2_000) }],
    ["many values", Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`x-${index}`, "x"]))],
  ])("that is too large in %s is RESOURCE_EXHAUSTED, and no call", async (_name, values) => {
    let handled = 0;
    const implementation: Parameters<typeof startProbe>[0] = {
      ask: () => {
        handled++;
        return {};
      },
      async *listen() {
        handled++;
        yield {};
      },
    };
    const probe = await startProbe(implementation, { maxMetadataBytes: 2_000 });
    for (const method of [ask, listen]) {
      const metadata = new Metadata();
      for (const [name, value] of Object.entries(values)) metadata.set(name, value);
      const { status } = await probe.client.call(method, [{}], metadata);
      expect(status.code).toBe(Code.ResourceExhausted);
      expect(reasonsOf(status)).toEqual(["REQUEST_TOO_LARGE"]);
    }
    expect(handled).toBe(0);
    expect(probe.calls.map(({ code }) => code)).toEqual([Code.ResourceExhausted, Code.ResourceExhausted]);
  });

  test("under the limit passes", async () => {
    const { client } = await startProbe({ ask: () => ({}) }, { maxMetadataBytes: 2_000 });
    const metadata = new Metadata();
    metadata.set("x-long", "x".repeat(1_500));
    expect((await client.call(ask, [{}], metadata)).status.code).toBe(0);
  });

  test("of more values than any client has ends its stream, and the session goes on", async () => {
    const probe = await startProbe({ ask: () => ({}) });
    const session = await openSession(probe);
    const many = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`x-${index}`, "1"]));
    expect(await resetOf(session, many)).toBe(constants.NGHTTP2_ENHANCE_YOUR_CALM);
    expect(await resetOf(session, {})).toBe(constants.NGHTTP2_NO_ERROR);
  });
});

describe("a session", () => {
  test("that opens and resets streams without end is ended, and others are served meanwhile", async () => {
    const probe = await startProbe({ ask: () => ({}) });
    const flooder = await openSession(probe);
    let opened = 0;
    while (!flooder.closed && !flooder.destroyed) {
      for (let index = 0; index < 100 && !flooder.closed && !flooder.destroyed; index++, opened++) {
        const stream = flooder.request(HEADERS).on("error", () => {});
        stream.close(constants.NGHTTP2_CANCEL);
      }
      expect((await probe.client.call(ask, [{}])).status.code).toBe(0);
      expect(opened, "resets taken").toBeLessThan(10_000);
    }
    expect((await probe.client.call(ask, [{}])).status.code).toBe(0);
  });

  test("whose caller reads no answers is ended before they fill the memory", async () => {
    const payload = new Uint8Array(3 * 1_048_576);
    const probe = await startProbe({ ask: () => ({ payload }) });
    const session = await openSession(probe, { settings: { initialWindowSize: 0 } });
    const ended = new Promise((resolve) => session.once("close", resolve));
    for (let index = 0; index < 400 && !session.destroyed; index++) {
      session
        .request(HEADERS)
        .on("error", () => {})
        .end(EMPTY);
      if (index % 20 === 0) await new Promise(setImmediate);
    }
    await ended;
    expect(probe.calls.length * payload.length).toBeLessThan(400 * 1_048_576);
    expect((await probe.client.call(ask, [{}])).status.code).toBe(0);
  });

  test("may have 1000 calls open, which its settings say", async () => {
    const session = await openSession(await startProbe({}));
    expect(session.remoteSettings.maxConcurrentStreams).toBe(1_000);
  });
});
