import type { DescMethod } from "@bufbuild/protobuf";
import { Code } from "@connectrpc/connect";
import type { UniversalHandler, UniversalServerRequest, UniversalServerResponse } from "@connectrpc/connect/protocol";
import type { ErrorInfoSource } from "../transcode/index.ts";
import { jsonAnswer, type WholeAnswer } from "./error-answer.ts";
import { edgeError } from "./refusal.ts";

/** A refusal that Connect leaves without a body: an HTTP method, content type or HTTP version that it does not take. */
export type BareRefusal = { answer: WholeAnswer; code: Code };

/** Keeps connect's status and adds an error in Connect's JSON, and the header that tells what is taken instead. */
export function describeBare(
  response: UniversalServerResponse,
  request: UniversalServerRequest,
  handler: UniversalHandler,
  errorInfo: ErrorInfoSource,
): BareRefusal {
  const error = bareError(response.status, request, handler, errorInfo);
  const answer = jsonAnswer(error, response.status);
  for (const [name, value] of response.header ?? []) answer.header.set(name, value);
  return { answer, code: error.code };
}

function bareError(
  status: number,
  { method, header, url }: UniversalServerRequest,
  handler: UniversalHandler,
  errorInfo: ErrorInfoSource,
) {
  switch (status) {
    case 405: {
      const allow = handler.allowedMethods.filter(isDistinct).join(", ");
      const message = `this method takes no ${method}; use ${allow}`;
      return edgeError(errorInfo, "methodNotAllowed", Code.Unimplemented, message, { allow });
    }
    case 415: {
      if (method === "GET") {
        const encoding = new URL(url).searchParams.get("encoding")?.slice(0, MAX_QUOTE) ?? "";
        const message = `query parameter "encoding": "${encoding}" is not json or proto`;
        return edgeError(errorInfo, "malformedRequest", Code.InvalidArgument, message);
      }
      return mediaTypeError(errorInfo, header.get("content-type") ?? undefined, handler.method);
    }
    default: {
      const message = "messages both ways take HTTP/2; use it, or gRPC";
      return edgeError(errorInfo, "malformedRequest", Code.Unimplemented, message);
    }
  }
}

/** INVALID_ARGUMENT for a body of a type that the method, or any where it is not known, does not take. */
export function mediaTypeError(errorInfo: ErrorInfoSource, contentType: string | undefined, method?: DescMethod) {
  const types = typesOf(method).join(", ");
  const given = contentType === undefined ? "no content type" : `content type "${contentType.slice(0, MAX_QUOTE)}"`;
  const message = `${given} is not taken here; send one of ${types}`;
  return edgeError(errorInfo, "unsupportedMediaType", Code.InvalidArgument, message, { "accept-post": types });
}

const UNARY_TYPES = ["application/json", "application/proto"];
const STREAM_TYPES = ["application/connect+json", "application/connect+proto"];
const GRPC_WEB_TYPES = ["application/grpc-web+proto", "application/grpc-web+json"];

function typesOf(method: DescMethod | undefined): string[] {
  if (method === undefined) return [...UNARY_TYPES, ...STREAM_TYPES, ...GRPC_WEB_TYPES];
  return [...(method.methodKind === "unary" ? UNARY_TYPES : STREAM_TYPES), ...GRPC_WEB_TYPES];
}

/** UTF-16 units of a request that a message quotes. */
const MAX_QUOTE = 100;

function isDistinct(name: string, index: number, names: readonly string[]): boolean {
  return names.indexOf(name) === index;
}
