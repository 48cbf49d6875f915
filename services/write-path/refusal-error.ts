import { Code } from "@connectrpc/connect";
import { Refusal_Reason } from "../../gen/parley/queue/v1/record_pb.ts";
import { ErrorReason } from "../../gen/parley/v1/error_reason_pb.ts";
import { etagMismatch, notAnAgent, notFound, rpcError } from "../rpc/errors.ts";

/**
 * What the caller of a mutation that the writer refused is told.
 *
 * @param resource the name that it speaks of
 */
export function refusalError(reason: Refusal_Reason, resource: string): Error {
  const metadata = { resource };
  switch (reason) {
    case Refusal_Reason.ETAG_MISMATCH:
      return etagMismatch(resource);
    case Refusal_Reason.HAS_CHILDREN:
      return rpcError(
        Code.FailedPrecondition,
        ErrorReason.HAS_CHILDREN,
        `${resource} is not empty; delete what is in it first, or set force`,
        metadata,
      );
    case Refusal_Reason.MESSAGE_DELETED:
      return rpcError(
        Code.FailedPrecondition,
        ErrorReason.MESSAGE_DELETED,
        `${resource} is deleted and cannot be changed`,
        metadata,
      );
    case Refusal_Reason.LAST_OWNER:
      return rpcError(
        Code.FailedPrecondition,
        ErrorReason.LAST_OWNER,
        `the chat would be without an owner: make another member an owner first, or add the first one as an owner`,
        metadata,
      );
    case Refusal_Reason.ROLE_DENIED:
      return rpcError(
        Code.PermissionDenied,
        ErrorReason.ROLE_DENIED,
        `the roles in the chat do not allow this for ${resource}; ask an owner of the chat`,
        metadata,
      );
    case Refusal_Reason.NO_AGENT:
      return rpcError(
        Code.PermissionDenied,
        ErrorReason.ROLE_DENIED,
        `this user is no agent any more, so it does not change ${resource}; ask an ADMIN of the application`,
        metadata,
      );
    case Refusal_Reason.ASSIGNEE_NO_AGENT:
      return notAnAgent("agent");
    case Refusal_Reason.KIND_MISMATCH:
      return rpcError(Code.FailedPrecondition, ErrorReason.KIND_MISMATCH, kindRefusal(resource), metadata);
    case Refusal_Reason.FULL:
      return rpcError(
        Code.FailedPrecondition,
        ErrorReason.FULL,
        `${resource} has as many as it may; remove some first`,
        metadata,
      );
    default:
      return notFound(resource);
  }
}

/** The kind of a chat never changes, so who calls is told of it before the writer is asked, but for messages of the system. */
function kindRefusal(resource: string): string {
  return resource.includes("/messages/")
    ? `${resource} is a message of the system, which nobody changes`
    : `${resource} is in, or is, a chat of a kind that does not have this; use a chat of another kind`;
}
