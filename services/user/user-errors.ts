import { Code, type ConnectError } from "@connectrpc/connect";
import { ErrorReason } from "../../gen/parley/v1/error_reason_pb.ts";
import { rpcError } from "../rpc/errors.ts";

/**
 * ALREADY_EXISTS: another user of the application has the id, or had it.
 *
 * @param resource the name of the user that was to have it
 */
export function userIdTaken(resource: string): ConnectError {
  const message = `the id of ${resource} is, or was, another user's; choose another`;
  return rpcError(Code.AlreadyExists, ErrorReason.USER_ID_TAKEN, message, { resource });
}

/**
 * ALREADY_EXISTS: another user of the application has the address. For who may see addresses alone.
 *
 * @param resource the name of that user
 */
export function emailTaken(resource: string): ConnectError {
  const message = `${resource} has this e-mail address; choose another, or change that user`;
  return rpcError(Code.AlreadyExists, ErrorReason.EMAIL_TAKEN, message, { resource });
}
