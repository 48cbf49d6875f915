import { type Attributes, Op, type Transaction } from "sequelize";
import type { Database } from "../database/database.ts";
import { retryDeadlock } from "../database/retry-deadlock.ts";
import { ACCESS_TOKEN_TTL_MAX_MS } from "./access-token-ttl.ts";
import { makeSigningKeyRow, openSigningKey, type SigningKey } from "./signing-key.ts";
import type { SigningKeyRow } from "./signing-key-model.ts";
import { deriveKey } from "./token-secret.ts";

/** How long a process may go on signing with a key that was replaced: until it looks again, and clocks differ. */
const LATENESS_MS = 5 * 60_000;

/** What is known of a stored key without its secret. */
export type SigningKeySummary = Pick<Attributes<SigningKeyRow>, "id" | "createTime" | "signTime" | "expireTime">;

/** The keys that could be decrypted, and the ids of those that could not. */
export type LoadedKeys = { keys: SigningKey[]; unopened: string[] };

/** Signing keys in the database, encrypted under the secret of tokens. */
export class SigningKeyStore {
  readonly #database: Database;
  readonly #encryptionKey: Uint8Array;

  constructor(database: Database, secret: string) {
    this.#database = database;
    this.#encryptionKey = deriveKey(secret, "signing keys");
  }

  /** The keys that are not over, the next signer first. */
  list(): Promise<SigningKeySummary[]> {
    return this.#rows();
  }

  /** The keys that are not over, decrypted. */
  async load(): Promise<LoadedKeys> {
    const loaded: LoadedKeys = { keys: [], unopened: [] };
    for (const row of await this.#rows()) {
      const key = await openSigningKey(row, this.#encryptionKey).catch(() => undefined);
      if (key) loaded.keys.push(key);
      else loaded.unopened.push(row.id);
    }
    return loaded;
  }

  /** Adds a new key that signs from a time on; those before it are accepted until their last tokens are over. */
  async add(signTimeMs: number): Promise<SigningKeySummary> {
    const row = await makeSigningKeyRow(this.#encryptionKey, { createTimeMs: Date.now(), signTimeMs });
    // The last token of a replaced key ends before the key does.
    const expireTime = signTimeMs + LATENESS_MS + ACCESS_TOKEN_TTL_MAX_MS;
    const { sequelize, signingKeys } = this.#database;
    const replace = async (transaction: Transaction) => {
      await signingKeys.update({ expireTime }, { where: { expireTime: null }, transaction });
      await signingKeys.create(row, { transaction });
    };
    await retryDeadlock(() => sequelize.transaction(replace));
    return row;
  }

  /** Ends a key at once: its tokens are not accepted. False where there is no such key. */
  async retire(id: string): Promise<boolean> {
    const expireTime = Date.now();
    const where = { id, expireTime: { [Op.or]: [null, { [Op.gt]: expireTime }] } };
    const [updated] = await this.#database.signingKeys.update({ expireTime }, { where });
    return updated === 1;
  }

  /**
   * Sees to it that there is a key to sign with now, and one that no other has replaced. Gives its id where that had to be
   * made, or had to sign before its time.
   */
  async ensureSigner(): Promise<string | undefined> {
    const now = Date.now();
    const rows = await this.#rows();
    const newest = rows.find(({ expireTime }) => expireTime === null);
    if (!newest) return (await this.add(now)).id;
    if (rows.some(({ signTime }) => signTime <= now)) return undefined;
    await this.#database.signingKeys.update({ signTime: now }, { where: { id: newest.id } });
    return newest.id;
  }

  /** The last to sign first; of the same time, the one that no other has replaced. */
  async #rows(): Promise<Attributes<SigningKeyRow>[]> {
    const where = { expireTime: { [Op.or]: [null, { [Op.gt]: Date.now() }] } };
    const rows = await this.#database.signingKeys.findAll({ where, order: [["id", "ASC"]], raw: true });
    const endOf = ({ expireTime }: Attributes<SigningKeyRow>) => expireTime ?? Number.MAX_SAFE_INTEGER;
    return rows.sort((a, b) => b.signTime - a.signTime || endOf(b) - endOf(a));
  }
}
