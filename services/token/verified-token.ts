import type { UserName } from "../aip/resource-name.ts";

/** What a token says whose signature is right, and which is for an application here. Times are milliseconds since 1970. */
export type VerifiedToken = UserName & {
  /** The session that it belongs to; undefined where it has none. */
  session: string | undefined;
  /** 0 where the token of another issuer does not say. */
  issueTimeMs: number;
  expireTimeMs: number;
  /** The `iss` and `kid` of a token of another issuer; undefined for one of this server's own. */
  issuer: { issuer: string; keyId: string } | undefined;
  /** The display name of a user who is made on first sight; undefined where none is to be made. */
  firstSight: string | undefined;
  /** Whether its key is still known to be accepted; where it is not, the token has to be verified again. */
  isKeyKnown: (nowMs: number) => boolean;
};

/** Why a token is not taken. */
export type TokenRefusal = {
  /** What is wrong, as in `its claim "exp" is missing`. */
  cause: string;
  /** Whether its signature is right: its issuer can be told the cause, and nobody else has such a token. */
  isSigned: boolean;
};

/**
 * The same, as its caller is told. `expired`: it is right, but over; `expiredElsewhere`: one of another issuer is.
 * `invalid`: nobody is told why.
 */
export type TokenFault = "expired" | "expiredElsewhere" | "invalid" | TokenRefusal;
