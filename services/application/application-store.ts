import {
  type Attributes,
  col,
  fn,
  IndexHints,
  Op,
  type Transaction,
  UniqueConstraintError,
  type WhereOptions,
} from "sequelize";
import { createResourceId } from "../aip/resource-id.ts";
import { createApiKey } from "../auth/api-key.ts";
import type { KeyGrant, KeyStore } from "../auth/authenticator.ts";
import { hashSecret } from "../auth/secret-hash.ts";
import type { Database } from "../database/database.ts";
import { RequestMemory, RequestReusedError, type RequestScope } from "../database/request-memory.ts";
import { retryDeadlock } from "../database/retry-deadlock.ts";
import { recordChanges } from "../facts/recorded-changes.ts";
import type { CreateRequestKey } from "../numbering/numbering.ts";
import { applicationExists } from "./application-exists.ts";
import type { ApplicationRow } from "./application-model.ts";

type Row = Attributes<ApplicationRow>;

/** What a create or a rotation gave; `apiKey` is missing where the same request gave it before. */
export type ApplicationWithKey = { row: Row; apiKey?: string };

/** What an application has of its own, as its columns have it: `rateLimits` in JSON, `registrationClosed` as 0 or 1. */
export type ApplicationFields = { displayName: string; rateLimits: string | null; registrationClosed: number };

/** An update's etag is not the current one. */
export class StaleEtagError extends Error {}

/** Where the page of applications begins: after this one. */
export type ApplicationCursor = { createTime: number; token: string };

/** Durations in milliseconds. */
export type ApplicationStoreOptions = { keyGraceMs: number; requestTtlMs: number };

const LIVE = { deleteTime: null };
/** MySQL would rather read and sort all of a few thousand applications, for each page. */
const IN_ORDER = [{ type: IndexHints.FORCE, values: ["applications_create_time_token"] }];

/** Applications and their keys, written straight to the database: they are rare and few. */
export class ApplicationStore implements KeyStore {
  readonly #database: Database;
  readonly #keyGraceMs: number;
  readonly #memory: RequestMemory;

  constructor(database: Database, { keyGraceMs, requestTtlMs }: ApplicationStoreOptions) {
    this.#database = database;
    this.#keyGraceMs = keyGraceMs;
    this.#memory = new RequestMemory(database, requestTtlMs);
  }

  /** Makes an application with its first key. RequestReusedError where the request_id was another request's. */
  async create(fields: ApplicationFields, request: CreateRequestKey | undefined): Promise<ApplicationWithKey> {
    const collection = { application: "", collection: "applications" };
    const created = await this.#once(collection, request, async (transaction) => {
      const now = Date.now();
      const token = createResourceId();
      const row = { token, ...fields, revision: 1, createTime: now, updateTime: now };
      await this.#database.applications.create(row, { transaction });
      return { token, apiKey: await this.#addKey(token, now, transaction) };
    });
    return created!;
  }

  /**
   * Makes a new key; those before it work for the grace. Undefined where there is no such application;
   * RequestReusedError where the request_id was another request's.
   */
  async rotateKey(token: string, request: CreateRequestKey | undefined): Promise<ApplicationWithKey | undefined> {
    if (!(await this.find(token))) return undefined;
    return this.#once({ application: token, collection: "apiKeys" }, request, async (transaction) => {
      // It stays as it is until the transaction ends, and its keys change no further.
      if (!(await applicationExists(this.#database, token, { transaction, lock: true }))) return undefined;
      const now = Date.now();
      await this.#database.apiKeys.update(
        { expireTime: now + this.#keyGraceMs },
        {
          where: { application: token, expireTime: { [Op.or]: [null, { [Op.gt]: now + this.#keyGraceMs }] } },
          transaction,
        },
      );
      return { token, apiKey: await this.#addKey(token, now, transaction) };
    });
  }

  /** The application; undefined where there is none, or no longer. */
  async find(token: string, transaction?: Transaction): Promise<Row | undefined> {
    return (
      (await this.#database.applications.findOne({ where: { token, ...LIVE }, raw: true, transaction })) ?? undefined
    );
  }

  /** When the last replaced key of each application stops working; those of which none works are left out. */
  async previousKeyExpireTimes(tokens: readonly string[]): Promise<Map<string, number>> {
    const rows = await this.#database.apiKeys.findAll({
      attributes: ["application", [fn("MAX", col("expire_time")), "expireTime"]],
      where: { application: [...tokens], expireTime: { [Op.gt]: Date.now() } },
      group: "application",
      raw: true,
    });
    return new Map(rows.map(({ application, expireTime }) => [application, expireTime!]));
  }

  /** Applications, newest first. */
  list(limit: number, after: ApplicationCursor | undefined): Promise<Row[]> {
    const where: WhereOptions<Row> = after
      ? {
          ...LIVE,
          createTime: { [Op.lte]: after.createTime },
          [Op.or]: [{ createTime: { [Op.lt]: after.createTime } }, { token: { [Op.lt]: after.token } }],
        }
      : LIVE;
    const order: [string, string][] = [
      ["createTime", "DESC"],
      ["token", "DESC"],
    ];
    return this.#database.applications.findAll({ where, order, limit, indexHints: IN_ORDER, raw: true });
  }

  /**
   * Changes some fields. Undefined where there is no such application; StaleEtagError where `isCurrent` denies.
   *
   * @param change what to change of a row; called again where that changed meanwhile
   */
  async update(
    token: string,
    change: (row: Row) => Partial<ApplicationFields>,
    isCurrent: (row: Row) => boolean,
  ): Promise<Row | undefined> {
    const row = await this.find(token);
    if (!row) return undefined;
    if (!isCurrent(row)) throw new StaleEtagError();
    const changes = change(row);
    if (Object.keys(changes).length === 0) return row;
    const changed = {
      ...changes,
      revision: row.revision + 1,
      updateTime: Math.max(row.updateTime, Date.now()),
    };
    const where = { token, revision: row.revision, ...LIVE };
    const isChanged = await this.#transact(async (transaction) => {
      const [updated] = await this.#database.applications.update(changed, { where, transaction });
      if (updated === 1)
        await recordChanges(this.#database, [{ kind: "application", application: token }], transaction);
      return updated === 1;
    });
    return isChanged ? { ...row, ...changed } : this.update(token, change, isCurrent);
  }

  /** What the key with this hash opens; undefined where there is no such key. */
  async findKey(hash: string): Promise<KeyGrant | undefined> {
    const row = await this.#database.apiKeys.findOne({ where: { hash }, raw: true });
    return row ? { application: row.application, expireTimeMs: row.expireTime } : undefined;
  }

  async #addKey(application: string, now: number, transaction: Transaction): Promise<string> {
    const apiKey = createApiKey();
    const row = { hash: hashSecret(apiKey), application, createTime: now, expireTime: null };
    await this.#database.apiKeys.create(row, { transaction });
    return apiKey;
  }

  #transact<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    return retryDeadlock(() => this.#database.sequelize.transaction(work));
  }

  /**
   * Does `make` once for a request_id that is remembered; for a repeated one finds what it made. Undefined where
   * `make` gives undefined; RequestReusedError where what it made is gone.
   */
  async #once(
    scope: RequestScope,
    request: CreateRequestKey | undefined,
    make: (transaction: Transaction) => Promise<{ token: string; apiKey: string } | undefined>,
  ): Promise<ApplicationWithKey | undefined> {
    try {
      return await this.#transact(async (transaction) => {
        const known = request && (await this.#memory.recall(scope, request, transaction));
        if (known !== undefined) return { row: (await this.find(known, transaction)) ?? refuseReuse() };
        const made = await make(transaction);
        if (!made) return undefined;
        if (request) await this.#memory.remember(scope, request, made.token, transaction);
        return { row: (await this.find(made.token, transaction))!, apiKey: made.apiKey };
      });
    } catch (error) {
      const raced = error instanceof UniqueConstraintError && request !== undefined;
      if (raced) return this.#once(scope, request, make);
      throw error;
    }
  }
}

function refuseReuse(): never {
  throw new RequestReusedError();
}
