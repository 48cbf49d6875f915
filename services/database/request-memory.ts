import type { Transaction } from "sequelize";
import type { CreateRequestKey } from "../numbering/numbering.ts";
import type { Database } from "./database.ts";

/** The request_id was used for another request. */
export class RequestReusedError extends Error {}

/** What a request_id counts for: a collection that a request adds to. */
export type RequestScope = { application: string; collection: string };

/** Which request_ids were used, and what they made; in the database. */
export class RequestMemory {
  readonly #database: Database;
  readonly #ttlMs: number;

  /** @param ttlMs how long a request_id is remembered */
  constructor(database: Database, ttlMs: number) {
    this.#database = database;
    this.#ttlMs = ttlMs;
  }

  /** What the request made before; undefined where it is new. RequestReusedError where its id was another request's. */
  async recall(
    scope: RequestScope,
    { principal, requestId, digest }: CreateRequestKey,
    transaction: Transaction,
  ): Promise<string | undefined> {
    const where = { ...scope, principal, requestId };
    const known = await this.#database.createRequests.findOne({ where, raw: true, transaction });
    if (!known) return undefined;
    if (known.createTime <= Date.now() - this.#ttlMs) {
      await this.#database.createRequests.destroy({ where, transaction });
      return undefined;
    }
    if (known.digest !== Buffer.from(digest).toString("hex")) throw new RequestReusedError();
    return known.resource;
  }

  /** Keeps what a request made. Sequelize's UniqueConstraintError where the same request was faster. */
  async remember(
    scope: RequestScope,
    { principal, requestId, digest }: CreateRequestKey,
    resource: string,
    transaction: Transaction,
  ): Promise<void> {
    const digestHex = Buffer.from(digest).toString("hex");
    const row = { ...scope, principal, requestId, digest: digestHex, resource, createTime: Date.now() };
    await this.#database.createRequests.create(row, { transaction });
  }
}
