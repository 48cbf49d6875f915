import { once } from "node:events";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { create } from "@bufbuild/protobuf";
import { Code, type Transport } from "@connectrpc/connect";
import { expect, onTestFinished, test, vi } from "vitest";
import { SinkSchema } from "../transcode/gen/kitchen/v1/kitchen_pb.ts";
import { openEdge } from "./kitchen-edge.ts";

const GET = "GET /v1/sink HTTP/1.1\r\nhost: x\r\n\r\n";

async function open(port: number, bytes: string) {
  const socket = connect(port, "127.0.0.1");
  onTestFinished(() => void socket.destroy());
  await once(socket, "connect");
  socket.on("error", () => undefined);
  socket.write(bytes);
  return socket;
}

/** The statuses of the answers in a stream of bytes. */
const statusesIn = (bytes: string) => [...bytes.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => Number(status));

/** A transport whose answers have this many characters. */
function answering(length: number): Transport {
  return {
    async unary(method: object) {
      const message = create(SinkSchema, { aString: "x".repeat(length) });
      return { stream: false, method, message, header: new Headers(), trailer: new Headers() };
    },
  } as unknown as Transport;
}

test("of the requests that come at once on a connection only some are taken up", async () => {
  const gate = Promise.withResolvers<void>();
  const { port, calls } = await openEdge({ handle: () => gate.promise, limits: { maxWaitingAnswers: 4 } });
  const socket = await open(port, GET.repeat(100));
  await vi.waitUntil(() => calls.length > 0 || socket.bytesWritten > 0);
  gate.resolve();
  const answer = await text(socket);
  expect(statusesIn(answer)).toEqual([200, 200, 200, 200, 429]);
  expect(answer).toContain('"reason":"TOO_MANY_PENDING"');
});

test("requests before one that is none get their answers first", async () => {
  const gate = Promise.withResolvers<void>();
  const { port, calls } = await openEdge({ handle: () => gate.promise });
  const socket = await open(port, `${GET}${GET}GARBAGE\r\n\r\n`);
  const answer = text(socket);
  setImmediate(gate.resolve);
  expect(statusesIn(await answer)).toEqual([200, 200, 400]);
  expect(calls.map(({ code }) => code)).toEqual([undefined, undefined]);
});

test("an answer that nobody reads ends with its connection", async () => {
  const { port, calls } = await openEdge({ transport: answering(20_000_000), limits: { stallTimeoutMs: 40 } });
  const socket = connect({ port, host: "127.0.0.1" }).pause();
  onTestFinished(() => void socket.destroy());
  socket.write(GET);
  await vi.waitUntil(() => calls.length === 1, { timeout: 10_000 });
  expect(calls[0]?.code).toBe(Code.Canceled);
});

test("while too much waits to be read, calls are refused, and then taken again", async () => {
  const { port, calls, address } = await openEdge({
    transport: answering(20_000_000),
    limits: { unsentMaxBytes: 10_000_000 },
  });
  const socket = connect({ port, host: "127.0.0.1" }).pause();
  socket.write(GET);
  const status = async () => (await fetch(`${address}/v1/sink`)).status;
  await vi.waitUntil(async () => (await status()) === 429, { interval: 30, timeout: 10_000 });
  socket.destroy();
  await vi.waitUntil(() => calls.some(({ code }) => code === Code.Canceled));
  await vi.waitUntil(async () => (await status()) === 200, { interval: 30, timeout: 10_000 });
});

test("HTTP/1.1 without a host is refused with a reason", async () => {
  const { port } = await openEdge();
  const answer = await text(await open(port, "GET /v1/sink HTTP/1.1\r\n\r\n"));
  expect(statusesIn(answer)).toEqual([400]);
  expect(answer).toContain('"reason":"MALFORMED_REQUEST"');
});
