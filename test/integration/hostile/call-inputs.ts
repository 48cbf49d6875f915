import {
  by,
  CONNECT_WAYS,
  type HostileInput,
  HTTP_WAYS,
  headers,
  LATE,
  MALFORMED,
  type Spoil,
  TOO_LARGE,
  target,
  UNKNOWN_PATH,
  WEB_WAYS,
} from "./hostile-input.ts";
import { REQUEST_MAX_BYTES } from "./scene.ts";
import { envelopeOf, WAYS } from "./wire-request.ts";

const MISSING = "Unauthenticated CREDENTIAL_MISSING";
const UNSUPPORTED = ["HTTP 415", "InvalidArgument UNSUPPORTED_MEDIA_TYPE"];
const BAD_KEY = "Unauthenticated CREDENTIAL_INVALID";
/** Connect's own refusal of a header or path of its protocol. */
const OWN_INVALID = "InvalidArgument -";

const credential = (name: string, authorization: string | undefined, verdict = BAD_KEY): HostileInput => ({
  name: `credential: ${name}`,
  spoil: headers({ authorization }),
  expected: by(WAYS, verdict),
});

/** What HTTP/2 or gRPC do not take for a header's value, so that it is as if there were none. */
const unsendable = (name: string, authorization: string): HostileInput => ({
  ...credential(name, authorization),
  expected: { grpc: [MISSING, BAD_KEY], ...by(HTTP_WAYS, BAD_KEY) },
});

/** Both the right credential and another, in either order; what a proxy has checked may be the other one. */
const twoCredentials = (name: string, order: (right: string) => string[]): HostileInput => ({
  name: `credential: ${name}`,
  spoil: (cell) => headers({ authorization: order(`Bearer ${cell.key}`) })(cell),
  expected: by(HTTP_WAYS, BAD_KEY),
});

const CREDENTIALS: HostileInput[] = [
  credential("none", undefined, MISSING),
  credential("unknown", "Bearer parley_unknown"),
  credential("empty", ""),
  credential("a scheme alone", "Bearer"),
  unsendable("a scheme and spaces", "Bearer   "),
  credential("another scheme", "Basic YWRtaW46YWRtaW4="),
  credential("two keys in one", "Bearer parley_a parley_b"),
  credential("two in a list", "Bearer parley_a, Bearer parley_b"),
  credential("8,000 characters", `Bearer ${"k".repeat(8_000)}`),
  unsendable("not ASCII", "Bearer cl\u00e9"),
  credential("the words of SQL", "Bearer ' OR 1=1 --"),
  twoCredentials("a second after the right one", (right) => [right, "Bearer parley_unknown"]),
  twoCredentials("a second before the right one", (right) => ["Bearer parley_unknown", right]),
];

const grpcTimeout = (value: string): HostileInput => ({
  name: `deadline: grpc-timeout "${value}"`,
  spoil: headers({ "grpc-timeout": value }),
  expected: { grpc: [MALFORMED], "grpc-web": [MALFORMED, OWN_INVALID] },
});

/** grpc-js takes the first number and unit that it finds in the value. */
const laxTimeout = (value: string): HostileInput => ({
  ...grpcTimeout(value),
  expected: { "grpc-web": [MALFORMED, OWN_INVALID] },
});

const noTime = (value: string): HostileInput => ({
  name: `deadline: grpc-timeout "${value}"`,
  spoil: headers({ "grpc-timeout": value }),
  expected: by(["grpc", "grpc-web"], LATE),
});

const connectTimeout = (value: string, ...verdicts: string[]): HostileInput => ({
  name: `deadline: connect-timeout-ms "${value}"`,
  spoil: headers({ "connect-timeout-ms": value }),
  expected: by(CONNECT_WAYS, ...verdicts),
});

const DEADLINES: HostileInput[] = [
  ...["0n", "0m", "0S"].map(noTime),
  ...["", "1", "S", "1s", "soon"].map(grpcTimeout),
  ...["-1S", "1.5S", "999999999S", "1S2"].map(laxTimeout),
  connectTimeout("0", LATE),
  ...["", "-1", "1.5", "1e3", "soon", "12345678901", "0x10"].map((value) =>
    connectTimeout(value, MALFORMED, OWN_INVALID),
  ),
];

const row = (name: string, spoil: Spoil, expected: HostileInput["expected"]): HostileInput => ({
  name,
  spoil,
  expected,
});

const put: Spoil = ({ request }) => ({ ...request, httpMethod: "PUT" });

/** A GET of what Connect serves by POST alone. */
const get: Spoil = ({ method, request }) =>
  method.idempotency === 1 ? undefined : { ...request, httpMethod: "GET", body: undefined };

const PROTOCOL: HostileInput[] = [
  row(
    "a method that there is not",
    target((path) => `${path}Nope`),
    {
      ...by(["grpc"], "Unimplemented METHOD_NOT_FOUND", "Unimplemented -"),
      ...by(WEB_WAYS, UNKNOWN_PATH, "Unimplemented METHOD_NOT_FOUND"),
    },
  ),
  row(
    "a service that there is not",
    target((path) => path.replace("v1", "v2")),
    {
      ...by(["grpc"], "Unimplemented METHOD_NOT_FOUND", "Unimplemented -"),
      ...by(WEB_WAYS, UNKNOWN_PATH, "Unimplemented METHOD_NOT_FOUND"),
    },
  ),
  row("PUT", put, by(WEB_WAYS, "HTTP 405", "Unimplemented METHOD_NOT_ALLOWED")),
  row("GET of what is not a read", get, by(CONNECT_WAYS, "HTTP 405", "Unimplemented METHOD_NOT_ALLOWED")),
  ...["text/plain", "application/xml", "application/connect+json", "nonsense"].map((type) =>
    row(`content-type ${type}`, headers({ "content-type": type }), by(["grpc", ...WEB_WAYS], ...UNSUPPORTED)),
  ),
  row(
    "content-type of text in gRPC-Web",
    headers({ "content-type": "application/grpc-web-text" }),
    by(WEB_WAYS, ...UNSUPPORTED),
  ),
];

const tooLong = Buffer.alloc(REQUEST_MAX_BYTES + 1, " ");

const SIZES: HostileInput[] = [
  row(
    "a body above the limit",
    ({ way, request }) => ({ ...request, body: way.includes("grpc") ? envelopeOf(tooLong) : tooLong }),
    {
      grpc: [TOO_LARGE],
      ...by(WEB_WAYS, TOO_LARGE, "ResourceExhausted -"),
    },
  ),
  row(
    "a body above the limit in chunks",
    ({ way, request }) => ({
      ...request,
      headers: { ...request.headers, "transfer-encoding": "chunked" },
      body: way === "grpc-web" ? envelopeOf(tooLong) : tooLong,
    }),
    by(WEB_WAYS, TOO_LARGE, "ResourceExhausted -"),
  ),
];

/** What is wrong with a call whatever its message: credential, deadline, path, type, size. */
export const CALL_INPUTS: readonly HostileInput[] = [...CREDENTIALS, ...DEADLINES, ...PROTOCOL, ...SIZES];
