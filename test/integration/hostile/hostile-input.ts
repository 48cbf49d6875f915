import { type DescMethodUnary, type JsonObject, type Message, toBinary, toJson } from "@bufbuild/protobuf";
import { envelopeOf, requestOfBytes, requestOfJson, type Way, type WireRequest } from "./wire-request.ts";

/** A request that would succeed, and what it was made of. */
export type Cell = { way: Way; method: DescMethodUnary; message: Message; key: string; request: WireRequest };

/** Makes a good request a bad one; undefined where the method has nothing to spoil. */
export type Spoil = (cell: Cell) => WireRequest | undefined;

/** `Code REASON`, or `Code -` and `HTTP 415` where there is no ErrorInfo, or a status alone. */
export type Verdict = string;

/** One kind of bad input. */
export type HostileInput = {
  name: string;
  spoil: Spoil;
  /** What each way may answer. A way that is missing has no such input. */
  expected: Partial<Record<Way, readonly Verdict[]>>;
};

export const JSON_WAYS = ["connect+json", "rest"] as const;
export const HTTP_WAYS = ["connect+proto", "connect+json", "grpc-web", "rest"] as const;
export const WEB_WAYS = ["connect+proto", "connect+json", "grpc-web"] as const;
export const PROTO_WAYS = ["grpc", "connect+proto", "grpc-web"] as const;
export const ENVELOPE_WAYS = ["grpc", "grpc-web"] as const;
export const CONNECT_WAYS = ["connect+proto", "connect+json"] as const;

export const MALFORMED = "InvalidArgument MALFORMED_REQUEST";
export const INVALID = "InvalidArgument FIELD_INVALID";
export const TOO_LARGE = "ResourceExhausted REQUEST_TOO_LARGE";
export const LATE = "DeadlineExceeded DEADLINE_EXCEEDED";
export const UNKNOWN_PATH = "NotFound METHOD_NOT_FOUND";

export const UNSUPPORTED_MEDIA = "InvalidArgument UNSUPPORTED_MEDIA_TYPE";
export const NOT_ALLOWED = "Unimplemented METHOD_NOT_ALLOWED";
export const NO_METHOD = "Unimplemented METHOD_NOT_FOUND";
/** Of a compression that is not known, or of messages that are more or fewer than one. */
export const NOT_IMPLEMENTED = "Unimplemented MALFORMED_REQUEST";

/** The same answer by each of these ways. */
export function by(ways: readonly Way[], ...verdicts: Verdict[]): HostileInput["expected"] {
  return Object.fromEntries(ways.map((way) => [way, verdicts]));
}

/** Changes the JSON of the request message; in REST that decides its path, query and body. */
export function json(change: (json: JsonObject, method: DescMethodUnary) => JsonObject | undefined): Spoil {
  return ({ way, method, message, key }) => {
    const changed = change(toJson(method.input, message) as JsonObject, method);
    return changed && requestOfJson(way, method, changed, key);
  };
}

/** Changes the text of a JSON body. Where REST has none it is given `{}`, which is refused as well. */
export function text(change: (text: string) => string | Uint8Array | undefined): Spoil {
  return ({ request }) => {
    const changed = change(Buffer.from(request.body ?? "{}").toString());
    if (changed === undefined) return undefined;
    const headers = { ...request.headers, "content-type": "application/json" };
    return { ...request, headers, body: Buffer.from(changed as string) };
  };
}

/** Changes the bytes of a Protobuf message, whose envelope then fits them. */
export function bytes(change: (bytes: Uint8Array) => Uint8Array): Spoil {
  return ({ way, method, message, key }) => requestOfBytes(way, method, change(toBinary(method.input, message)), key);
}

/** Replaces the whole body of a request in envelopes, made from its message. */
export function envelopes(change: (message: Uint8Array, envelope: Buffer) => Uint8Array): Spoil {
  return ({ method, message, request }) => {
    const plain = toBinary(method.input, message);
    return { ...request, body: change(plain, envelopeOf(plain)) };
  };
}

/** Sets headers; takes those away that are undefined. */
export function headers(changed: Record<string, string | string[] | undefined>): Spoil {
  return ({ request }) => {
    const all = Object.entries({ ...request.headers, ...changed });
    const kept = all.filter((entry): entry is [string, string | string[]] => entry[1] !== undefined);
    return { ...request, headers: Object.fromEntries(kept) };
  };
}

/** Changes path and query. */
export function target(change: (target: string) => string | undefined): Spoil {
  return ({ request }) => {
    const changed = change(request.target);
    return changed === undefined ? undefined : { ...request, target: changed };
  };
}
