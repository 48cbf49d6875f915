import { Op } from "sequelize";
import type { Database } from "../database/database.ts";
import { findByKeys } from "../database/find-by-keys.ts";
import { createRequestKey } from "./create-request-model.ts";
import type { CounterName } from "./numbering.ts";
import type {
  CounterClaim,
  CounterSeed,
  CreateRequestName,
  NumberingSource,
  StoredCreateRequest,
} from "./numbering-source.ts";

/** The collection of `create_requests` that a counter's creates belong to. */
export function collectionOf({ chat }: CounterName): string {
  return chat === undefined ? "chats" : `chats/${chat}/messages`;
}

/** The counters' seeds and the request_ids, from the database's tables. */
export class SqlNumberingSource implements NumberingSource {
  readonly #database: Database;
  readonly #requestTtlMs: number;
  readonly #now: () => number;

  /** @param requestTtlMs how long a request_id is remembered, in milliseconds */
  constructor(database: Database, requestTtlMs: number, now: () => number = Date.now) {
    this.#database = database;
    this.#requestTtlMs = requestTtlMs;
    this.#now = now;
  }

  async seed(counter: CounterName): Promise<CounterSeed | undefined> {
    return this.#find(counter);
  }

  async claim(counter: CounterName, epoch: number): Promise<CounterClaim | undefined> {
    const isOurs = await this.#raiseEpoch(counter, epoch);
    const found = await this.#find(counter);
    return found && { ...found, isOurs };
  }

  /** Whether the counter's epoch was lower. */
  async #raiseEpoch({ application, chat }: CounterName, epoch: number): Promise<boolean> {
    const live = { seeded: { [Op.lt]: epoch }, deleteTime: null };
    const [raised] =
      chat === undefined
        ? await this.#database.applications.update({ seeded: epoch }, { where: { token: application, ...live } })
        : await this.#database.chats.update({ seeded: epoch }, { where: { application, number: chat, ...live } });
    return raised === 1;
  }

  async #find({ application, chat }: CounterName): Promise<(CounterSeed & { epoch: number }) | undefined> {
    if (chat === undefined) {
      const row = await this.#database.applications.findOne({
        attributes: ["lastChatNumber", "seeded"],
        where: { token: application, deleteTime: null },
        raw: true,
      });
      return row ? { last: row.lastChatNumber ?? 0, lastTimeMs: 0, epoch: row.seeded ?? 0 } : undefined;
    }
    const row = await this.#database.chats.findOne({
      attributes: ["lastNumber", "lastMessageTime", "createTime", "seeded"],
      where: { application, number: chat, deleteTime: null },
      raw: true,
    });
    if (!row) return undefined;
    return { last: row.lastNumber, lastTimeMs: row.lastMessageTime ?? row.createTime, epoch: row.seeded };
  }

  async findRequests(names: readonly CreateRequestName[]): Promise<(StoredCreateRequest | undefined)[]> {
    const keys = names.map((name) => ({
      application: name.application,
      collection: collectionOf(name),
      principal: name.principal,
      requestId: name.requestId,
    }));
    const createTime = { [Op.gt]: this.#now() - this.#requestTtlMs };
    const rows = await findByKeys(this.#database.createRequests, keys, { where: { createTime } });
    const found = new Map(rows.map((row) => [createRequestKey(row), row]));
    return keys.map((key) => {
      const row = found.get(createRequestKey(key));
      return (
        row && { first: Number(row.resource), createTimeMs: row.createTime, digest: Buffer.from(row.digest, "hex") }
      );
    });
  }
}
