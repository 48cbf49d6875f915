import { once } from "node:events";
import { type ClientHttp2Session, connect as connectHttp2 } from "node:http2";
import { connect as connectTcp, isIP } from "node:net";
import { connect as connectTls } from "node:tls";
import type { Endpoint } from "./endpoint.ts";

/** For the connection, TLS and the first settings of HTTP/2, in milliseconds. */
const CONNECT_TIMEOUT_MS = 5_000;

/** What an answer that is read slowly may hold, a call. Answers of messages and of most pages fit. */
const STREAM_WINDOW_BYTES = 262_144;

/** All answers of a connection: so much that slow readers do not keep the others' answers from coming. */
const SESSION_WINDOW_BYTES = 1_073_741_824;

/** Megabytes of headers and of requests that wait to be sent. At Node's default of 10, calls would be refused under load. */
const SESSION_MEMORY = 256;

/**
 * Opens a session of HTTP/2 that takes calls.
 *
 * @param ca with it, the session uses TLS, and the server's certificate must be of this authority
 * @param signal gives it up
 */
export async function openSession(
  endpoint: Endpoint,
  ca: Buffer | undefined,
  signal: AbortSignal,
): Promise<ClientHttp2Session> {
  const { host, port } = endpoint;
  const authority = `${ca === undefined ? "http" : "https"}://${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
  const session = connectHttp2(authority, {
    createConnection: () => openSocket(endpoint, ca),
    settings: { enablePush: false, initialWindowSize: STREAM_WINDOW_BYTES },
    maxSessionMemory: SESSION_MEMORY,
  });
  session.on("connect", () => session.setLocalWindowSize(SESSION_WINDOW_BYTES));
  try {
    // The connection alone says nothing: the system accepts it for a process that hangs.
    const deadline = AbortSignal.timeout(CONNECT_TIMEOUT_MS);
    await once(session, "remoteSettings", { signal: AbortSignal.any([signal, deadline]) });
  } catch (error) {
    session.on("error", () => {});
    session.destroy();
    throw error;
  }
  // A session that breaks closes, too.
  session.on("error", () => {});
  return session;
}

function openSocket({ host, port, address }: Endpoint, ca: Buffer | undefined) {
  if (ca === undefined) return connectTcp({ host: address, port, noDelay: true });
  const servername = isIP(host) === 0 ? host : undefined;
  const checkName = servername === undefined ? { host: address } : { host: address, servername };
  return connectTls({ ...checkName, port, ca, ALPNProtocols: ["h2"], minVersion: "TLSv1.2" });
}
