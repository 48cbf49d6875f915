import { ConnectError } from "@connectrpc/connect";
import { connectionLost, serviceUnreachable } from "../../services/rpc/errors.ts";
import { REQUEST_ID_HEADER } from "../../services/rpc/request-id-header.ts";
import { BrokenCallError } from "./call-status.ts";

/**
 * What the caller of a transport gets for what ended a call: a ConnectError that names the call, as one that was answered
 * does already. What is no failure of the call, but a fault, stays as it is.
 */
export function toTransportError(thrown: unknown, requestId: string): unknown {
  const error = thrown instanceof BrokenCallError ? describe(thrown) : thrown;
  if (!(error instanceof ConnectError) || error.metadata.has(REQUEST_ID_HEADER)) return error;
  const metadata = new Headers(error.metadata);
  metadata.set(REQUEST_ID_HEADER, requestId);
  // A copy, since the caller may have made the error, as the reason of its abort.
  const copy = new ConnectError(error.rawMessage, error.code, metadata, undefined, error.cause);
  copy.details = error.details;
  return copy;
}

function describe(broken: BrokenCallError): ConnectError {
  return broken.isUntouched ? serviceUnreachable(broken) : connectionLost(broken);
}
