import { isNewUserId } from "../aip/resource-name.ts";
import { applicationOf } from "./audience.ts";
import type { ParsedToken } from "./parsed-token.ts";
import type { RefusedToken } from "./refusal-log.ts";
import type { TokenKey, TokenKeys } from "./token-keys.ts";
import { findTokenFault } from "./token-signature.ts";
import type { TokenFault, TokenRefusal, VerifiedToken } from "./verified-token.ts";

/** How far ahead a token of another issuer may be over, in milliseconds. */
const LIFE_MAX_MS = 24 * 3_600_000;
/** How far another issuer's clock may be ahead, in seconds. */
const CLOCK_TOLERANCE_S = 60;
/** What the header `typ` may be, where it is there: a token of another kind is not meant as an access token. */
const TYPES: readonly unknown[] = [undefined, "JWT", "jwt", "at+jwt", "application/at+jwt"];
/** Of a display name, in code points. */
const NAME_MAX = 100;

const NO_APPLICATION = unsigned("its aud is not applications/ and the token of one application");
const WRONG_TYPE = signed(`its typ is not one of ${TYPES.slice(1).join(", ")}`);
const NO_KEY = unsigned("its application has no key of its iss and kid");

/** Verifies tokens of other issuers, whose keys applications have registered. */
export class ForeignTokens {
  readonly #keys: TokenKeys;
  readonly #onRefused: (refused: RefusedToken) => void;

  /** @param onRefused told of each token that is not taken, unless it is merely over */
  constructor(keys: TokenKeys, onRefused: (refused: RefusedToken) => void) {
    this.#keys = keys;
    this.#onRefused = onRefused;
  }

  /** What the token says, where a key of the application that it is for makes it right. */
  async verify(token: ParsedToken): Promise<VerifiedToken | TokenFault> {
    const application = oneApplicationOf(audiencesOf(token));
    const outcome = application === undefined ? await this.#judgeBare(token) : await this.#judge(token, application);
    if (outcome === "expired") return "expiredElsewhere";
    if (!("cause" in outcome)) return outcome;
    this.#onRefused({ cause: outcome.cause, ...issuerOf(token), application });
    return outcome.isSigned ? outcome : "invalid";
  }

  /** One that is for no application; its issuer is told where its `aud` is the bare token of one, whose key signed it. */
  async #judgeBare(token: ParsedToken): Promise<TokenRefusal> {
    const named = audiencesOf(token).map((audience) => `applications/${audience}`);
    const application = oneApplicationOf(named);
    if (application === undefined) return NO_APPLICATION;
    const outcome = await this.#judge(token, application);
    const isSigned = outcome === "expired" || !("cause" in outcome) || outcome.isSigned;
    return { ...NO_APPLICATION, isSigned };
  }

  async #judge(token: ParsedToken, application: string): Promise<VerifiedToken | "expired" | TokenRefusal> {
    let fault: "expired" | TokenRefusal = NO_KEY;
    for (const key of await this.#keys.find(application)) {
      if (!isKeyOf(key, token)) continue;
      const found = await verifyBy(key, token);
      if (found === undefined) return this.#read(token, key, application);
      // One key at most made the signature.
      if (fault !== "expired" && !fault.isSigned) fault = found;
    }
    return fault;
  }

  #read(token: ParsedToken, key: TokenKey, application: string): VerifiedToken | TokenRefusal {
    const { claims, header } = token;
    if (!TYPES.includes(header.typ)) return WRONG_TYPE;
    const user = claims[key.userClaim];
    const expireTimeMs = Math.floor((claims.exp as number) * 1_000);
    const now = Date.now();
    const issuedMs = claims.iat === undefined ? 0 : Math.floor((claims.iat as number) * 1_000);
    if (typeof user !== "string" || !isNewUserId(user)) {
      return signed(`its claim ${key.userClaim} is no user's id, which is 1 to 128 of A-Z a-z 0-9 . _ ~ -`);
    }
    if (expireTimeMs > now + LIFE_MAX_MS) return signed("its exp is more than 24 hours ahead");
    if (issuedMs > now + CLOCK_TOLERANCE_S * 1_000) return signed("its iat is in the future");
    // It is here, so it was issued by now: one that is dated ahead does not outlive the end of all that there are.
    const issueTimeMs = Math.min(issuedMs, now);
    const firstSight = key.createUsers ? displayNameOf(claims[key.displayNameClaim]) : undefined;
    const isKeyKnown = (nowMs: number) => this.#keys.isKnown(application, key.id, nowMs);
    const issuer = issuerOf(token);
    return { application, user, session: undefined, issueTimeMs, expireTimeMs, issuer, firstSight, isKeyKnown };
  }
}

function unsigned(cause: string): TokenRefusal {
  return { cause, isSigned: false };
}

function signed(cause: string): TokenRefusal {
  return { cause, isSigned: true };
}

function issuerOf({ header, claims }: ParsedToken): { issuer: string; keyId: string } {
  return { issuer: textOf(claims.iss), keyId: textOf(header.kid) };
}

function textOf(claim: unknown): string {
  return typeof claim === "string" ? claim : "";
}

function audiencesOf({ claims: { aud } }: ParsedToken): unknown[] {
  return Array.isArray(aud) ? aud : [aud];
}

/** The one application that a token is for; it may be for other services, too. */
function oneApplicationOf(audiences: readonly unknown[]): string | undefined {
  const applications = audiences.flatMap((each) => applicationOf(each) ?? []);
  return applications.length === 1 ? applications[0] : undefined;
}

function isKeyOf({ issuer, keyId }: TokenKey, { header, claims }: ParsedToken): boolean {
  return claims.iss === issuer && (keyId === "" || header.kid === keyId);
}

function verifyBy(key: TokenKey, token: ParsedToken): Promise<"expired" | TokenRefusal | undefined> {
  return findTokenFault(token, key.key, {
    algorithms: [key.algorithm],
    issuer: key.issuer,
    clockTolerance: CLOCK_TOLERANCE_S,
  });
}

/** The start of a name that is a text, without what no name may have. */
function displayNameOf(claim: unknown): string {
  return [...textOf(claim).replaceAll("\0", "").toWellFormed()].slice(0, NAME_MAX).join("");
}
