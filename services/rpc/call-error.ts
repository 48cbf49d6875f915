import { create } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { ErrorInfoSchema } from "../../gen/google/rpc/error_details_pb.ts";
import { ErrorReason, ErrorReasonSchema } from "../../gen/parley/v1/error_reason_pb.ts";
import { ERROR_DOMAIN, rpcError } from "./errors.ts";

/** The reason of an error that names none, by its code; INTERNAL where a code has no obvious one. */
const reasonByCode: Partial<Record<Code, ErrorReason>> = {
  [Code.Canceled]: ErrorReason.CANCELLED,
  [Code.InvalidArgument]: ErrorReason.MALFORMED_REQUEST,
  [Code.DeadlineExceeded]: ErrorReason.DEADLINE_EXCEEDED,
  [Code.NotFound]: ErrorReason.RESOURCE_NOT_FOUND,
  [Code.PermissionDenied]: ErrorReason.METHOD_DENIED,
  [Code.ResourceExhausted]: ErrorReason.REQUEST_TOO_LARGE,
  [Code.Unimplemented]: ErrorReason.METHOD_NOT_FOUND,
  [Code.Unavailable]: ErrorReason.STORE_UNAVAILABLE,
  [Code.Unauthenticated]: ErrorReason.CREDENTIAL_INVALID,
};

/**
 * What the caller is told of something thrown: a ConnectError with an ErrorInfo as it is, one without it with the
 * reason of its code, anything else as "internal error" with the original as its cause.
 */
export function toCallError(thrown: unknown): ConnectError {
  if (!(thrown instanceof ConnectError)) {
    return rpcError(Code.Internal, ErrorReason.INTERNAL, "internal error", {}, thrown);
  }
  if (thrown.details.some(isErrorInfo)) return thrown;
  const { rawMessage, code, metadata, cause } = thrown;
  const error = new ConnectError(rawMessage, code, metadata, undefined, cause);
  const reason = ErrorReasonSchema.value[reasonByCode[code] ?? ErrorReason.INTERNAL]!.localName;
  const info = create(ErrorInfoSchema, { reason, domain: ERROR_DOMAIN });
  error.details = [{ desc: ErrorInfoSchema, value: info }, ...thrown.details];
  return error;
}

/** The reason in an error's ErrorInfo; undefined where it has none. */
export function reasonOf(error: ConnectError): string | undefined {
  return error.findDetails(ErrorInfoSchema)[0]?.reason;
}

function isErrorInfo(detail: ConnectError["details"][number]): boolean {
  return ("desc" in detail ? detail.desc.typeName : detail.type) === ErrorInfoSchema.typeName;
}

/** UNIMPLEMENTED: nothing is served under this path, as in `/parley.v1.ChatService/GetChat`. */
export function methodNotFound(path: string): ConnectError {
  return rpcError(Code.Unimplemented, ErrorReason.METHOD_NOT_FOUND, `${path} is not served here`);
}

/** INVALID_ARGUMENT: the bytes of a request are not what the method takes. */
export function malformedRequest(message: string, cause?: unknown): ConnectError {
  return rpcError(Code.InvalidArgument, ErrorReason.MALFORMED_REQUEST, message, {}, cause);
}

/** RESOURCE_EXHAUSTED: the metadata of a call is larger than `max` bytes. */
export function metadataTooLarge(max: number): ConnectError {
  const message = `the metadata is larger than ${max} bytes; send less`;
  return rpcError(Code.ResourceExhausted, ErrorReason.REQUEST_TOO_LARGE, message);
}

/** DEADLINE_EXCEEDED: the call's time ran out before its answer was complete. */
export function deadlineExceeded(): ConnectError {
  return rpcError(
    Code.DeadlineExceeded,
    ErrorReason.DEADLINE_EXCEEDED,
    "the deadline passed before the answer; a write may have happened: repeat it with its request_id",
  );
}

/** What ends a call whose caller aborted it: the reason where that is a ConnectError, else CANCELLED. */
export function abortedByCaller(reason: unknown): ConnectError {
  if (reason instanceof ConnectError) return toCallError(reason);
  return rpcError(Code.Canceled, ErrorReason.CANCELLED, "the caller gave the call up", {}, reason);
}

/** UNAVAILABLE: the server goes away and ends what has no end of its own. */
export function shuttingDown(): ConnectError {
  return rpcError(
    Code.Unavailable,
    ErrorReason.SHUTTING_DOWN,
    "the server is stopping; repeat the call, and another will take it",
  );
}
