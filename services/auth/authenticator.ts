import { timingSafeEqual } from "node:crypto";
import { Code, type ConnectError } from "@connectrpc/connect";
import { ErrorReason } from "../../gen/parley/v1/error_reason_pb.ts";
import { rpcError } from "../rpc/errors.ts";
import { hashApiKey } from "./api-key.ts";
import { KnownHeaders } from "./known-headers.ts";
import type { Principal } from "./principal.ts";

/** What a stored key opens. `expireTimeMs` is null for the current key of an application. */
export type KeyGrant = { application: string; expireTimeMs: number | null };

/** Finds keys by their hash. */
export interface KeyStore {
  findKey(hash: string): Promise<KeyGrant | undefined>;
}

const MAX_CACHED_KEYS = 10_000;
/** How long the look-up of a key that was known may take, in milliseconds. */
const REFRESH_TIMEOUT_MS = 250;
const LATE: unique symbol = Symbol("the store did not answer in time");
const BEARER = /^Bearer +([\x21-\x7e]+) *$/i;

/** A grant that was found, and until when it is believed, in milliseconds since 1970. */
type KnownGrant = { grant: KeyGrant; principal: Principal; untilMs: number };

const ADMIN: Principal = { kind: "admin" };

/** Turns the header `Authorization: Bearer …` into a principal. Known keys are kept in memory. */
export class Authenticator {
  readonly #adminHash: Buffer;
  readonly #keys: KeyStore;
  readonly #maxAgeMs: number;
  readonly #known = new Map<string, KnownGrant>();
  readonly #headers = new KnownHeaders();
  readonly #finding = new Map<string, Promise<KeyGrant | undefined>>();
  /** Rises with every `forget`, so that a look-up under way does not bring an old grant back. */
  #generation = 0;

  /**
   * @param maxAgeMs how long a key is believed, in milliseconds, before it is looked up again: for ever where this
   * process alone changes keys
   */
  constructor(adminKey: string, keys: KeyStore, maxAgeMs = Number.POSITIVE_INFINITY) {
    this.#adminHash = Buffer.from(hashApiKey(adminKey));
    this.#keys = keys;
    this.#maxAgeMs = maxAgeMs;
  }

  /** The principal behind a header that came before, where its key is still believed without being looked up. */
  recall(header: string | null): Principal | undefined {
    const hash = header === null ? undefined : this.#headers.hashOf(header);
    if (hash === undefined) return undefined;
    if (hash === null) return ADMIN;
    const known = this.#known.get(hash);
    if (known === undefined) return undefined;
    const now = Date.now();
    return known.untilMs > now && !isExpired(known.grant, now) ? known.principal : undefined;
  }

  /** The principal behind the header's value; UNAUTHENTICATED where there is none. */
  async authenticate(header: string | null): Promise<Principal> {
    if (header === null) throw missing();
    const key = BEARER.exec(header)?.[1];
    if (!key) throw malformed();
    const hash = hashApiKey(key);
    if (timingSafeEqual(Buffer.from(hash), this.#adminHash)) {
      this.#headers.remember(header, null);
      return ADMIN;
    }
    const grant = await this.#grantOf(hash);
    if (!grant || isExpired(grant, Date.now())) throw invalid();
    this.#headers.remember(header, hash);
    return { kind: "application", application: grant.application };
  }

  /** Forgets an application's keys: they were rotated, or it is gone. */
  forget(application: string): void {
    for (const [hash, { grant }] of this.#known) if (grant.application === application) this.#known.delete(hash);
    this.#headers.forgetUnless((hash) => this.#known.has(hash));
    this.#finding.clear();
    this.#generation++;
  }

  async #grantOf(hash: string): Promise<KeyGrant | undefined> {
    const known = this.#known.get(hash);
    if (!known) return this.#find(hash);
    return known.untilMs > Date.now() ? known.grant : this.#findAgain(hash, known);
  }

  /** A store that is away or slow takes nobody's key: what was known is believed for another while. */
  async #findAgain(hash: string, known: KnownGrant): Promise<KeyGrant | undefined> {
    const { promise: patience, resolve } = Promise.withResolvers<typeof LATE>();
    const timer = setTimeout(() => resolve(LATE), REFRESH_TIMEOUT_MS);
    const found = await Promise.race([this.#find(hash).catch((): typeof LATE => LATE), patience]);
    clearTimeout(timer);
    if (found !== LATE) return found;
    known.untilMs = Date.now() + this.#maxAgeMs;
    return known.grant;
  }

  /** Calls that come with the same key share one look-up. */
  #find(hash: string): Promise<KeyGrant | undefined> {
    const running = this.#finding.get(hash);
    if (running) return running;
    const finding = this.#lookUp(hash).finally(() => this.#finding.delete(hash));
    this.#finding.set(hash, finding);
    return finding;
  }

  async #lookUp(hash: string): Promise<KeyGrant | undefined> {
    const generation = this.#generation;
    const untilMs = Date.now() + this.#maxAgeMs;
    const grant = await this.#keys.findKey(hash);
    this.#known.delete(hash);
    if (!grant || generation !== this.#generation) return grant;
    if (this.#known.size >= MAX_CACHED_KEYS) this.#known.delete(this.#known.keys().next().value!);
    const principal = { kind: "application", application: grant.application } as const;
    this.#known.set(hash, { grant, principal, untilMs });
    return grant;
  }
}

function isExpired({ expireTimeMs }: KeyGrant, now: number): boolean {
  return expireTimeMs !== null && expireTimeMs <= now;
}

function missing(): ConnectError {
  return rpcError(
    Code.Unauthenticated,
    ErrorReason.CREDENTIAL_MISSING,
    "no credential: send the header 'Authorization: Bearer <key>' with the admin key or an application's api_key",
  );
}

function invalid(): ConnectError {
  return rpcError(
    Code.Unauthenticated,
    ErrorReason.CREDENTIAL_INVALID,
    "the credential is not known, or no longer: send 'Authorization: Bearer <key>' with a key that is in force",
  );
}

function malformed(): ConnectError {
  return rpcError(
    Code.Unauthenticated,
    ErrorReason.CREDENTIAL_INVALID,
    "the Authorization header must be 'Bearer ' and a key: the admin key or an application's api_key",
  );
}
