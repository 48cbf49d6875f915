import { type Attributes, Op } from "sequelize";
import type { Member } from "../../gen/parley/v1/member_pb.ts";
import type { ChatName, MemberName } from "../aip/resource-name.ts";
import type { Database } from "../database/database.ts";
import { findByKeys } from "../database/find-by-keys.ts";
import { memberFromRow } from "./member-codec.ts";
import type { MemberRow } from "./member-model.ts";
import { findProfiles } from "./member-profiles.ts";

/** Members, read from the database as they are answered. */
export class MemberStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Also of a chat that is deleted. */
  async find({ application, chat, user }: MemberName): Promise<Member | undefined> {
    const row = await this.#database.members.findOne({ where: { application, chat, user }, raw: true });
    return row ? (await this.#read(application, [row]))[0] : undefined;
  }

  /** Those of these users who are members, in any order. Also of a chat that is deleted. */
  async findAll({ application, chat }: ChatName, users: readonly string[]): Promise<Member[]> {
    const keys = users.map((user) => ({ application, chat, user }));
    return this.#read(application, await findByKeys(this.#database.members, keys));
  }

  /** Members that came without their profiles, with them. */
  async withProfiles(application: string, members: readonly Member[]): Promise<Member[]> {
    const profiles = await this.#profiles(application, members);
    return members.map((member) => ({ ...member, ...profiles.get(member.user) }));
  }

  /** Members whose users' ids come after one, in their order, in the application's turn; rejects where `signal` aborts before it. */
  list(
    { application, chat }: ChatName,
    { after, limit }: { after: string; limit: number },
    signal: AbortSignal,
  ): Promise<Member[]> {
    const where = { application, chat, user: { [Op.gt]: after } };
    const order: [string, string][] = [["user", "ASC"]];
    const read = async () =>
      this.#read(application, await this.#database.members.findAll({ where, order, limit, raw: true }));
    return this.#database.largeReads.take(application, read, signal);
  }

  async #read(application: string, rows: readonly Attributes<MemberRow>[]): Promise<Member[]> {
    const profiles = await this.#profiles(application, rows);
    return rows.map((row) => memberFromRow(row, profiles.get(row.user)));
  }

  #profiles(application: string, members: readonly { user: string }[]) {
    const users = members.map(({ user }) => user);
    return findProfiles(this.#database, application, users);
  }
}
