import { Code, type ConnectError } from "@connectrpc/connect";
import { ErrorReason } from "../../gen/parley/v1/error_reason_pb.ts";
import { rpcError } from "../rpc/errors.ts";

/**
 * ALREADY_EXISTS: another user of the application has the id, or had it; or has the address.
 *
 * @param resource the name of the user that was to have it
 */
export function userTaken(what: "id" | "email", resource: string): ConnectError {
  if (what === "id") {
    const message = `the id of ${resource} is, or was, another user's; choose another`;
    return rpcError(Code.AlreadyExists, ErrorReason.USER_ID_TAKEN, message, { resource });
  }
  return rpcError(
    Code.AlreadyExists,
    ErrorReason.EMAIL_TAKEN,
    "another user of the application has this e-mail address; choose another, or change that user",
  );
}
