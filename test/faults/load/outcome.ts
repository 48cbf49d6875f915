import { Code, ConnectError } from "@connectrpc/connect";
import { ERROR_DOMAIN } from "../../../services/rpc/errors.ts";
import { failureFrom } from "../../failure.ts";
import type { Outcome } from "../history/operation.ts";
import { ABSENT, DELETED, type State } from "../history/resource.ts";

/** Codes that say that a call had no effect and never will have. */
const REFUSALS: readonly Code[] = [
  Code.InvalidArgument,
  Code.NotFound,
  Code.AlreadyExists,
  Code.PermissionDenied,
  Code.ResourceExhausted,
  Code.FailedPrecondition,
  Code.Aborted,
  Code.OutOfRange,
  Code.Unimplemented,
  Code.Unauthenticated,
];

/**
 * How a call ended that did not succeed. What is no error of a call at all is a broken connection, and so is a code that
 * the caller's own library chose: Parley's errors say why.
 */
export function outcomeOf(error: unknown): { outcome: Outcome; code: string; saw?: State } {
  if (!(error instanceof ConnectError)) return { outcome: "unknown", code: String((error as Error).message) };
  const code = Code[error.code]!;
  const isOwn = failureFrom(error).domain === ERROR_DOMAIN;
  if (!isOwn || !REFUSALS.includes(error.code)) return { outcome: "unknown", code };
  const saw = stateShownBy(error);
  return { outcome: "failed", code, ...(saw !== undefined && { saw }) };
}

/** What a refusal tells of the resource that was named. */
function stateShownBy(error: ConnectError): State | undefined {
  if (error.code === Code.NotFound) return ABSENT;
  if (error.code !== Code.FailedPrecondition) return undefined;
  return failureFrom(error).reason === "MESSAGE_DELETED" ? DELETED : undefined;
}
