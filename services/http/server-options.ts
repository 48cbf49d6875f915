import type { IncomingMessage, ServerOptions, ServerResponse } from "node:http";
import type { SecureServerOptions } from "node:http2";
import type { FastifyServerOptions } from "fastify";
import type { KeyPair } from "../settings/key-pair.ts";
import type { ServerLimits } from "./server-limits.ts";

/** What Node bounds by itself where it is not set is set here too, so that it is known. */
function http1Options(limits: ServerLimits): ServerOptions {
  return {
    maxHeaderSize: limits.headersMaxBytes,
    headersTimeout: limits.headersTimeoutMs,
    requestTimeout: limits.receiveTimeoutMs,
    connectionsCheckingInterval: limits.lookIntervalMs,
    keepAliveTimeout: limits.idleTimeoutMs,
    // Refused with an error of our own instead.
    requireHostHeader: false,
    // A second credential makes the first invalid: a proxy may have looked at either.
    joinDuplicateHeaders: true,
  };
}

/** What one connection of HTTP/2 may cost. */
const HTTP2 = {
  /**
   * Streams that are reset as soon as they are opened cost the server a call each (CVE-2023-44487). A page that is left
   * cancels all that it has open, at once, and a flood goes on. Node heeds this and the next only together.
   */
  streamResetBurst: 200,
  /** A second, after the burst. */
  streamResetRate: 20,
  /** Megabytes: headers, and what waits to be sent to a caller who does not read. The largest answers fit. */
  maxSessionMemory: 64,
  /** No client that works sends one. */
  maxSessionInvalidFrames: 10,
  /** Streams beyond the number allowed, which only a client that does not heed the settings opens. */
  maxSessionRejectedStreams: 100,
} satisfies SecureServerOptions<typeof IncomingMessage, typeof ServerResponse>;

/** What RFC 9113 asks for at least; browsers open no more at a time. */
const MAX_STREAMS = 100;

/**
 * Fastify's options for what is below it: HTTP/1.1, or, with a key pair, HTTP/2 and HTTP/1.1 over TLS. HTTP/2 without
 * TLS would be without HTTP/1.1.
 */
export function serverOptions(limits: ServerLimits, tls?: KeyPair): FastifyServerOptions {
  const http = http1Options(limits);
  const { idleTimeoutMs, receiveTimeoutMs, handshakeTimeoutMs, headersMaxBytes } = limits;
  const plain = { http, requestTimeout: receiveTimeoutMs, keepAliveTimeout: idleTimeoutMs };
  if (tls === undefined) return plain;
  const settings = { maxConcurrentStreams: MAX_STREAMS, maxHeaderListSize: headersMaxBytes };
  const https = { ...http, ...HTTP2, ...tls, settings, allowHTTP1: true, handshakeTimeout: handshakeTimeoutMs };
  // Fastify has a type for each kind of server; what the edge uses of requests and answers is in both.
  return { http2: true, https, http2SessionTimeout: idleTimeoutMs } as FastifyServerOptions;
}
