import { once } from "node:events";
import { connect as connectHttp2, constants } from "node:http2";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { connect as connectTls } from "node:tls";
import { describe, expect, onTestFinished, test } from "vitest";
import { SERVER_LIMITS, type ServerLimits } from "../../../services/http/server-limits.ts";
import { createCertificate } from "../../certificate.ts";
import { openEdge } from "./kitchen-edge.ts";

const tls = createCertificate();
const GET = "GET /v1/sink HTTP/1.1\r\nhost: x\r\n";

async function openSocket(port: number) {
  const socket = connect(port, "127.0.0.1").on("error", () => {});
  onTestFinished(() => void socket.destroy());
  await once(socket, "connect");
  return socket;
}

async function openSession(limits: Partial<ServerLimits>) {
  const { address } = await openEdge({ tls, limits });
  const session = connectHttp2(address, { ca: tls.cert }).on("error", () => {});
  onTestFinished(() => session.destroy());
  await once(session, "remoteSettings");
  return session;
}

test("headers have their limit of bytes", async () => {
  const { port } = await openEdge({ limits: { headersMaxBytes: 500 } });
  for (const [length, status] of [
    [300, 200],
    [600, 431],
  ] as const) {
    const socket = await openSocket(port);
    socket.write(`${GET}connection: close\r\nx-long: ${"x".repeat(length)}\r\n\r\n`);
    expect(await text(socket)).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  }
});

test("one connection too many is closed at once, and the others are served", async () => {
  const { port } = await openEdge({ limits: { maxConnections: 1 } });
  const first = await openSocket(port);
  first.write(`${GET}\r\n`);
  await once(first, "data");
  await once((await openSocket(port)).resume(), "close");
  first.write(`${GET}\r\n`);
  await once(first, "data");
});

describe("a connection that is idle ends", () => {
  test("over HTTP/1.1", async () => {
    const { port } = await openEdge({ limits: { idleTimeoutMs: 20 } });
    const socket = await openSocket(port);
    socket.write(`${GET}\r\n`);
    expect(await text(socket)).toMatch(/^HTTP\/1.1 200 /);
  });

  test("over HTTP/2", async () => {
    const session = await openSession({ idleTimeoutMs: 20 });
    await new Promise((resolve) => session.once("close", resolve));
  });

  test("before its TLS handshake", async () => {
    const { port } = await openEdge({ tls, limits: { handshakeTimeoutMs: 20 } });
    await once((await openSocket(port)).resume(), "close");
  });
});

test("a request of HTTP/2 that does not arrive in time is reset", async () => {
  const session = await openSession({ receiveTimeoutMs: 20, headersTimeoutMs: 20 });
  const stream = session.request({ ":method": "POST", ":path": "/v1/sink", "content-type": "application/json" });
  stream.on("error", () => {}).write("{");
  await once(stream, "close");
  expect(stream.rstCode).toBe(constants.NGHTTP2_CANCEL);
});

test("a request over TLS and HTTP/1.1 that does not arrive in time is 408", async () => {
  const limits = { receiveTimeoutMs: 20, headersTimeoutMs: 20, lookIntervalMs: 10 };
  const { port } = await openEdge({ tls, limits });
  const socket = connectTls({ port, host: "127.0.0.1", ca: tls.cert, ALPNProtocols: ["http/1.1"] });
  onTestFinished(() => void socket.destroy());
  await once(socket, "secureConnect");
  socket.write(GET);
  expect(await text(socket)).toMatch(/^HTTP\/1.1 408 /);
});

test("by default headers have less time than the request, and proxies hang up first", async () => {
  const { server } = (await openEdge()).app;
  expect(server.headersTimeout).toBeLessThan(server.requestTimeout);
  expect(server.keepAliveTimeout).toBeGreaterThan(60_000);
  expect(server.maxConnections).toBe(SERVER_LIMITS.maxConnections);
});
