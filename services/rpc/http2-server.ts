import { createSecureServer, createServer, type Http2Server } from "node:http2";
import type { KeyPair } from "../settings/key-pair.ts";

/**
 * What one connection may keep in memory, of headers and of answers that its caller does not read: some 80 of the
 * largest answers. At this one streams are refused, and after 100 of those the session ends.
 */
const SESSION_MEGABYTES = 256;

/** What a request may send before it is read; requests of messages fit. */
const STREAM_WINDOW_BYTES = 262_144;

/**
 * For what is not named here Node's defaults hold, by which the session ends after:
 * - a burst of 1,000 streams that are reset, or 33 a second for long (CVE-2023-44487),
 * - 1,000 invalid frames,
 * - 100 streams too many.
 */
const LIMITS = {
  settings: { maxConcurrentStreams: 1_000, initialWindowSize: STREAM_WINDOW_BYTES },
  maxSessionMemory: SESSION_MEGABYTES,
};

/** A server that does not listen yet, within limits of every connection. */
export function createHttp2Server(tls: KeyPair | undefined): Http2Server {
  if (tls === undefined) return createServer(LIMITS);
  const server = createSecureServer({ ...LIMITS, cert: tls.cert, key: tls.key });
  // https://github.com/nodejs/node/issues/35824
  server.on("secureConnection", (socket) => socket.on("error", () => {}));
  return server as unknown as Http2Server;
}
