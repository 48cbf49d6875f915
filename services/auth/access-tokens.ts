import type { Facts, Soon, UserFacts } from "../facts/facts.ts";
import { whenKnown } from "../facts/soon.ts";
import type { FirstSight } from "../token/first-sight.ts";
import type { RefusedToken } from "../token/refusal-log.ts";
import type { TokenVerifier } from "../token/token-verifier.ts";
import type { VerifiedToken } from "../token/verified-token.ts";
import type { TokenAuthenticator } from "./authenticator.ts";
import { credentialInvalid, foreignTokenExpired, tokenExpired, tokenRefused } from "./credential-errors.ts";
import type { UserPrincipal } from "./principal.ts";
import { RecentHeaders } from "./recent-headers.ts";

/** Characters of all headers that are kept: those of about 30,000 users. */
const MAX_CHARACTERS = 16 * 1_048_576;

const NO_USER = "there is no such user, or no longer, and its key does not create users";

/** A token that came before, and what became of it at last. */
type KnownToken = { token: VerifiedToken; facts: UserFacts | undefined; principal: UserPrincipal | undefined };

export type AccessTokensOptions = {
  verifier: TokenVerifier;
  facts: Facts;
  firstSight: FirstSight;
  /** Told of each token of another issuer that is right, but not taken because of its user. */
  onRefused: (refused: RefusedToken) => void;
};

/**
 * Finds the users behind access tokens. A token is verified once, and remembered by its header; what its user and
 * session have become is looked at with every call.
 */
export class AccessTokens implements TokenAuthenticator {
  readonly #verifier: TokenVerifier;
  readonly #facts: Facts;
  readonly #firstSight: FirstSight;
  readonly #onRefused: AccessTokensOptions["onRefused"];
  readonly #known = new RecentHeaders<KnownToken>(MAX_CHARACTERS);

  constructor({ verifier, facts, firstSight, onRefused }: AccessTokensOptions) {
    this.#verifier = verifier;
    this.#facts = facts;
    this.#firstSight = firstSight;
    this.#onRefused = onRefused;
  }

  recall(header: string): Soon<UserPrincipal> | undefined {
    const known = this.#known.get(header);
    if (known === undefined) return undefined;
    const now = Date.now();
    if (known.token.expireTimeMs <= now || !known.token.isKeyKnown(now)) return undefined;
    return this.#userOf(known);
  }

  async authenticate(header: string, text: string): Promise<UserPrincipal> {
    const token = await this.#verifier.verify(text);
    if (token === "expired") throw tokenExpired();
    if (token === "expiredElsewhere") throw foreignTokenExpired();
    if (token === "invalid") throw credentialInvalid();
    if ("cause" in token) throw tokenRefused(token.cause);
    const known: KnownToken = { token, facts: undefined, principal: undefined };
    const principal = await this.#userOf(known);
    this.#known.set(header, known);
    return principal;
  }

  #userOf(known: KnownToken): Soon<UserPrincipal> {
    const { application, user } = known.token;
    return whenKnown(this.#facts.user(application, user), (facts) =>
      facts === undefined ? this.#seeFirst(known) : this.#principalOf(known, facts),
    );
  }

  /** Makes the user, where its token's key says so. */
  async #seeFirst(known: KnownToken): Promise<UserPrincipal> {
    const { application, user, firstSight } = known.token;
    if (firstSight === undefined) throw this.#refuse(known, NO_USER);
    await this.#firstSight.ensureUser({ application, user }, firstSight);
    const facts = await this.#facts.user(application, user);
    if (facts === undefined) throw this.#refuse(known, "its user was deleted");
    return this.#principalOf(known, facts);
  }

  /** The same principal as long as the facts are the same. */
  #principalOf(known: KnownToken, facts: UserFacts): UserPrincipal {
    if (known.facts === facts && known.principal) return known.principal;
    const { session, issueTimeMs } = known.token;
    const isOver = issueTimeMs < facts.tokensFromMs || (session !== undefined && facts.endedSessions.includes(session));
    if (isOver) throw this.#refuse(known, "all tokens of its user were ended after its iat");
    const { application, user, displayName, role, bot } = facts;
    known.facts = facts;
    known.principal = { kind: "user", application, user, displayName, role, bot, session };
    return known.principal;
  }

  /** One of this server's own is refused without a word: who has it may have found it. */
  #refuse({ token: { issuer, application } }: KnownToken, cause: string): Error {
    if (issuer === undefined) return credentialInvalid();
    this.#onRefused({ cause, ...issuer, application });
    return tokenRefused(cause);
  }
}
