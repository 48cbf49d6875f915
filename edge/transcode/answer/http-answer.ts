import { createRegistry, type DescService, type Registry } from "@bufbuild/protobuf";
import type { Code, ConnectError } from "@connectrpc/connect";
import type { FastifyReply, FastifyRequest, FastifyServerOptions } from "fastify";
import { file_google_rpc_error_details } from "../../../gen/google/rpc/error_details_pb.ts";
import { malformed, Refusal, type RefusalKind } from "../refusal.ts";
import type { MetadataOptions } from "../request/call-metadata.ts";
import { isRead } from "../request/if-match.ts";
import { compress, isWorthwhile } from "./compression.ts";
import { defaultErrorInfo, type ErrorInfoSource, type ErrorReply, isUnexpected, renderError } from "./error-reply.ts";
import type { Reply } from "./render.ts";

/** How answers leave the library. */
export type AnswerOptions = MetadataOptions & {
  /** Types of error details and of google.protobuf.Any, beside google.rpc's and those of the services' files. */
  readonly registry?: Registry;
  /** The ErrorInfo of the library's own errors. Default: `MALFORMED_REQUEST`, … of the domain `transcode`. */
  readonly errorInfo?: ErrorInfoSource;
  /** Told of errors that no caller caused, with their cause: for the log. */
  readonly onError?: (error: unknown, request: FastifyRequest) => void;
  /**
   * Told of each answer before it is sent, and again where a stream fails later; `code` is undefined where it goes well,
   * and `reason`, which is that of an error's ErrorInfo. `error` is that of the call, where it is one.
   */
  readonly onAnswer?: (
    reply: FastifyReply,
    code: Code | undefined,
    reason: string | undefined,
    error: ConnectError | undefined,
  ) => void;
};

/**
 * Answers what Fastify refuses before any route, such as a path that is not percent-encoded UTF-8, in the library's
 * shape: `Fastify({ frameworkErrors: frameworkErrors(options) })`.
 */
export function frameworkErrors(options: AnswerOptions): NonNullable<FastifyServerOptions["frameworkErrors"]> {
  const registry = createDetailRegistry(options, []);
  return (error, request, reply) => {
    sendError(toRefusal(error), request as FastifyRequest, reply as unknown as FastifyReply, options, registry);
  };
}

/** The types that an answer's Any and an error's details can have. */
export function createDetailRegistry({ registry }: AnswerOptions, services: readonly DescService[]): Registry {
  const files = services.map((service) => service.file);
  return createRegistry(...files, file_google_rpc_error_details, ...(registry === undefined ? [] : [registry]));
}

const kinds = new Map<unknown, RefusalKind>([
  [400, "malformedRequest"],
  [404, "noSuchPath"],
  [413, "requestTooLarge"],
  [414, "malformedRequest"],
  [415, "unsupportedMediaType"],
]);

/** What Fastify itself refuses comes with an HTTP status; any other error is returned as it is. */
export function toRefusal(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { statusCode, code } = error as { statusCode?: unknown; code?: unknown };
  if (code === "FST_ERR_BAD_URL") return malformed("the path is not percent-encoded UTF-8; send a percent sign as %25");
  const kind = kinds.get(statusCode);
  return kind === undefined ? error : new Refusal(kind, error.message);
}

/** Turns an error into an answer, after the host has been told of it where it is unexpected. */
export function toErrorReply(
  error: unknown,
  request: FastifyRequest,
  options: AnswerOptions,
  registry: Registry,
): ErrorReply {
  if (isUnexpected(error)) options.onError?.(error, request);
  const { errorInfo = defaultErrorInfo, returnedHeaders } = options;
  const conditional = (request.headers["if-match"] ?? "*") !== "*";
  return renderError(error, { registry, errorInfo, returnedHeaders, conditional });
}

/** Answers an error. */
export function sendError(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  options: AnswerOptions,
  registry: Registry,
): Promise<FastifyReply> {
  return send(request, reply, options, toErrorReply(error, request, options, registry));
}

/**
 * Answers. The answer carries the request's id, unless the call or the host has given it one. What is read is its
 * caller's, and asked for anew each time, unless the call says how it may be kept.
 */
export async function send(
  request: FastifyRequest,
  reply: FastifyReply,
  options: AnswerOptions,
  { status, code, reason, error, headers, body }: Reply,
): Promise<FastifyReply> {
  options.onAnswer?.(reply, code, reason, error);
  reply.code(status);
  for (const [name, value] of headers) reply.header(name, value);
  if (isRead(request.method) && !reply.hasHeader("cache-control")) {
    reply.header("cache-control", "private, no-cache");
    addVary(reply, "Authorization");
  }
  const requestId = request.headers[REQUEST_ID];
  if (requestId !== undefined && !reply.hasHeader(REQUEST_ID)) reply.header(REQUEST_ID, requestId);
  // Of what has no body, Fastify would tell a type and a length.
  if (status === 204 || status === 304) return reply.send();
  const contentType = String(reply.getHeader("content-type"));
  if (!isWorthwhile(body, contentType)) return reply.send(body);
  const coded = await compress(body, request.headers["accept-encoding"]);
  if (coded.coding !== "identity") reply.header("content-encoding", coded.coding);
  addVary(reply, "Accept-Encoding");
  return reply.send(coded.body);
}

function addVary(reply: FastifyReply, name: string): void {
  reply.header("vary", [reply.getHeader("vary") ?? [], name].flat().join(", "));
}

const REQUEST_ID = "x-request-id";
