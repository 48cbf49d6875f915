import { create } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import {
  type BadRequest_FieldViolation,
  BadRequest_FieldViolationSchema,
  BadRequestSchema,
  ErrorInfoSchema,
} from "../../gen/google/rpc/error_details_pb.ts";
import { type Chat_Kind, Chat_KindSchema } from "../../gen/parley/v1/chat_pb.ts";
import { ErrorReason, ErrorReasonSchema } from "../../gen/parley/v1/error_reason_pb.ts";

/** The `domain` of every ErrorInfo that Parley sends. */
export const ERROR_DOMAIN = "parley";

/** An error for the caller: `message` says what to do, `metadata` goes into the ErrorInfo, `cause` only into the log. */
export function rpcError(
  code: Code,
  reason: ErrorReason,
  message: string,
  metadata: Record<string, string> = {},
  cause?: unknown,
): ConnectError {
  const info = create(ErrorInfoSchema, {
    reason: ErrorReasonSchema.value[reason]!.localName,
    domain: ERROR_DOMAIN,
    metadata,
  });
  return new ConnectError(message, code, undefined, [{ desc: ErrorInfoSchema, value: info }], cause);
}

/** One broken rule of a field. `field` is its proto path in the request, as in `message.body`. */
export type FieldViolation = { field: string; description: string };

/** What an error tells of violations: a request of 256 KiB can have thousands, each with a key of its length. */
const MAX_VIOLATIONS = 20;
/** UTF-16 units. The contract's longest path, with a key that is a little too long, is shorter. */
const MAX_FIELD = 200;
const MAX_DESCRIPTION = 500;
const MAX_TEXT = 1_500;

/**
 * INVALID_ARGUMENT with a BadRequest that names the broken fields, the first 20; the message lists them too.
 *
 * @param reason default: FIELD_INVALID
 */
export function invalidFields(
  violations: readonly FieldViolation[],
  reason: ErrorReason = ErrorReason.FIELD_INVALID,
): ConnectError {
  const told = violations.slice(0, MAX_VIOLATIONS).map(({ field, description }) => ({
    field: cut(field, MAX_FIELD),
    description: cut(description, MAX_DESCRIPTION),
  }));
  const text = told.map(({ field, description }) => `${field}: ${description}`).join("; ");
  const more = violations.length > told.length ? `; and ${violations.length - told.length} more` : "";
  const error = rpcError(Code.InvalidArgument, reason, cut(text, MAX_TEXT) + more);
  const fieldViolations: BadRequest_FieldViolation[] = told.map((violation) =>
    create(BadRequest_FieldViolationSchema, violation),
  );
  error.details.push({ desc: BadRequestSchema, value: create(BadRequestSchema, { fieldViolations }) });
  return error;
}

function cut(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length)}…` : text;
}

/**
 * NOT_FOUND for a resource name. The same bytes whether it does not exist or belongs to somebody else.
 *
 * @param resource the full name asked for, as in `applications/…/chats/1`
 */
export function notFound(resource: string): ConnectError {
  return rpcError(
    Code.NotFound,
    ErrorReason.RESOURCE_NOT_FOUND,
    `${resource} does not exist, or this credential has no access to it`,
    { resource },
  );
}

/** UNAVAILABLE because a store behind the service failed; the cause goes into the log. */
export function storeUnavailable(what: string, cause: unknown): ConnectError {
  return rpcError(
    Code.Unavailable,
    ErrorReason.STORE_UNAVAILABLE,
    `${what} is unavailable; repeat the call, with its request_id where it has one`,
    {},
    cause,
  );
}

/** UNAVAILABLE: no server of the service could take the call, which was therefore not begun. */
export function serviceUnreachable(cause?: unknown): ConnectError {
  const message = "no server of the service can be reached; repeat the call later, with back-off";
  return rpcError(Code.Unavailable, ErrorReason.SERVICE_UNAVAILABLE, message, {}, cause);
}

/** UNAVAILABLE: the connection to the service broke while it had the call, whose outcome is not known. */
export function connectionLost(cause: unknown): ConnectError {
  const message =
    "the connection to the service broke before its answer; a write may have happened: repeat it with its request_id";
  return rpcError(Code.Unavailable, ErrorReason.SERVICE_UNAVAILABLE, message, {}, cause);
}

/** RESOURCE_EXHAUSTED: a message of a request is larger than `max` bytes. */
export function requestTooLarge(max: number): ConnectError {
  return rpcError(
    Code.ResourceExhausted,
    ErrorReason.REQUEST_TOO_LARGE,
    `a message has more than ${max} bytes; send less`,
  );
}

/** RESOURCE_EXHAUSTED: the service refuses the call because those on the same connection take too much memory. */
export function tooMuchForConnection(): ConnectError {
  const message = "the service cannot take more at the moment; repeat the call later, with back-off";
  return rpcError(Code.ResourceExhausted, ErrorReason.TOO_MANY_PENDING, message);
}

/** ABORTED because the etag that was given is not the resource's current one. */
export function etagMismatch(resource: string): ConnectError {
  return rpcError(
    Code.Aborted,
    ErrorReason.ETAG_MISMATCH,
    `the etag given is not the current one of ${resource}; read it again and decide anew`,
    { resource },
  );
}

/**
 * FAILED_PRECONDITION: a chat does not have what is asked for, because of what it is for.
 *
 * @param chat its full name
 * @param lacks what it does not have, as in "nobody leaves it"
 */
export function kindMismatch(chat: string, kind: Chat_Kind, lacks: string): ConnectError {
  const description = `${chat} is of the kind ${Chat_KindSchema.value[kind]!.localName}: ${lacks}`;
  return rpcError(Code.FailedPrecondition, ErrorReason.KIND_MISMATCH, description, { resource: chat });
}

/** INVALID_ARGUMENT: a field should name an agent of the application, and does not. */
export function notAnAgent(field: string): ConnectError {
  return invalidFields([{ field, description: "is not the id of a user with the role AGENT or ADMIN" }]);
}

/** RESOURCE_EXHAUSTED: too many writes wait to be stored; the cause goes into the log. */
export function tooManyPending(cause?: unknown): ConnectError {
  return rpcError(
    Code.ResourceExhausted,
    ErrorReason.TOO_MANY_PENDING,
    "too many writes wait to be stored; repeat the call later, with back-off",
    {},
    cause,
  );
}

/** RESOURCE_EXHAUSTED: too many reads of an application wait for their turn. */
export function tooManyReads(): ConnectError {
  return rpcError(
    Code.ResourceExhausted,
    ErrorReason.TOO_MANY_PENDING,
    "too many of the application's lists or searches wait for their turn; repeat the call later, with back-off",
  );
}

/** RESOURCE_EXHAUSTED: too many calls are in flight, so this one was not begun. */
export function tooManyCalls(max: number): ConnectError {
  return rpcError(
    Code.ResourceExhausted,
    ErrorReason.TOO_MANY_PENDING,
    `${max} calls are in flight, which is the limit; repeat the call later, with back-off`,
  );
}
