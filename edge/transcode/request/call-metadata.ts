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
const RETURNED = new Set(
  "cache-control etag retry-after traceparent tracestate www-authenticate x-request-id".split(" "),
);

/** `Grpc-Metadata-Name: value` over HTTP is `name: value` of the call. */
const METADATA_PREFIX = "grpc-metadata-";

/** The call's headers: those forwarded by name, and the prefixed ones, which replace none of them. */
export function toCallHeaders(headers: IncomingHttpHeaders, { forwardedHeaders }: MetadataOptions): Headers {
  const call = new Headers();
  for (const name in headers) {
    if (!name.startsWith(METADATA_PREFIX)) continue;
    const bare = name.slice(METADATA_PREFIX.length);
    if (bare !== "" && !isProtocolHeader(bare)) call.set(bare, String(headers[name]));
  }
  for (const name of FORWARDED) forward(headers, name, call);
  for (const name of forwardedHeaders ?? []) forward(headers, name.toLowerCase(), call);
  return call;
}

function forward(headers: IncomingHttpHeaders, name: string, call: Headers): void {
  const value = headers[name];
  if (value !== undefined) call.set(name, String(value));
}

/** The headers and trailers of a call's response, or of its error, that the answer carries: by name, or prefixed. */
export function toAnswerHeaders(
  metadata: readonly Headers[],
  { returnedHeaders }: MetadataOptions,
): [name: string, value: string][] {
  const own = returnedHeaders === undefined ? RETURNED : withOwn(returnedHeaders);
  const answer: [name: string, value: string][] = [];
  for (const headers of metadata) {
    for (const [name, value] of headers) {
      if (own.has(name)) answer.push([name, value]);
      else if (!isProtocolHeader(name)) answer.push([METADATA_PREFIX + name, value]);
    }
  }
  return answer;
}

function withOwn(returnedHeaders: readonly string[]): ReadonlySet<string> {
  const added = returnedHeaders.map((name) => name.toLowerCase()).filter((name) => !isProtocolHeader(name));
  return new Set([...RETURNED, ...added]);
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
  const given = smaller(
    parseTimeout(headers, "grpc-timeout", /^(\d{1,8})([HMSmun])$/),
    parseTimeout(headers, "request-timeout", /^(\d{1,8}(?:\.\d{1,9})?)$/),
  );
  return smaller(given ?? options.defaultTimeoutMs, options.maxTimeoutMs);
}

function smaller(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? (one ?? other) : Math.min(one, other);
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
