import { type Attributes, Op, type Transaction, UniqueConstraintError, type WhereOptions } from "sequelize";
import { createResourceId } from "../aip/resource-id.ts";
import { formatUserName, type UserName } from "../aip/resource-name.ts";
import { applicationExists } from "../application/application-exists.ts";
import type { Database } from "../database/database.ts";
import { RequestMemory } from "../database/request-memory.ts";
import { retryDeadlock } from "../database/retry-deadlock.ts";
import { recordChanges } from "../facts/recorded-changes.ts";
import type { CreateRequestKey } from "../numbering/numbering.ts";
import { notFound } from "../rpc/errors.ts";
import { newUserRow, type UserProfile } from "./new-user.ts";
import { checkAddressFree, checkUserFree } from "./taken-users.ts";
import type { UserRow } from "./user-model.ts";

type Row = Attributes<UserRow>;

/** What a user is created with; `id` is empty where the server is to make one. */
export type NewUser = UserProfile & { id: string };

/** Which users are listed. */
export type UserWishes = { after: string; limit: number; email?: string | undefined };

/** How often a transaction is tried where others make the same at the same time. */
const ATTEMPTS_MAX = 5;

/** Users, written straight to the database: they change rarely. */
export class UserStore {
  readonly #database: Database;
  readonly #memory: RequestMemory;

  /** @param requestTtlMs how long a request_id is remembered */
  constructor(database: Database, { requestTtlMs }: { requestTtlMs: number }) {
    this.#database = database;
    this.#memory = new RequestMemory(database, requestTtlMs);
  }

  /**
   * Makes a user. Undefined where there is no such application; UserTakenError; RequestReusedError where the request_id
   * was another request's; NOT_FOUND of the user where the same request made one who is gone.
   */
  create(application: string, user: NewUser, request: CreateRequestKey | undefined): Promise<Row | undefined> {
    return this.transact((transaction) => this.#create(application, user, request, transaction));
  }

  /** The user; undefined where there is none, or no longer. In a transaction it stays as it is until that ends. */
  find({ application, user }: UserName, transaction?: Transaction): Promise<Row | undefined> {
    return this.#findOne({ application, id: user, deleteTime: null }, transaction);
  }

  /** The same, by the form of its address that is stored. A deleted user has none. */
  findByEmail(application: string, email: string, transaction?: Transaction): Promise<Row | undefined> {
    return this.#findOne({ application, email }, transaction);
  }

  hasApplication(token: string): Promise<boolean> {
    return applicationExists(this.#database, token);
  }

  /**
   * Users with a higher id than `after`, by their ids, in the application's turn; rejects where `signal` aborts before it.
   *
   * @param email in the form that is stored: of whoever has it alone
   */
  list(application: string, { after, email, limit }: UserWishes, signal: AbortSignal): Promise<Row[]> {
    const ofEmail = email === undefined ? {} : { email };
    const where = { application, id: { [Op.gt]: after }, deleteTime: null, ...ofEmail };
    const read = () => this.#database.users.findAll({ where, order: [["id", "ASC"]], limit, raw: true });
    return this.#database.largeReads.take(application, read, signal);
  }

  /**
   * Changes a user. Undefined where there is none; what `change` throws; UserTakenError; Sequelize's
   * UniqueConstraintError where another was faster.
   *
   * @param change gives the new values, from the user as it is; undefined where nothing changes
   */
  async update(
    name: UserName,
    change: (row: Row) => Partial<Row> | undefined,
    transaction: Transaction,
  ): Promise<Row | undefined> {
    const row = await this.find(name, transaction);
    if (!row) return undefined;
    const values = change(row);
    if (!values) return row;
    if (values.email) await checkAddressFree(this.#database, { ...row, ...values }, transaction);
    const changed = { ...values, revision: row.revision + 1, updateTime: Math.max(row.updateTime, Date.now()) };
    const where = { application: row.application, id: row.id };
    await this.#database.users.update(changed, { where, transaction });
    await recordChanges(this.#database, [{ kind: "user", ...name }], transaction);
    return { ...row, ...changed };
  }

  /** Makes a user, as part of other changes. UserTakenError; Sequelize's UniqueConstraintError where another was faster. */
  async insert(row: Row, transaction: Transaction): Promise<void> {
    await checkUserFree(this.#database, row, transaction);
    await this.#database.users.create(row, { transaction });
    const { application, id: user } = row;
    await recordChanges(this.#database, [{ kind: "user", application, user }], transaction);
  }

  /** Does the work in one transaction; again where it deadlocked, or others made the same at the same time. */
  async transact<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    for (let attempts = 1; ; attempts++) {
      try {
        return await retryDeadlock(() => this.#database.sequelize.transaction(work));
      } catch (error) {
        if (!(error instanceof UniqueConstraintError) || attempts === ATTEMPTS_MAX) throw error;
      }
    }
  }

  async #findOne(where: WhereOptions<Row>, transaction: Transaction | undefined): Promise<Row | undefined> {
    const lock = transaction?.LOCK.UPDATE;
    return (await this.#database.users.findOne({ where, raw: true, transaction, lock })) ?? undefined;
  }

  async #create(
    application: string,
    { id: wishedId, ...profile }: NewUser,
    request: CreateRequestKey | undefined,
    transaction: Transaction,
  ): Promise<Row | undefined> {
    if (!(await applicationExists(this.#database, application, { transaction }))) return undefined;
    const scope = { application, collection: "users" };
    const known = request && (await this.#memory.recall(scope, request, transaction));
    if (known !== undefined) return this.#recalled({ application, user: wishedId || known }, transaction);
    const row = newUserRow({ application, user: wishedId || createResourceId() }, profile);
    await this.insert(row, transaction);
    // An id that the caller gave comes with the request again, and may be longer than what can be remembered.
    if (request) await this.#memory.remember(scope, request, wishedId === "" ? row.id : "", transaction);
    return row;
  }

  async #recalled(name: UserName, transaction: Transaction): Promise<Row> {
    const row = await this.find(name, transaction);
    if (!row) throw notFound(formatUserName(name));
    return row;
  }
}
