import { gzipSync } from "node:zlib";
import {
  type HostileInput,
  headers,
  INVALID,
  LATE,
  MALFORMED,
  NOT_ALLOWED,
  type Spoil,
  TOO_LARGE,
  UNSUPPORTED_MEDIA,
  type Verdict,
} from "./hostile-input.ts";
import { REQUEST_MAX_BYTES } from "./scene.ts";

type Input = [name: string, spoil: Spoil, ...verdicts: Verdict[]];

const NOT_ACCEPTABLE = "InvalidArgument NOT_ACCEPTABLE";

const method =
  (httpMethod: string): Spoil =>
  ({ request }) => ({ ...request, httpMethod, body: undefined });

const withBody =
  (spoil: Spoil): Spoil =>
  (cell) =>
    cell.request.body === undefined ? undefined : spoil(cell);

const withoutBody =
  (spoil: Spoil): Spoil =>
  (cell) =>
    cell.request.body === undefined ? spoil(cell) : undefined;

const body =
  (bytes: Uint8Array, more: Record<string, string> = {}): Spoil =>
  (cell) => {
    const request = headers({ "content-type": "application/json", ...more })(cell)!;
    return { ...request, body: bytes };
  };

const encoded = (encoding: string, bytes: Uint8Array) => withBody(body(bytes, { "content-encoding": encoding }));

const METHODS = ["PUT", "TRACE", "PROPFIND", "QUERY"].map((name): Input => [name, method(name), NOT_ALLOWED]);

const MEDIA_TYPES = [
  "",
  "text/plain",
  "application/x-www-form-urlencoded",
  "multipart/form-data; boundary=x",
  "application/proto",
  "application/jsonp",
  "application/json; charset=utf-16",
  "application/json; charset=latin1",
  "nonsense",
  "application/json, text/plain",
].map((type): Input => [`a body of type "${type}"`, withBody(headers({ "content-type": type })), UNSUPPORTED_MEDIA]);

const ACCEPTED = [
  "text/html",
  "application/json;q=0",
  "application/json;q=0, text/html",
  "application/xml, */*;q=0",
].map((accept): Input => [`accepts ${accept}`, headers({ accept }), NOT_ACCEPTABLE]);

const tooLong = Buffer.alloc(REQUEST_MAX_BYTES + 1, " ");
const bomb = gzipSync(Buffer.from(`{"name":"${"0".repeat(20_000_000)}"}`));
const small = gzipSync(Buffer.from("{}"));

const BODIES: Input[] = [
  ["a body above the limit", withBody(body(tooLong)), TOO_LARGE],
  ["a body above the limit in chunks", withBody(body(tooLong, { "transfer-encoding": "chunked" })), TOO_LARGE],
  ["a small body that decompresses to 20 MB", encoded("gzip", bomb), TOO_LARGE],
  ["a bomb in a bomb", encoded("gzip, gzip", gzipSync(bomb)), UNSUPPORTED_MEDIA, TOO_LARGE],
  ["gzip that is not", encoded("gzip", Buffer.from("{}")), MALFORMED],
  ["gzip cut off", encoded("gzip", small.subarray(0, -9)), MALFORMED],
  ["more after the gzip", encoded("gzip", Buffer.concat([small, Buffer.from("x")])), MALFORMED],
  ["br that is not", encoded("br", Buffer.from("{}")), MALFORMED],
  ["an unknown compression", encoded("compress", Buffer.from("{}")), UNSUPPORTED_MEDIA],
  ["a body of no type", withBody(headers({ "content-type": undefined })), UNSUPPORTED_MEDIA],
  ["a body where none is bound", withoutBody(body(Buffer.from("{}"))), MALFORMED],
  ["a body above the limit where none is bound", withoutBody(body(tooLong)), MALFORMED, TOO_LARGE],
  ["a bomb where no body is bound", withoutBody(body(bomb, { "content-encoding": "gzip" })), MALFORMED, TOO_LARGE],
];

const GRPC_TIMEOUTS = ["", "1", "S", "-1S", "1.5S", "1s", "999999999S", "1S, 2S", "0x1S"].map(
  (value): Input => [`grpc-timeout "${value}"`, headers({ "grpc-timeout": value }), MALFORMED],
);
const REQUEST_TIMEOUTS = ["", "soon", "-1", "1e3", "Infinity", "NaN", "1 2"].map(
  (value): Input => [`request-timeout "${value}"`, headers({ "request-timeout": value }), MALFORMED],
);
const NO_TIME = ["0n", "0m", "0S"].map(
  (value): Input => [`grpc-timeout "${value}"`, headers({ "grpc-timeout": value }), LATE],
);

/** Where the method has a request_id that is not given by other means. */
const idempotencyKey: Spoil = (cell) => {
  const { method, request } = cell;
  const given = request.target + Buffer.from(request.body ?? "").toString();
  const isOpen = method.input.fields.some(({ name }) => name === "request_id") && !given.includes("requestId");
  return isOpen ? headers({ "idempotency-key": "not a UUID" })(cell) : undefined;
};

const HEADERS: Input[] = [
  ...GRPC_TIMEOUTS,
  ...REQUEST_TIMEOUTS,
  ...NO_TIME,
  ['request-timeout "0"', headers({ "request-timeout": "0" }), LATE],
  ["an idempotency key that is no UUID", idempotencyKey, INVALID],
];

/** What is wrong with HTTP's method, headers and body, in REST. */
export const REST_INPUTS: readonly HostileInput[] = [
  ...METHODS,
  ...MEDIA_TYPES,
  ...ACCEPTED,
  ...BODIES,
  ...HEADERS,
].map(([name, spoil, ...verdicts]) => ({ name: `REST: ${name}`, spoil, expected: { rest: verdicts } }));
