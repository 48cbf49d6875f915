import { applicationOf } from "./audience.ts";
import type { ParsedToken } from "./parsed-token.ts";
import { SIGNING_ALGORITHM } from "./signing-key.ts";
import type { SigningKeys } from "./signing-keys.ts";
import { ACCESS_TOKEN_TYPE, ISSUE_MILLIS_CLAIM } from "./token-issuer.ts";
import { findTokenFault } from "./token-signature.ts";
import type { TokenFault, VerifiedToken } from "./verified-token.ts";

/** Verifies access tokens of this server's own. */
export class OwnTokens {
  readonly #keys: SigningKeys;
  readonly #issuer: string;

  constructor(keys: SigningKeys, issuer: string) {
    this.#keys = keys;
    this.#issuer = issuer;
  }

  /** Whether a token says that it is of this server. */
  claims({ claims }: ParsedToken): boolean {
    return claims.iss === this.#issuer;
  }

  /** What the token says, where it is right. */
  async verify(token: ParsedToken): Promise<VerifiedToken | TokenFault> {
    const { kid } = token.header;
    const key = typeof kid === "string" ? await this.#keys.find(kid) : undefined;
    if (!key) return "invalid";
    const fault = await findTokenFault(token, key.publicKey, {
      algorithms: [SIGNING_ALGORITHM],
      typ: ACCESS_TOKEN_TYPE,
      issuer: this.#issuer,
      requiredClaims: ["aud", "sub", "iat", ISSUE_MILLIS_CLAIM, "jti"],
    });
    if (fault === undefined) return this.#read(token, key.id);
    return fault === "expired" ? fault : "invalid";
  }

  /** The claims are of a shape that TokenIssuer alone gives. */
  #read({ claims }: ParsedToken, keyId: string): VerifiedToken | TokenFault {
    const { aud, sub, sid, exp, [ISSUE_MILLIS_CLAIM]: issueTimeMs } = claims;
    const application = applicationOf(aud);
    if (application === undefined || typeof sub !== "string") return "invalid";
    return {
      ...{ application, user: sub },
      session: typeof sid === "string" ? sid : undefined,
      issueTimeMs: issueTimeMs as number,
      expireTimeMs: (exp as number) * 1_000,
      ...{ issuer: undefined, firstSight: undefined },
      isKeyKnown: (nowMs) => this.#keys.accepted(keyId, nowMs) !== undefined,
    };
  }
}
