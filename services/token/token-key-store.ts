import { type Attributes, Op } from "sequelize";
import { createResourceId } from "../aip/resource-id.ts";
import { applicationExists } from "../application/application-exists.ts";
import type { Database } from "../database/database.ts";
import { retryDeadlock } from "../database/retry-deadlock.ts";
import { readPublicKey } from "./public-key.ts";
import type { TokenKeyRow } from "./token-key-model.ts";

type Row = Attributes<TokenKeyRow>;

/** Keys of an application. Each may be tried on a token. */
export const TOKEN_KEYS_MAX = 20;

/** An application has as many keys as it may. */
export class TooManyTokenKeysError extends Error {}

/** An application has a key already: that with this id. */
export class KnownTokenKeyError extends Error {
  readonly id: string;

  constructor(id: string) {
    super();
    this.id = id;
  }
}

/** The public keys of other issuers in the database. */
export class TokenKeyStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** All keys of an application; none where it is gone. */
  async findAll(application: string): Promise<Row[]> {
    const [exists, rows] = await Promise.all([
      applicationExists(this.#database, application),
      this.#database.tokenKeys.findAll({ where: { application }, order: ["id"], raw: true }),
    ]);
    return exists ? rows : [];
  }

  /** A page of an application's keys by their ids, those after one. Undefined where there is no such application. */
  async list(application: string, limit: number, after = ""): Promise<Row[] | undefined> {
    if (!(await applicationExists(this.#database, application))) return undefined;
    const { tokenKeys } = this.#database;
    return tokenKeys.findAll({ where: { application, id: { [Op.gt]: after } }, order: ["id"], limit, raw: true });
  }

  /**
   * Adds a key. Undefined where there is no such application; rejects with KnownTokenKeyError where it has the key, in
   * whatever form and whoever its issuer, so that to delete a key is to revoke it; with TooManyTokenKeysError where it has
   * enough.
   */
  async create(application: string, key: Omit<Row, "application" | "id" | "createTime">): Promise<Row | undefined> {
    const { sequelize, tokenKeys } = this.#database;
    const publicKey = readPublicKey(key.publicKey).key;
    const row: Row = { ...key, application, id: createResourceId(), createTime: Date.now() };
    const add = () =>
      sequelize.transaction(async (transaction) => {
        if (!(await applicationExists(this.#database, application, { transaction, lock: true }))) return undefined;
        const others = await tokenKeys.findAll({ where: { application }, raw: true, transaction });
        const known = others.find((other) => readPublicKey(other.publicKey).key.equals(publicKey));
        if (known) throw new KnownTokenKeyError(known.id);
        if (others.length >= TOKEN_KEYS_MAX) throw new TooManyTokenKeysError();
        await tokenKeys.create(row, { transaction });
        return row;
      });
    return retryDeadlock(add);
  }

  /** Removes a key. False where there is none. */
  async delete(application: string, id: string): Promise<boolean> {
    return (await this.#database.tokenKeys.destroy({ where: { application, id } })) === 1;
  }
}
