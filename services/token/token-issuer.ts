import { randomUUID } from "node:crypto";
import { SignJWT } from "jose/jwt/sign";
import { formatApplicationName, type UserName } from "../aip/resource-name.ts";
import { SIGNING_ALGORITHM } from "./signing-key.ts";
import type { SigningKeys } from "./signing-keys.ts";
import type { TimedToken } from "./timed-token.ts";

/** The header `typ` of access tokens (RFC 9068). */
export const ACCESS_TOKEN_TYPE = "at+jwt";
/** The claim with the time of issue in milliseconds since 1970. */
export const ISSUE_MILLIS_CLAIM = "iat_ms";

/** What an access token is issued with. */
export type IssueOptions = {
  /** The id of the session that it belongs to. */
  session?: string | undefined;
  /** How long it works, in milliseconds. Default: what the issuer gives. */
  ttlMs?: number | undefined;
  /** When it is issued at the earliest, in milliseconds since 1970: another process' clock may have been ahead. */
  fromMs?: number | undefined;
};

/** `ttlMs` is how long a token works where nobody says. */
export type IssuerOptions = { keys: SigningKeys; issuer: string; ttlMs: number };

/** Issues access tokens: JWTs of the type `at+jwt`, signed with EdDSA. */
export class TokenIssuer {
  readonly #keys: SigningKeys;
  readonly #issuer: string;
  readonly #ttlMs: number;

  constructor({ keys, issuer, ttlMs }: IssuerOptions) {
    this.#keys = keys;
    this.#issuer = issuer;
    this.#ttlMs = ttlMs;
  }

  /**
   * A token for a user. Its `iat` and `exp` are whole seconds, as others expect of them, so it may be over up to a second
   * earlier than `ttlMs` says; a claim of its own has the millisecond, by which a token that is issued in the second in
   * which those before it were ended is told from them.
   */
  async issue(user: UserName, { session, ttlMs = this.#ttlMs, fromMs = 0 }: IssueOptions = {}): Promise<TimedToken> {
    const issueTimeMs = Math.max(Date.now(), fromMs);
    const issueTimeS = Math.floor(issueTimeMs / 1_000);
    const expireTimeS = issueTimeS + Math.ceil(ttlMs / 1_000);
    const application = formatApplicationName(user);
    const claims = {
      iss: this.#issuer,
      aud: application,
      sub: user.user,
      client_id: application,
      ...(session === undefined ? {} : { sid: session }),
      iat: issueTimeS,
      [ISSUE_MILLIS_CLAIM]: issueTimeMs,
      exp: expireTimeS,
      jti: randomUUID(),
    };
    const { id, privateKey } = await this.#keys.signer();
    const header = { alg: SIGNING_ALGORITHM, typ: ACCESS_TOKEN_TYPE, kid: id };
    const token = await new SignJWT(claims).setProtectedHeader(header).sign(privateKey);
    return { token, expireTimeMs: expireTimeS * 1_000 };
  }
}
