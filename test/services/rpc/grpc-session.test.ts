import { once } from "node:events";
import { type ClientHttp2Session, connect } from "node:http2";
import { connect as connectTcp } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import type { GrpcSessionTimes } from "../../../services/rpc/grpc-session.ts";
import { RELAY_PATH } from "../../../services/rpc/relay/relay-frame.ts";
import { ProbeService } from "./gen/parley/test/v1/probe_service_pb.ts";
import { pathOf } from "./probe-client.ts";
import { startProbe } from "./probe-server.ts";

async function openSession(times: GrpcSessionTimes): Promise<ClientHttp2Session> {
  const { port } = await startProbe({ ask: () => new Promise<never>(() => {}) }, times);
  const session = connect(`http://127.0.0.1:${port}`);
  onTestFinished(() => session.destroy());
  await once(session, "remoteSettings");
  return session;
}

test("a connection without calls is told to go", async () => {
  const session = await openSession({ keepaliveMs: 20, idleMs: 40 });
  const [code] = await once(session, "goaway");
  expect(code).toBe(0);
});

test("a connection with a call, or that answers, stays", async () => {
  const session = await openSession({ keepaliveMs: 10, keepaliveTimeoutMs: 1_000, idleMs: 20 });
  const path = pathOf(ProbeService.method.ask);
  session
    .request({ ":method": "POST", ":path": path, "content-type": "application/grpc" })
    .on("error", () => {})
    .end(Buffer.alloc(5));
  for (let pings = 0; pings < 5; pings++) await once(session, "ping");
  expect(session.closed).toBe(false);
});

/** Sends a call and leaves its side of the stream open. */
function leaveOpen(session: ClientHttp2Session, headers: Record<string, string> = {}) {
  const path = pathOf(ProbeService.method.ask);
  const head = { ":method": "POST", ":path": path, "content-type": "application/grpc", ...headers };
  return session.request(head, { endStream: false }).on("error", () => {});
}

test("a call that is answered does not keep its stream where the caller leaves its side open", async () => {
  const session = await openSession({ keepaliveMs: 20, idleMs: 40 });
  const gone = once(session, "goaway");
  const stream = leaveOpen(session, { "grpc-timeout": "10m" });
  const [headers] = await once(stream, "response");
  expect(headers["grpc-status"]).toBe("4");
  await once(stream.resume(), "close");
  expect(stream.rstCode).toBe(0);
  await gone;
});

test("a server that stops does not wait for who has no call and says nothing", async () => {
  const { port, server } = await startProbe({});
  const session = connect(`http://127.0.0.1:${port}`);
  onTestFinished(() => session.destroy());
  await once(session, "remoteSettings");
  const relay = session
    .request({ ":method": "POST", ":path": RELAY_PATH, "content-type": "application/grpc" }, { endStream: false })
    .on("error", () => {});
  await once(relay, "response");
  const silent = connectTcp(port, "127.0.0.1");
  await once(silent, "connect");
  await Promise.all([once(silent.resume(), "close"), once(session, "close"), server.stop(600_000)]);
});

test("a connection that does not read its answers is ended when they are too many", async () => {
  const answer = { text: "x".repeat(3_000_000) };
  const { port } = await startProbe({ ask: async () => answer });
  const session = connect(`http://127.0.0.1:${port}`, { settings: { initialWindowSize: 0 } });
  session.on("error", () => {});
  await once(session, "remoteSettings");
  const closed = once(session, "close");
  for (let calls = 0; calls < 100; calls++) leaveOpen(session).end(Buffer.alloc(5));
  await closed;
});

test("a connection whose other end does not answer is ended", async () => {
  const { port } = await startProbe({}, { keepaliveMs: 20, keepaliveTimeoutMs: 20 });
  const socket = connectTcp(port, "127.0.0.1");
  onTestFinished(() => void socket.destroy());
  // The greeting of HTTP/2 and empty settings, and then nothing.
  socket.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0");
  await once(socket.resume(), "close");
});
