import { Code, type ConnectError } from "@connectrpc/connect";
import { ErrorReason } from "../../gen/parley/v1/error_reason_pb.ts";
import { invalidFields, rpcError } from "../rpc/errors.ts";

/** PERMISSION_DENIED: an application makes its users itself. */
export function registrationClosed(): ConnectError {
  return rpcError(
    Code.PermissionDenied,
    ErrorReason.REGISTRATION_CLOSED,
    "nobody registers in this application: ask who runs it for an account",
  );
}

/** UNAUTHENTICATED: the same whether there is no such user, it has another password, or it is not activated. */
export function loginFailed(): ConnectError {
  return rpcError(
    Code.Unauthenticated,
    ErrorReason.LOGIN_FAILED,
    "the e-mail address or the password is wrong, or the user has not confirmed the address yet",
  );
}

/** INVALID_ARGUMENT: who changes a password does not give the one that there is, or not any more. */
export function notCurrentPassword(): ConnectError {
  return invalidFields([{ field: "current_password", description: "is not the user's password" }]);
}

/** INVALID_ARGUMENT: who confirms an address does not give the password that was registered with the token. */
export function notRegisteredPassword(): ConnectError {
  return invalidFields([{ field: "password", description: "is not the one that was registered with this token" }]);
}

/** INVALID_ARGUMENT: a mailed token is not in force. */
export function mailTokenInvalid(): ConnectError {
  return rpcError(
    Code.InvalidArgument,
    ErrorReason.MAIL_TOKEN_INVALID,
    "token: not one that was mailed, or it was used or is over; ask for another",
  );
}
