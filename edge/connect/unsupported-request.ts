import type { DescMethod } from "@bufbuild/protobuf";
import { Code, type ConnectError } from "@connectrpc/connect";
import type { UniversalHandler, UniversalServerRequest, UniversalServerResponse } from "@connectrpc/connect/protocol";
import { type ErrorInfoSource, quote, Refusal } from "../transcode/index.ts";
import { edgeError } from "./edge-error.ts";
import { jsonAnswer, type WholeAnswer } from "./error-encoding.ts";

/** The answer to a request by an HTTP method, content type or HTTP version that its method does not take. */
export type UnsupportedAnswer = { answer: WholeAnswer; error: ConnectError };

/**
 * Gives a body to connect's answer, which has none: an error in Connect's JSON. The status stays, and a header tells
 * what is taken instead.
 */
export function describeUnsupported(
  response: UniversalServerResponse,
  request: UniversalServerRequest,
  handler: UniversalHandler,
  errorInfo: ErrorInfoSource,
): UnsupportedAnswer {
  const error = unsupportedError(response.status, request, handler, errorInfo);
  const answer = jsonAnswer(error, response.status);
  for (const [name, value] of response.header ?? []) answer.header.set(name, value);
  return { answer, error };
}

function unsupportedError(
  status: number,
  { method, header, url }: UniversalServerRequest,
  handler: UniversalHandler,
  errorInfo: ErrorInfoSource,
): ConnectError {
  switch (status) {
    case 405: {
      const allow = [...new Set(handler.allowedMethods)].join(", ");
      const message = `this method takes no ${method}; use ${allow}`;
      return edgeError(errorInfo, new Refusal("methodNotAllowed", message, { allow }));
    }
    case 415: {
      if (method !== "GET") {
        return edgeError(errorInfo, mediaTypeRefusal(header.get("content-type") ?? undefined, handler.method));
      }
      const encoding = quote(new URL(url).searchParams.get("encoding") ?? "");
      const message = `query parameter "encoding": ${encoding} is not json or proto; send one of them`;
      return edgeError(errorInfo, new Refusal("malformedRequest", message));
    }
    default: {
      const message = "messages both ways take HTTP/2; use it, or gRPC";
      return edgeError(errorInfo, new Refusal("malformedRequest", message), Code.Unimplemented);
    }
  }
}

/** A body is of a type that its method, or any where it is not known, does not take. */
export function mediaTypeRefusal(contentType: string | undefined, method?: DescMethod): Refusal {
  const types = typesOf(method).join(", ");
  const given = contentType === undefined ? "no content type" : `content type ${quote(contentType)}`;
  const message = `${given} is not taken here; send one of ${types}`;
  return new Refusal("unsupportedMediaType", message, { "accept-post": types });
}

const UNARY_TYPES = ["application/json", "application/proto"];
const STREAM_TYPES = ["application/connect+json", "application/connect+proto"];
const GRPC_WEB_TYPES = ["application/grpc-web+proto", "application/grpc-web+json"];

function typesOf(method: DescMethod | undefined): string[] {
  if (method === undefined) return [...UNARY_TYPES, ...STREAM_TYPES, ...GRPC_WEB_TYPES];
  return [...(method.methodKind === "unary" ? UNARY_TYPES : STREAM_TYPES), ...GRPC_WEB_TYPES];
}
