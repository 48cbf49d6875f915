import { create, type DescMethod } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import type { UniversalServerRequest } from "@connectrpc/connect/protocol";
import { ErrorInfoSchema } from "../../gen/google/rpc/error_details_pb.ts";
import type { ErrorInfoSource, RefusalKind } from "../transcode/index.ts";
import { readTimeout } from "./timeout-header.ts";

export type RefusalOptions = {
  readonly errorInfo: ErrorInfoSource;
  /** What connect reads at most, to be told to the caller. */
  readonly maxRequestBytes: number;
};

/** Turns what was thrown while a request was read into what its caller is told. */
export type Refuse = (thrown: unknown) => ConnectError;

/** An error of the edge itself, with an ErrorInfo. */
export function edgeError(
  errorInfo: ErrorInfoSource,
  kind: RefusalKind,
  code: Code,
  message: string,
  metadata?: Record<string, string>,
): ConnectError {
  const info = { desc: ErrorInfoSchema, value: create(ErrorInfoSchema, errorInfo(kind)) };
  return new ConnectError(message, code, metadata, [info]);
}

/**
 * Connect calls INTERNAL much of what it cannot read, and gives no ErrorInfo. Whatever it is, it is the fault of the
 * request: RESOURCE_EXHAUSTED for its size, UNIMPLEMENTED for a compression or a number of messages, else
 * INVALID_ARGUMENT. What is not connect's own comes from the connection: CANCELLED.
 */
export function createRefuse(
  request: UniversalServerRequest,
  method: DescMethod,
  { errorInfo, maxRequestBytes }: RefusalOptions,
): Refuse {
  return (thrown) => {
    if (!(thrown instanceof ConnectError)) return new ConnectError("the caller has gone", Code.Canceled);
    switch (thrown.code) {
      case Code.ResourceExhausted: {
        const message = `the request has a message of more than ${maxRequestBytes} bytes; send less`;
        return edgeError(errorInfo, "requestTooLarge", thrown.code, message);
      }
      case Code.Unimplemented:
        return edgeError(errorInfo, "malformedRequest", thrown.code, reasonOf(thrown), acceptedEncodings(thrown));
      default: {
        const message = describeTimeout(request) ?? describeBody(request, method, thrown);
        return edgeError(errorInfo, "malformedRequest", Code.InvalidArgument, message);
      }
    }
  };
}

function describeTimeout({ header }: UniversalServerRequest): string | undefined {
  const timeout = readTimeout(header);
  if (timeout === undefined || timeout.timeoutMs !== undefined) return undefined;
  const { name, value, form } = timeout;
  return `header "${name}": "${value.slice(0, MAX_QUOTE)}" is not a timeout; send ${form}`;
}

function describeBody(request: UniversalServerRequest, method: DescMethod, error: ConnectError): string {
  const problem = `the request is not a valid ${method.input.typeName} in ${isJson(request) ? "JSON" : "Protobuf"}`;
  return error.rawMessage === HIDDEN ? problem : `${problem}: ${reasonOf(error)}`;
}

function isJson({ method, header, url }: UniversalServerRequest): boolean {
  const named = method === "GET" ? new URL(url).searchParams.get("encoding") : header.get("content-type");
  return named?.toLowerCase().includes("json") ?? false;
}

/** What connect says of an error that is not its own, as for a query that is not base64. */
const HIDDEN = "internal error";

/** UTF-16 units of a request that a message quotes. */
const MAX_QUOTE = 100;

/** UTF-16 units. */
const MAX_REASON = 500;

/** What connect says, without its words for what kind of error it is. */
function reasonOf({ rawMessage }: ConnectError): string {
  return rawMessage.replace(/^(?:protocol error|parse binary): /, "").slice(0, MAX_REASON);
}

/** Where a compression is not known, the protocols want those that are. */
function acceptedEncodings({ metadata }: ConnectError): Record<string, string> {
  return Object.fromEntries([...metadata].filter(([name]) => name.endsWith("accept-encoding")));
}
