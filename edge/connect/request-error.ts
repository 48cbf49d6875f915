import type { DescMethod } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import type { UniversalServerRequest } from "@connectrpc/connect/protocol";
import { callerGone, type ErrorInfoSource, isConnectionError, quote, Refusal } from "../transcode/index.ts";
import { edgeError, internalError } from "./edge-error.ts";
import { readTimeout } from "./timeout-header.ts";

export type RequestErrorOptions = {
  readonly errorInfo: ErrorInfoSource;
  /** What connect reads at most, to be told to the caller. */
  readonly maxRequestBytes: number;
  /** Told of errors that no caller caused and no answer tells of. */
  readonly onError: (error: unknown) => void;
};

/** Turns what was thrown while a request was read into what its caller is told. */
export type ToRequestError = (thrown: unknown) => ConnectError;

/**
 * What connect throws where it cannot read a request is the request's fault, although connect calls much of it
 * INTERNAL, without an ErrorInfo. Here its size is RESOURCE_EXHAUSTED, a compression or a number of messages is
 * UNIMPLEMENTED, and all else is INVALID_ARGUMENT.
 *
 * What ends the connection is CANCELLED. Anything else that is not connect's own is a fault, of which `onError` is told.
 */
export function createRequestErrors(
  request: UniversalServerRequest,
  method: DescMethod,
  { errorInfo, maxRequestBytes, onError }: RequestErrorOptions,
): ToRequestError {
  const fault = (thrown: unknown) => {
    if (request.signal.aborted || isConnectionError(thrown)) return callerGone();
    onError(thrown);
    return internalError(errorInfo);
  };
  return (thrown) => {
    if (!(thrown instanceof ConnectError)) return fault(thrown);
    if (isHidden(thrown) && request.method !== "GET")
      return fault(new Error(`a request of ${method.parent.typeName}.${method.name} cannot be read`));
    switch (thrown.code) {
      case Code.ResourceExhausted: {
        const message = `the request has a message of more than ${maxRequestBytes} bytes; send less`;
        return edgeError(errorInfo, new Refusal("requestTooLarge", message));
      }
      case Code.Unimplemented: {
        const refusal = new Refusal("malformedRequest", reasonOf(thrown), acceptedEncodings(thrown));
        return edgeError(errorInfo, refusal, thrown.code);
      }
      default: {
        const message = describeTimeout(request) ?? describeBody(request, method, thrown);
        return edgeError(errorInfo, new Refusal("malformedRequest", message));
      }
    }
  };
}

/** What connect's answer to a unary call says of an error that is not connect's own. The error itself is lost. */
function isHidden({ code, rawMessage }: ConnectError): boolean {
  return code === Code.Internal && rawMessage === "internal error";
}

function describeTimeout({ header }: UniversalServerRequest): string | undefined {
  const timeout = readTimeout(header);
  if (timeout === undefined || timeout.timeoutMs !== undefined) return undefined;
  return `header "${timeout.name}": ${quote(timeout.value)} is not a timeout; send ${timeout.form}`;
}

function describeBody(request: UniversalServerRequest, method: DescMethod, error: ConnectError): string {
  const problem = `the request is not a valid ${method.input.typeName} in ${isJson(request) ? "JSON" : "Protobuf"}`;
  return `${problem}: ${isHidden(error) ? 'query parameter "message" is not base64' : reasonOf(error)}`;
}

function isJson({ method, header, url }: UniversalServerRequest): boolean {
  const named = method === "GET" ? new URL(url).searchParams.get("encoding") : header.get("content-type");
  return named?.toLowerCase().includes("json") ?? false;
}

/** What connect says, without its words for what kind of error it is. */
function reasonOf({ rawMessage }: ConnectError): string {
  return rawMessage.replace(/^(?:protocol error|parse binary): /, "");
}

/** Where a compression is not known, the protocols want those that are. */
function acceptedEncodings({ metadata }: ConnectError): Record<string, string> {
  return Object.fromEntries([...metadata].filter(([name]) => name.endsWith("accept-encoding")));
}
