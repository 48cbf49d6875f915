import { create, type JsonObject, type Registry } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { ErrorInfoSchema } from "../../../gen/google/rpc/error_details_pb.ts";
import { Refusal, type RefusalKind } from "../refusal.ts";
import { toAnswerHeaders } from "../request/call-metadata.ts";
import { detailToJson } from "./error-detail.ts";
import { jsonReply, type Reply } from "./render.ts";
import { statusOf } from "./status.ts";

/** The `reason` and `domain` of the ErrorInfo in an error that the library makes itself. */
export type ErrorInfoSource = (kind: RefusalKind) => { readonly reason: string; readonly domain: string };

/** `MALFORMED_REQUEST`, … of the domain `transcode`. */
export function defaultErrorInfo(kind: RefusalKind): ReturnType<ErrorInfoSource> {
  return { reason: kind.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase(), domain: "transcode" };
}

/**
 * Turns what was thrown into `{"error": {"code", "status", "message", "details"}}` under the HTTP status of its code.
 * What is neither a Refusal nor an error of a call becomes "internal error", without anything of its own.
 */
export function renderError(error: unknown, registry: Registry, errorInfo: ErrorInfoSource): Reply {
  if (error instanceof ConnectError && !isWrapped(error)) return renderCallError(error, registry);
  const refusal = error instanceof Refusal ? error : new Refusal("internal", "internal error");
  const info = { desc: ErrorInfoSchema, value: create(ErrorInfoSchema, errorInfo(refusal.kind)) };
  const details = [detailToJson(info, registry)];
  return errorReply(refusal.status, refusal.code, refusal.message, details, Object.entries(refusal.headers));
}

/** Whether an error belongs in a log: neither the caller's fault nor a state that clients are told to expect. */
export function isUnexpected(error: unknown): boolean {
  if (error instanceof ConnectError) return [Code.Unknown, Code.Internal, Code.DataLoss].includes(error.code);
  return !(error instanceof Refusal);
}

/** Connect makes UNKNOWN of anything that is thrown, with its message, which was never meant for the caller. */
function isWrapped(error: ConnectError): boolean {
  return error.code === Code.Unknown && error.cause !== undefined;
}

function renderCallError(error: ConnectError, registry: Registry): Reply {
  const headers = toAnswerHeaders(error.metadata);
  if (error.code === Code.Unauthenticated && !error.metadata.has("www-authenticate")) {
    headers.push(["www-authenticate", "Bearer"]);
  }
  const details = error.details.map((detail) => detailToJson(detail, registry));
  return errorReply(statusOf(error.code).http, error.code, error.rawMessage, details, headers);
}

function errorReply(
  status: number,
  code: Code,
  message: string,
  details: JsonObject[],
  headers: Reply["headers"],
): Reply {
  return jsonReply(status, code, headers, { error: { code: status, status: statusOf(code).name, message, details } });
}
