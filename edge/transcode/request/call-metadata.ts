import type { IncomingHttpHeaders } from "node:http";
import { malformed } from "../refusal.ts";

/** Headers that reach the call under their own name. */
const forwarded = ["authorization", "traceparent", "tracestate", "x-request-id"];

/** A request header `Grpc-Metadata-Name: value` reaches the call as `name: value`. */
const METADATA_PREFIX = "grpc-metadata-";

/** Names that belong to one connection, to HTTP's framing or to a protocol, in either direction. */
const internal =
  /^(content-.*|grpc-.*|connect-.*|trailer.*|accept.*|proxy-.*|connection|keep-alive|te|transfer-encoding|upgrade|host|date|server|:.*)$/;

/** The call's headers: those forwarded by name, and the prefixed ones, which replace none of them. */
export function toCallHeaders(headers: IncomingHttpHeaders): Headers {
  const call = new Headers();
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || !name.startsWith(METADATA_PREFIX)) continue;
    const bare = name.slice(METADATA_PREFIX.length);
    if (bare !== "" && !internal.test(bare)) call.set(bare, String(value));
  }
  for (const name of forwarded) {
    const value = headers[name];
    if (value !== undefined) call.set(name, String(value));
  }
  return call;
}

/** The headers and trailers of a call's response, or of its error, that the answer carries. */
export function toAnswerHeaders(...metadata: readonly Headers[]): [name: string, value: string][] {
  return metadata.flatMap((headers) => [...headers].filter(([name]) => !internal.test(name)));
}

/** In milliseconds. */
export type TimeoutOptions = { readonly defaultTimeoutMs?: number; readonly maxTimeoutMs?: number };

/**
 * The call's deadline in milliseconds from now, never above the maximum: the smaller of `Grpc-Timeout` (gRPC's format)
 * and `Request-Timeout` (seconds); the default where neither is given.
 *
 * @throws Refusal malformedRequest
 */
export function toTimeout(headers: IncomingHttpHeaders, options: TimeoutOptions): number | undefined {
  const given = [
    parseTimeout(headers, "grpc-timeout", /^(\d{1,8})([HMSmun])$/),
    parseTimeout(headers, "request-timeout", /^(\d{1,8}(?:\.\d{1,9})?)$/),
  ].filter((timeout) => timeout !== undefined);
  const wanted = given.length > 0 ? Math.min(...given) : options.defaultTimeoutMs;
  const limits = [wanted, options.maxTimeoutMs].filter((limit) => limit !== undefined);
  return limits.length === 0 ? undefined : Math.min(...limits);
}

const unitMs = new Map([
  ["H", 3_600_000],
  ["M", 60_000],
  ["S", 1_000],
  ["m", 1],
  ["u", 1e-3],
  ["n", 1e-6],
]);

function parseTimeout(headers: IncomingHttpHeaders, name: string, pattern: RegExp): number | undefined {
  const text = headers[name];
  if (text === undefined) return undefined;
  const found = pattern.exec(String(text));
  if (found === null) throw malformed(`header "${name}": "${text}" is not a timeout`);
  return Math.ceil(Number(found[1]) * (unitMs.get(found[2] ?? "S") ?? 0));
}
