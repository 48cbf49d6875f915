import { USER_ID_PATTERN } from "../aip/resource-name.ts";
import { applicationOf } from "./audience.ts";
import type { ParsedToken } from "./parsed-token.ts";
import type { TokenKey, TokenKeys } from "./token-keys.ts";
import { findTokenFault } from "./token-signature.ts";
import type { TokenFault, VerifiedToken } from "./verified-token.ts";

/** How far ahead a token of another issuer may be over, in milliseconds. */
const LIFE_MAX_MS = 24 * 3_600_000;
/** How far another issuer's clock may be ahead, in seconds. */
const CLOCK_TOLERANCE_S = 60;
/** What the header `typ` may be, where it is there: a token of another kind is not meant as an access token. */
const TYPES: readonly unknown[] = [undefined, "JWT", "jwt", "at+jwt", "application/at+jwt"];
/** Of a display name, in code points. */
const NAME_MAX = 100;

/** Verifies tokens of other issuers, whose keys applications have registered. */
export class ForeignTokens {
  readonly #keys: TokenKeys;

  constructor(keys: TokenKeys) {
    this.#keys = keys;
  }

  /** What the token says, where a key of the application that it is for makes it right. */
  async verify(token: ParsedToken): Promise<VerifiedToken | TokenFault> {
    const application = audienceOf(token);
    if (application === undefined || !TYPES.includes(token.header.typ)) return "invalid";
    let fault: TokenFault = "invalid";
    for (const key of await this.#keys.find(application)) {
      if (!isKeyOf(key, token)) continue;
      const found = await verifyBy(key, token);
      if (found === undefined) return this.#read(token, key, application);
      if (found === "expired") fault = found;
    }
    return fault;
  }

  #read({ claims }: ParsedToken, key: TokenKey, application: string): VerifiedToken | TokenFault {
    const user = claims[key.userClaim];
    const expireTimeMs = Math.floor((claims.exp as number) * 1_000);
    const issueTimeMs = claims.iat === undefined ? 0 : Math.floor((claims.iat as number) * 1_000);
    if (typeof user !== "string" || !USER_ID_PATTERN.test(user)) return "invalid";
    if (expireTimeMs > Date.now() + LIFE_MAX_MS) return "invalid";
    if (issueTimeMs > Date.now() + CLOCK_TOLERANCE_S * 1_000) return "invalid";
    const firstSight = key.createUsers ? displayNameOf(claims[key.displayNameClaim]) : undefined;
    const isKeyKnown = (nowMs: number) => this.#keys.isKnown(application, key.id, nowMs);
    return { application, user, session: undefined, issueTimeMs, expireTimeMs, firstSight, isKeyKnown };
  }
}

/** The one application that a token is for; it may be for other services, too. */
function audienceOf({ claims: { aud } }: ParsedToken): string | undefined {
  const audiences: unknown[] = Array.isArray(aud) ? aud : [aud];
  const applications = audiences.flatMap((each) => applicationOf(each) ?? []);
  return applications.length === 1 ? applications[0] : undefined;
}

function isKeyOf({ issuer, keyId }: TokenKey, { header, claims }: ParsedToken): boolean {
  return claims.iss === issuer && (keyId === "" || header.kid === keyId);
}

async function verifyBy(key: TokenKey, token: ParsedToken): Promise<TokenFault | undefined> {
  const { exp, iat, nbf } = token.claims;
  if ([exp, iat, nbf].some((time) => time !== undefined && typeof time !== "number")) return "invalid";
  return findTokenFault(token, key.key, {
    algorithms: [key.algorithm],
    issuer: key.issuer,
    clockTolerance: CLOCK_TOLERANCE_S,
  });
}

/** The start of a name that is a text, without what no name may have. */
function displayNameOf(claim: unknown): string {
  if (typeof claim !== "string") return "";
  return [...claim.replaceAll("\0", "").toWellFormed()].slice(0, NAME_MAX).join("");
}
