import { type Attributes, Op, type Transaction } from "sequelize";
import { Member_Role } from "../../gen/parley/v1/member_pb.ts";
import type { ChatName, MemberName, UserName } from "../aip/resource-name.ts";
import type { Database } from "../database/database.ts";
import { findByKeys } from "../database/find-by-keys.ts";
import type { MemberRow } from "../member/member-model.ts";

type Row = Attributes<MemberRow>;

/** What the writes of a batch refer to among the memberships. */
export type MemberReferences = {
  /** By their names, as all here. */
  members: Map<string, MemberName>;
  /** Chats whose owners decide. */
  owned: Map<string, ChatName>;
  /** Users who are erased: all of their memberships. */
  erased: Map<string, UserName>;
};

/** Loads memberships: those that are named, the owners that decide, and all of those who are erased, with who follows them. */
export async function loadMembers(
  database: Database,
  { members, owned, erased }: MemberReferences,
  transaction: Transaction,
): Promise<Row[]> {
  const memberKeys = Array.from(members.values(), ({ application, chat, user }) => ({ application, chat, user }));
  const chatKeys = Array.from(owned.values(), ({ application, chat }) => ({ application, chat }));
  const named = await findByKeys(database.members, memberKeys, { transaction });
  const owners = await findByKeys(database.members, chatKeys, { where: { role: Member_Role.OWNER }, transaction });
  const gone = await loadErased(database, { erased: [...erased.values()], named: [...members.values()] }, transaction);
  return [...named, ...owners, ...gone];
}

/**
 * The memberships of users who are erased, and of each chat that one of them owns the member who is next: more of them
 * where the batch may change some.
 */
async function loadErased(
  { members }: Database,
  { erased, named }: { erased: readonly UserName[]; named: readonly MemberName[] },
  transaction: Transaction,
): Promise<Row[]> {
  const found: Row[] = [];
  for (const { application, user } of erased) {
    const own = await members.findAll({ where: { application, user }, raw: true, transaction });
    found.push(...own);
    const others = erased.flatMap((name) => (name.application === application ? [name.user] : []));
    for (const { chat, role } of own) {
      if (role !== Member_Role.OWNER) continue;
      const changed = named.filter((other) => other.application === application && other.chat === chat);
      const next = await members.findAll({
        where: { application, chat, user: { [Op.notIn]: others } },
        order: [
          ["role", "DESC"],
          ["joinTime", "ASC"],
          ["user", "ASC"],
        ],
        limit: 1 + changed.length,
        raw: true,
        transaction,
      });
      found.push(...next);
    }
  }
  return found;
}
