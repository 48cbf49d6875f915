import type { ForeignTokens } from "./foreign-tokens.ts";
import type { OwnTokens } from "./own-tokens.ts";
import { parseToken } from "./parsed-token.ts";
import type { TokenFault, VerifiedToken } from "./verified-token.ts";

/**
 * Verifies the tokens of users, as RFC 8725 asks: who issued a token says alone which keys and rules count for it, and a
 * key is used with one algorithm.
 */
export class TokenVerifier {
  readonly #own: OwnTokens;
  readonly #foreign: ForeignTokens;

  constructor(own: OwnTokens, foreign: ForeignTokens) {
    this.#own = own;
    this.#foreign = foreign;
  }

  /** What a token says, where it is right. */
  async verify(text: string): Promise<VerifiedToken | TokenFault> {
    const token = parseToken(text);
    if (!token) return "invalid";
    return this.#own.claims(token) ? this.#own.verify(token) : this.#foreign.verify(token);
  }
}
