import { create, type Registry } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { ErrorInfoSchema } from "../../../gen/google/rpc/error_details_pb.ts";
import { Refusal, type RefusalKind } from "../refusal.ts";
import { type MetadataOptions, toAnswerHeaders } from "../request/call-metadata.ts";
import { errorBody } from "./error-body.ts";
import { jsonReply, type Reply } from "./render.ts";
import { statusOf } from "./status.ts";

/** The `reason` and `domain` of the ErrorInfo in an error that the library makes itself. */
export type ErrorInfoSource = (kind: RefusalKind) => { readonly reason: string; readonly domain: string };

/** `MALFORMED_REQUEST`, … of the domain `transcode`. */
export function defaultErrorInfo(kind: RefusalKind): ReturnType<ErrorInfoSource> {
  return { reason: kind.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase(), domain: "transcode" };
}

/** How errors are answered. */
export type ErrorOptions = MetadataOptions & {
  readonly registry: Registry;
  readonly errorInfo: ErrorInfoSource;
  /** Whether the request had an `If-Match`: what is ABORTED then has failed its condition, and that is 412. */
  readonly conditional: boolean;
};

/**
 * Turns what was thrown into `{"error": {"code", "status", "message", "details"}}` under the HTTP status of its code.
 * What is neither a Refusal nor an error of a call becomes "internal error", without anything of its own.
 */
export function renderError(error: unknown, options: ErrorOptions): ErrorReply {
  if (error instanceof ConnectError && !isWrapped(error)) return renderCallError(error, options);
  const refusal = error instanceof Refusal ? error : new Refusal("internal", "internal error");
  const info = { desc: ErrorInfoSchema, value: create(ErrorInfoSchema, options.errorInfo(refusal.kind)) };
  const { status, code, message, headers } = refusal;
  const body = errorBody(status, code, message, [info], options.registry);
  return { ...errorReply(status, code, Object.entries(headers), body), reason: info.value.reason };
}

/** An answer that is an error. */
export type ErrorReply = Reply & { readonly body: string };

/** Whether an error belongs in a log: neither the caller's fault nor a state that clients are told to expect. */
export function isUnexpected(error: unknown): boolean {
  if (error instanceof ConnectError) return [Code.Unknown, Code.Internal, Code.DataLoss].includes(error.code);
  return !(error instanceof Refusal);
}

/** Connect makes UNKNOWN of anything that is thrown, with its message, which was never meant for the caller. */
function isWrapped(error: ConnectError): boolean {
  return error.code === Code.Unknown && error.cause !== undefined;
}

function renderCallError(error: ConnectError, options: ErrorOptions): ErrorReply {
  const headers = toAnswerHeaders([error.metadata], options);
  if (error.code === Code.Unauthenticated && !error.metadata.has("www-authenticate")) {
    headers.push(["www-authenticate", "Bearer"]);
  }
  const status = options.conditional && error.code === Code.Aborted ? 412 : statusOf(error.code).http;
  const body = errorBody(status, error.code, error.rawMessage, error.details, options.registry);
  return {
    ...errorReply(status, error.code, headers, body),
    reason: error.findDetails(ErrorInfoSchema)[0]?.reason,
    error,
  };
}

function errorReply(status: number, code: Code, headers: Reply["headers"], body: string): ErrorReply {
  return { ...jsonReply(status, code, headers, body), body };
}
