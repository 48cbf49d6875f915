import type { Attributes } from "sequelize";
import { Believed } from "../process/believed.ts";
import { type PublicKey, readPublicKey } from "./public-key.ts";
import type { TokenKeyRow } from "./token-key-model.ts";
import type { TokenKeyStore } from "./token-key-store.ts";

/** Applications whose keys are kept. */
const MAX_APPLICATIONS = 1_000;

/** A public key of another issuer, as its tokens are verified with. */
export type TokenKey = PublicKey & {
  id: string;
  issuer: string;
  /** The `kid` of its tokens; empty where any will do. */
  keyId: string;
  userClaim: string;
  displayNameClaim: string;
  createUsers: boolean;
};

/** The keys of other issuers, as this process knows them. */
export class TokenKeys {
  readonly #keys: Believed<TokenKey[]>;

  /** @param maxAgeMs how long an application's keys are believed, in milliseconds, before they are looked up again */
  constructor(store: TokenKeyStore, maxAgeMs: number) {
    const look = async (application: string) => {
      const rows = await store.findAll(application);
      return rows.length > 0 ? rows.map(fromRow) : undefined;
    };
    this.#keys = new Believed({ look, maxAgeMs, max: MAX_APPLICATIONS });
  }

  /** An application's keys. */
  async find(application: string): Promise<readonly TokenKey[]> {
    return (await this.#keys.find(application)) ?? [];
  }

  /** Whether an application is known to have a key still. */
  isKnown(application: string, id: string, nowMs: number): boolean {
    return this.#keys.recall(application, nowMs)?.some((key) => key.id === id) ?? false;
  }

  /** Forgets an application's keys: they changed. */
  forget(application: string): void {
    this.#keys.forget((_keys, key) => key === application);
  }
}

function fromRow({ id, publicKey, issuer, keyId, userClaim, displayNameClaim, createUsers }: Attributes<TokenKeyRow>) {
  return {
    ...readPublicKey(publicKey),
    id,
    issuer,
    keyId,
    userClaim,
    displayNameClaim,
    createUsers: createUsers !== 0,
  };
}
