import { Code, ConnectError } from "@connectrpc/connect";
import {
  codeFromHttpStatus,
  codeFromString,
  codeToHttpStatus,
  errorFromJson,
} from "@connectrpc/connect/protocol-connect";
import { findTrailerError } from "@connectrpc/connect/protocol-grpc";
import { trailerFlag, trailerParse } from "@connectrpc/connect/protocol-grpc-web";
import { type Failure, failureFrom } from "../../failure.ts";
import { type RawAnswer, restErrorOf } from "../../rest-transport.ts";
import type { Way } from "./wire-request.ts";

/** What came back: success, a failure in a protocol's words, or a refusal that only an HTTP status tells. */
export type Outcome =
  | { kind: "ok"; status: number }
  | ({ kind: "failure"; status: number; headers: Headers; form: Way } & Failure)
  | { kind: "status"; status: number; headers: Headers; body: string };

const ENVELOPE_HEAD = 5;

/** Reads an answer as a client of the way does. gRPC's trailers are among its headers. */
export function readOutcome(way: Way, answer: RawAnswer): Outcome {
  const error = errorIn(way, answer);
  const { status, headers, body } = answer;
  if (error === "none") return { kind: "ok", status };
  if (error === "untold") return { kind: "status", status, headers, body: body.toString() };
  return { kind: "failure", status, headers, form: formOf(way, answer), ...failureFrom(error) };
}

/** `untold` where nothing but the HTTP status says that it failed. */
function errorIn(way: Way, answer: RawAnswer): ConnectError | "none" | "untold" {
  const { headers, body, status } = answer;
  const type = headers.get("content-type") ?? "";
  if (way === "grpc") return type.startsWith("application/grpc") ? orNone(findTrailerError(headers)) : "untold";
  if (way === "grpc-web" && type.startsWith("application/grpc-web")) {
    return orNone(findTrailerError(headers) ?? findTrailerError(trailersIn(body)));
  }
  if (way !== "grpc-web" && status >= 200 && status < 300) return "none";
  return jsonErrorIn(answer) ?? "untold";
}

/** A path of REST may be asked for in Connect's way, and the other way round. */
function formOf(way: Way, { headers, body }: RawAnswer): Way {
  if (!headers.get("content-type")?.startsWith("application/json")) return way;
  return body.includes('"error":') ? "rest" : "connect+json";
}

function orNone(error: ConnectError | undefined): ConnectError | "none" {
  return error ?? "none";
}

function trailersIn(body: Buffer): Headers {
  for (let at = 0; at < body.length; ) {
    const start = at + ENVELOPE_HEAD;
    const end = start + body.readUInt32BE(at + 1);
    if (body[at] === trailerFlag) return trailerParse(body.subarray(start, end));
    at = end;
  }
  throw new Error("an answer of gRPC-Web has no trailers");
}

/** An error as REST or as Connect has it; a path that no protocol has is answered by REST. */
function jsonErrorIn(answer: RawAnswer): ConnectError | undefined {
  const isJson = answer.headers.get("content-type")?.startsWith("application/json") && answer.body.length > 0;
  if (!isJson) return undefined;
  const json = JSON.parse(answer.body.toString()) as { code?: unknown; error?: { status?: unknown } };
  if (json.error?.status !== undefined) return restErrorOf(answer);
  if (codeFromString(json.code as string) === undefined) return undefined;
  const fallback = new ConnectError("no code", codeFromHttpStatus(answer.status));
  return errorFromJson(json as never, answer.headers, fallback);
}

/** The HTTP statuses of what a code says too little of. */
const STATUSES_OF_REASON: Readonly<Record<string, readonly number[]>> = {
  // By If-Match, or by the request's own etag.
  ETAG_MISMATCH: [412, 409],
  METHOD_NOT_ALLOWED: [405],
  METHOD_NOT_FOUND: [404],
  NOT_ACCEPTABLE: [406],
  // The body, or the headers.
  REQUEST_TOO_LARGE: [413, 431],
  UNSUPPORTED_MEDIA_TYPE: [415],
};

/** By which Connect refuses what is no call of it, whatever is said besides. */
const OWN_STATUSES = [404, 405, 415];

/** Whether a failure in a way's form has the HTTP status that it has to have. */
export function hasProperStatus(
  form: Way,
  status: number,
  { code, reason = "" }: Pick<Failure, "code" | "reason">,
): boolean {
  if (form === "grpc" || form === "grpc-web") return status === 200;
  const ofCode = codeToHttpStatus(Code[code as keyof typeof Code]);
  if (form === "rest") return (STATUSES_OF_REASON[reason] ?? [ofCode]).includes(status);
  const isOwn = OWN_STATUSES.includes(status) && ["InvalidArgument", "Unimplemented"].includes(code);
  return status === ofCode || isOwn;
}
