import { MethodOptions_IdempotencyLevel } from "@bufbuild/protobuf/wkt";
import { accessOf } from "../../../services/auth/access-policy.ts";
import {
  by,
  CONNECT_WAYS,
  ENVELOPE_WAYS,
  type HostileInput,
  HTTP_WAYS,
  headers,
  LATE,
  MALFORMED,
  NO_METHOD,
  NOT_ALLOWED,
  type Spoil,
  TOO_LARGE,
  target,
  UNKNOWN_PATH,
  UNSUPPORTED_MEDIA,
  WEB_WAYS,
} from "./hostile-input.ts";
import { REQUEST_MAX_BYTES } from "./scene.ts";
import { envelopeOf, WAYS } from "./wire-request.ts";

const MISSING = "Unauthenticated CREDENTIAL_MISSING";
const BAD_KEY = "Unauthenticated CREDENTIAL_INVALID";

/** Where a credential is looked at. */
const authorized =
  (spoil: Spoil): Spoil =>
  (cell) =>
    accessOf(cell.method) === "public" ? undefined : spoil(cell);

const credential = (name: string, authorization: string | undefined, verdict = BAD_KEY): HostileInput => ({
  name: `credential: ${name}`,
  spoil: authorized(headers({ authorization })),
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
  spoil: authorized((cell) => headers({ authorization: order(`Bearer ${cell.key}`) })(cell)),
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
  expected: by(ENVELOPE_WAYS, MALFORMED),
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
  ...["", "1", "S", "1s", "soon", "-1S", "1.5S", "999999999S", "1S2"].map(grpcTimeout),
  connectTimeout("0", LATE),
  ...["", "-1", "1.5", "1e3", "soon", "12345678901", "0x10"].map((value) => connectTimeout(value, MALFORMED)),
];

const row = (name: string, spoil: Spoil, expected: HostileInput["expected"]): HostileInput => ({
  name,
  spoil,
  expected,
});

const put: Spoil = ({ request }) => ({ ...request, httpMethod: "PUT" });

/** A GET of what Connect serves by POST alone. */
const get: Spoil = ({ method, request }) =>
  method.idempotency === MethodOptions_IdempotencyLevel.NO_SIDE_EFFECTS
    ? undefined
    : { ...request, httpMethod: "GET", body: undefined };

const PROTOCOL: HostileInput[] = [
  row(
    "a method that there is not",
    target((path) => `${path}Nope`),
    {
      grpc: [NO_METHOD, "Unimplemented -"],
      ...by(WEB_WAYS, UNKNOWN_PATH, NO_METHOD),
    },
  ),
  row(
    "a service that there is not",
    target((path) => path.replace("v1", "v2")),
    {
      grpc: [NO_METHOD, "Unimplemented -"],
      ...by(WEB_WAYS, UNKNOWN_PATH, NO_METHOD),
    },
  ),
  row("PUT", put, by(WEB_WAYS, NOT_ALLOWED)),
  row("GET of what is not a read", get, by(CONNECT_WAYS, NOT_ALLOWED)),
  ...["text/plain", "application/xml", "application/connect+json", "nonsense"].map((type) =>
    row(`content-type ${type}`, headers({ "content-type": type }), {
      grpc: ["HTTP 415"],
      ...by(WEB_WAYS, UNSUPPORTED_MEDIA),
    }),
  ),
  row(
    "content-type of text in gRPC-Web",
    headers({ "content-type": "application/grpc-web-text" }),
    by(WEB_WAYS, UNSUPPORTED_MEDIA),
  ),
];

const tooLong = Buffer.alloc(REQUEST_MAX_BYTES + 1, " ");

const SIZES: HostileInput[] = [
  row(
    "a body above the limit",
    ({ way, request }) => ({ ...request, body: way.includes("grpc") ? envelopeOf(tooLong) : tooLong }),
    {
      grpc: [TOO_LARGE],
      ...by(WEB_WAYS, TOO_LARGE),
    },
  ),
  row(
    "a body above the limit in chunks",
    ({ way, request }) => ({
      ...request,
      headers: { ...request.headers, "transfer-encoding": "chunked" },
      body: way === "grpc-web" ? envelopeOf(tooLong) : tooLong,
    }),
    by(WEB_WAYS, TOO_LARGE),
  ),
];

/** What is wrong with a call whatever its message: credential, deadline, path, type, size. */
export const CALL_INPUTS: readonly HostileInput[] = [...CREDENTIALS, ...DEADLINES, ...PROTOCOL, ...SIZES];
