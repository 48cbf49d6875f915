import { timingSafeEqual } from "node:crypto";
import type { Soon } from "../facts/facts.ts";
import { Believed } from "../process/believed.ts";
import { looksLikeToken } from "../token/parsed-token.ts";
import { credentialInvalid, credentialMalformed, credentialMissing } from "./credential-errors.ts";
import { KnownHeaders } from "./known-headers.ts";
import type { Principal, UserPrincipal } from "./principal.ts";
import { hashSecret } from "./secret-hash.ts";

/** What a stored key opens. `expireTimeMs` is null for the current key of an application. */
export type KeyGrant = { application: string; expireTimeMs: number | null };

/** Finds keys by their hash. */
export interface KeyStore {
  findKey(hash: string): Promise<KeyGrant | undefined>;
}

/** Finds the users behind access tokens. */
export interface TokenAuthenticator {
  /** The user behind a header that came before; undefined where its token has to be looked at. */
  recall(header: string): Soon<UserPrincipal> | undefined;
  /** The user behind a header that has a token; UNAUTHENTICATED where there is none. */
  authenticate(header: string, token: string): Promise<UserPrincipal>;
}

export type AuthenticatorOptions = {
  adminKey: string;
  keys: KeyStore;
  tokens: TokenAuthenticator;
  /** How long a key is believed, in milliseconds, before it is looked up again. */
  maxAgeMs: number;
};

const MAX_CACHED_KEYS = 10_000;
const BEARER = /^Bearer +([\x21-\x7e]+) *$/i;

type KnownKey = { grant: KeyGrant; principal: Principal };

const ADMIN: Principal = { kind: "admin" };

/** Turns the header `Authorization: Bearer …` into a principal. Known keys are kept in memory. */
export class Authenticator {
  readonly #adminHash: Buffer;
  readonly #keys: Believed<KnownKey>;
  readonly #tokens: TokenAuthenticator;
  readonly #headers = new KnownHeaders();

  constructor({ adminKey, keys, tokens, maxAgeMs }: AuthenticatorOptions) {
    this.#adminHash = Buffer.from(hashSecret(adminKey));
    this.#tokens = tokens;
    const look = async (hash: string) => {
      const grant = await keys.findKey(hash);
      return grant && { grant, principal: { kind: "application", application: grant.application } as const };
    };
    this.#keys = new Believed({ look, maxAgeMs, max: MAX_CACHED_KEYS });
  }

  /**
   * The principal behind the header's value; UNAUTHENTICATED where there is none. At once where the header came before, and
   * what it opens is still believed.
   */
  authenticate(header: string | null): Soon<Principal> {
    if (header === null) throw credentialMissing();
    const hash = this.#headers.hashOf(header);
    if (hash === undefined) return this.#tokens.recall(header) ?? this.#lookAt(header);
    if (hash === null) return ADMIN;
    const now = Date.now();
    const known = this.#keys.recall(hash, now);
    return known !== undefined && !isExpired(known.grant, now) ? known.principal : this.#lookAt(header);
  }

  /** Forgets an application's keys: they were rotated, or it is gone. */
  forget(application: string): void {
    this.#keys.forget(({ grant }) => grant.application === application);
    this.#headers.forgetUnless((hash) => this.#keys.has(hash));
  }

  async #lookAt(header: string): Promise<Principal> {
    const credential = BEARER.exec(header)?.[1];
    if (!credential) throw credentialMalformed();
    const hash = hashSecret(credential);
    if (timingSafeEqual(Buffer.from(hash), this.#adminHash)) {
      this.#headers.remember(header, null);
      return ADMIN;
    }
    if (looksLikeToken(credential)) return this.#tokens.authenticate(header, credential);
    const known = await this.#keys.find(hash);
    if (!known || isExpired(known.grant, Date.now())) throw credentialInvalid();
    this.#headers.remember(header, hash);
    return known.principal;
  }
}

function isExpired({ expireTimeMs }: KeyGrant, now: number): boolean {
  return expireTimeMs !== null && expireTimeMs <= now;
}
