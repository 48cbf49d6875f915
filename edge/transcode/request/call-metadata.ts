import type { IncomingHttpHeaders } from "node:http";
import { isProtocolHeader } from "../protocol-header.ts";
import { quote } from "../quoted.ts";
import { malformed } from "../refusal.ts";

/** Which headers pass under their own name, beside those that always do. In any case of letters. Default: no others. */
export type MetadataOptions = {
  /** To the call; always: `Authorization`, `Traceparent`, `Tracestate`, `X-Request-Id`. */
  readonly forwardedHeaders?: readonly string[];
  /** To the answer; always: the same without `Authorization`, `Cache-Control`, `Etag`, `Retry-After`, `WWW-Authenticate`. */
  readonly returnedHeaders?: readonly string[];
};

const FORWARDED = ["authorization", "traceparent", "tracestate", "x-request-id"];
const RETURNED = "cache-control etag retry-after traceparent tracestate www-authenticate x-request-id".split(" ");

/** `Grpc-Metadata-Name: value` over HTTP is `name: value` of the call. */
const METADATA_PREFIX = "grpc-metadata-";

/** The call's headers: those forwarded by name, and the prefixed ones, which replace none of them. */
export function toCallHeaders(headers: IncomingHttpHeaders, { forwardedHeaders = [] }: MetadataOptions): Headers {
  const call = new Headers();
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || !name.startsWith(METADATA_PREFIX)) continue;
    const bare = name.slice(METADATA_PREFIX.length);
    if (bare !== "" && !isProtocolHeader(bare)) call.set(bare, String(value));
  }
  for (const name of [...FORWARDED, ...forwardedHeaders.map((given) => given.toLowerCase())]) {
    const value = headers[name];
    if (value !== undefined) call.set(name, String(value));
  }
  return call;
}

/** The headers and trailers of a call's response, or of its error, that the answer carries: by name, or prefixed. */
export function toAnswerHeaders(
  metadata: readonly Headers[],
  { returnedHeaders = [] }: MetadataOptions,
): [name: string, value: string][] {
  const own = new Set([...RETURNED, ...returnedHeaders.map((name) => name.toLowerCase())]);
  const passed = metadata.flatMap((headers) => [...headers].filter(([name]) => !isProtocolHeader(name)));
  return passed.map(([name, value]) => [own.has(name) ? name : METADATA_PREFIX + name, value]);
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

const FORMS = new Map([
  ["grpc-timeout", "at most eight digits and a unit, H, M, S, m, u or n, as in 500m"],
  ["request-timeout", "seconds, as in 5 or 0.5"],
]);

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
  if (found === null)
    throw malformed(`header "${name}": ${quote(String(text))} is not a timeout; send ${FORMS.get(name)}`);
  return Math.ceil(Number(found[1]) * (unitMs.get(found[2] ?? "S") ?? 0));
}
