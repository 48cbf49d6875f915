import type { IncomingMessage, ServerOptions, ServerResponse } from "node:http";
import type { SecureServerOptions } from "node:http2";
import type { FastifyServerOptions } from "fastify";

/** A certificate chain and its private key, as PEM. */
export type TlsOptions = { readonly cert: Buffer; readonly key: Buffer };

/** How long a caller may take to send a request, after which it holds its connection for nothing. */
export const RECEIVE_TIMEOUT_MS = 30_000;

/** Headers are small, and who sends them slowly has nothing else to wait for. Below the time for the whole request. */
const HEADERS_TIMEOUT_MS = 15_000;

/** Longer than the 60 s of common proxies: the side that sends requests should be the one that hangs up. */
const IDLE_TIMEOUT_MS = 72_000;

/** All headers of a request, about: a key, a trace and a few names are 1 KiB; metadata of gRPC is mostly cut at 8 KiB. */
const HEADERS_MAX_BYTES = 16_384;

/** A TLS handshake is two round trips. */
const HANDSHAKE_TIMEOUT_MS = 10_000;

/** Connections at a time, of some 20 KiB each where they are idle; one more is closed at once. */
export const MAX_CONNECTIONS = 10_000;

/** How often Node looks for requests that are late; 30 s by default, which would double the times above. */
const LOOK_INTERVAL_MS = 2_000;

/** What Node bounds by itself where it is not set is set here too, so that it is known. */
const HTTP1 = {
  maxHeaderSize: HEADERS_MAX_BYTES,
  headersTimeout: HEADERS_TIMEOUT_MS,
  requestTimeout: RECEIVE_TIMEOUT_MS,
  connectionsCheckingInterval: LOOK_INTERVAL_MS,
  keepAliveTimeout: IDLE_TIMEOUT_MS,
} satisfies ServerOptions;

/** What one connection of HTTP/2 may cost. */
const HTTP2 = {
  settings: {
    /** What RFC 9113 asks for at least; browsers open no more at a time. */
    maxConcurrentStreams: 100,
    maxHeaderListSize: HEADERS_MAX_BYTES,
  },
  /**
   * Streams that are reset as soon as they are opened cost the server a call each (CVE-2023-44487). A page that is left
   * cancels all that it has open, at once; a flood goes on. The two count only where both are set.
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

/**
 * Fastify's options for what is below it: HTTP/1.1, or, with a key pair, HTTP/2 and HTTP/1.1 over TLS. HTTP/2 without
 * TLS would be without HTTP/1.1.
 */
export function serverOptions(tls?: TlsOptions): FastifyServerOptions {
  const http = { http: HTTP1, requestTimeout: RECEIVE_TIMEOUT_MS, keepAliveTimeout: IDLE_TIMEOUT_MS };
  if (tls === undefined) return http;
  const https = { ...HTTP1, ...HTTP2, ...tls, allowHTTP1: true, handshakeTimeout: HANDSHAKE_TIMEOUT_MS };
  // Fastify has a type for each kind of server; what the edge uses of requests and answers is in both.
  return { http2: true, https, http2SessionTimeout: IDLE_TIMEOUT_MS } as FastifyServerOptions;
}
