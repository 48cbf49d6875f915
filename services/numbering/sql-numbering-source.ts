import { Op } from "sequelize";
import type { Database } from "../database/database.ts";
import { findAny } from "../database/find-any.ts";
import { createRequestKey } from "./create-request-model.ts";
import type { CounterName } from "./numbering.ts";
import type { CounterSeed, CreateRequestName, NumberingSource, StoredCreateRequest } from "./numbering-source.ts";

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

  async seed({ application, chat }: CounterName): Promise<CounterSeed | undefined> {
    if (chat === undefined) {
      const row = await this.#database.applications.findOne({
        attributes: ["lastChatNumber"],
        where: { token: application, deleteTime: null },
        raw: true,
      });
      return row ? { last: row.lastChatNumber ?? 0, lastTimeMs: 0 } : undefined;
    }
    const row = await this.#database.chats.findOne({
      attributes: ["lastNumber", "lastMessageTime", "createTime"],
      where: { application, number: chat, deleteTime: null },
      raw: true,
    });
    return row ? { last: row.lastNumber, lastTimeMs: row.lastMessageTime ?? row.createTime } : undefined;
  }

  async findRequests(names: readonly CreateRequestName[]): Promise<(StoredCreateRequest | undefined)[]> {
    const keys = names.map((name) => ({
      application: name.application,
      collection: collectionOf(name),
      principal: name.principal,
      requestId: name.requestId,
    }));
    const createTime = { [Op.gt]: this.#now() - this.#requestTtlMs };
    const rows = await findAny(
      this.#database.createRequests,
      keys.map((key) => ({ ...key, createTime })),
    );
    const found = new Map(rows.map((row) => [createRequestKey(row), row]));
    return keys.map((key) => {
      const row = found.get(createRequestKey(key));
      return (
        row && { first: Number(row.resource), createTimeMs: row.createTime, digest: Buffer.from(row.digest, "hex") }
      );
    });
  }
}
