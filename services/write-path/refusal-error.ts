import { Code } from "@connectrpc/connect";
import { Refusal_Reason } from "../../gen/parley/queue/v1/record_pb.ts";
import { ErrorReason } from "../../gen/parley/v1/error_reason_pb.ts";
import { etagMismatch, notAnAgent, notFound, rpcError } from "../rpc/errors.ts";

type Answer = (resource: string) => Error;

const ANSWERS: Readonly<Partial<Record<Refusal_Reason, Answer>>> = {
  [Refusal_Reason.ETAG_MISMATCH]: etagMismatch,
  [Refusal_Reason.HAS_CHILDREN]: fails(
    ErrorReason.HAS_CHILDREN,
    (resource) => `${resource} is not empty; delete what is in it first, or set force`,
  ),
  [Refusal_Reason.MESSAGE_DELETED]: fails(
    ErrorReason.MESSAGE_DELETED,
    (resource) => `${resource} is deleted and cannot be changed`,
  ),
  [Refusal_Reason.LAST_OWNER]: fails(ErrorReason.LAST_OWNER, ownerRefusal),
  [Refusal_Reason.ROLE_DENIED]: denies(
    (resource) => `the roles in the chat do not allow this for ${resource}; ask an owner of the chat`,
  ),
  [Refusal_Reason.NO_AGENT]: denies(
    (resource) => `this user is no agent any more, so it does not change ${resource}; ask an ADMIN of the application`,
  ),
  [Refusal_Reason.ASSIGNEE_NO_AGENT]: () => notAnAgent("agent"),
  [Refusal_Reason.KIND_MISMATCH]: fails(ErrorReason.KIND_MISMATCH, kindRefusal),
  [Refusal_Reason.FULL]: fails(ErrorReason.FULL, (resource) => `${resource} has as many as it may; remove some first`),
};

/**
 * What the caller of a mutation that the writer refused is told.
 *
 * @param resource the name that it speaks of
 */
export function refusalError(reason: Refusal_Reason, resource: string): Error {
  return (ANSWERS[reason] ?? notFound)(resource);
}

function fails(reason: ErrorReason, say: (resource: string) => string): Answer {
  return (resource) => rpcError(Code.FailedPrecondition, reason, say(resource), { resource });
}

function denies(say: (resource: string) => string): Answer {
  return (resource) => rpcError(Code.PermissionDenied, ErrorReason.ROLE_DENIED, say(resource), { resource });
}

/** A member stays an owner while there is no other; a chat is named where the first member that is added would be none. */
function ownerRefusal(resource: string): string {
  return resource.includes("/members/")
    ? `${resource} is the chat's only owner: make another one first, by UpdateMember or AddMembers with role ROLE_OWNER`
    : `${resource} has no members: add the first one as its owner, by AddMembers with role ROLE_OWNER`;
}

/** The kind of a chat never changes, so who calls is told of it before the writer is asked, but for messages of the system. */
function kindRefusal(resource: string): string {
  return resource.includes("/messages/")
    ? `${resource} is a message of the system, which nobody changes`
    : `${resource} is in, or is, a chat of a kind that does not have this; use a chat of another kind`;
}
