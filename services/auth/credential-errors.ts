import { Code, type ConnectError } from "@connectrpc/connect";
import { ErrorReason } from "../../gen/parley/v1/error_reason_pb.ts";
import { rpcError } from "../rpc/errors.ts";

/** UNAUTHENTICATED: there is no credential. */
export function credentialMissing(): ConnectError {
  return rpcError(
    Code.Unauthenticated,
    ErrorReason.CREDENTIAL_MISSING,
    "no credential: send the header 'Authorization: Bearer <key>' with the admin key, an application's api_key, or a " +
      "user's access token",
  );
}

/** UNAUTHENTICATED: the header is not of the form that it must have. */
export function credentialMalformed(): ConnectError {
  return rpcError(
    Code.Unauthenticated,
    ErrorReason.CREDENTIAL_INVALID,
    "the Authorization header must be 'Bearer ' and a key: the admin key, an application's api_key, or a user's " +
      "access token",
  );
}

/** UNAUTHENTICATED: nothing is opened by it. It does not tell why. */
export function credentialInvalid(): ConnectError {
  return rpcError(
    Code.Unauthenticated,
    ErrorReason.CREDENTIAL_INVALID,
    "the credential is not known, or no longer: send 'Authorization: Bearer <key>' with a key or token that is in force",
  );
}

/** UNAUTHENTICATED: a token of another issuer is signed by a registered key, so its issuer can know why it is refused. */
export function tokenRefused(cause: string): ConnectError {
  return rpcError(
    Code.Unauthenticated,
    ErrorReason.CREDENTIAL_INVALID,
    `the token is signed by a key of its issuer, but not taken: ${cause}`,
  );
}

/** UNAUTHENTICATED: the access token was right, and is over. */
export function tokenExpired(): ConnectError {
  return rpcError(
    Code.Unauthenticated,
    ErrorReason.TOKEN_EXPIRED,
    "the access token is over: refresh it by AuthService.RefreshTokens " +
      "(POST /v1/applications/{application}/users:refreshTokens), or log in again",
  );
}

/** UNAUTHENTICATED: the token of another issuer was right, and is over. */
export function foreignTokenExpired(): ConnectError {
  return rpcError(
    Code.Unauthenticated,
    ErrorReason.TOKEN_EXPIRED,
    "the access token is over: its issuer has to give another",
  );
}
