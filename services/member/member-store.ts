import { type Attributes, Op } from "sequelize";
import type { ChatName, MemberName } from "../aip/resource-name.ts";
import type { Database } from "../database/database.ts";
import { findByKeys } from "../database/find-by-keys.ts";
import type { MemberRow } from "./member-model.ts";

/** Members, read from the database. */
export class MemberStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Also of a chat that is deleted. */
  async find({ application, chat, user }: MemberName): Promise<Attributes<MemberRow> | undefined> {
    return (await this.#database.members.findOne({ where: { application, chat, user }, raw: true })) ?? undefined;
  }

  /** Those of these users who are members, in any order. Also of a chat that is deleted. */
  findAll({ application, chat }: ChatName, users: readonly string[]): Promise<Attributes<MemberRow>[]> {
    const keys = users.map((user) => ({ application, chat, user }));
    return findByKeys(this.#database.members, keys);
  }

  /** Members whose users' ids come after one, in their order, in the application's turn; rejects where `signal` aborts before it. */
  list(
    { application, chat }: ChatName,
    { after, limit }: { after: string; limit: number },
    signal: AbortSignal,
  ): Promise<Attributes<MemberRow>[]> {
    const where = { application, chat, user: { [Op.gt]: after } };
    const order: [string, string][] = [["user", "ASC"]];
    const read = () => this.#database.members.findAll({ where, order, limit, raw: true });
    return this.#database.largeReads.take(application, read, signal);
  }
}
