import { Code, type ConnectError } from "@connectrpc/connect";
import { ErrorReason } from "../../gen/parley/v1/error_reason_pb.ts";
import { rpcError } from "../rpc/errors.ts";

/** UNAUTHENTICATED: the refresh token gives no more tokens. It does not tell why. */
export function refreshTokenInvalid(): ConnectError {
  return rpcError(
    Code.Unauthenticated,
    ErrorReason.CREDENTIAL_INVALID,
    "the refresh token is not known, or its session is over: log in again",
  );
}
