import { type Attributes, QueryTypes, type Transaction } from "sequelize";
import { Member_Role } from "../../gen/parley/v1/member_pb.ts";
import { type ChatName, formatChatName, type MemberName, type UserName } from "../aip/resource-name.ts";
import type { Database } from "../database/database.ts";
import { findByKeys } from "../database/find-by-keys.ts";
import type { MemberRow } from "../member/member-model.ts";

type Row = Attributes<MemberRow>;

/** A user who is erased, and when that was asked for. */
export type Erasure = UserName & { timeMs: number };

/** Whom a batch erases, and what else it does to members. */
export type Erasures = {
  erased: readonly Erasure[];
  /** Members that other writes name. */
  named: readonly MemberName[];
  /** Chats whose members other writes change. */
  changed: readonly ChatName[];
};

/** Groups whose members one statement ranks at most. */
const STEP_CHATS = 50;

/**
 * The memberships of users who are erased, and of each chat that one of them owns, or may own by then, the member who is
 * next: more of them where the batch may change some. Of the others no better one is left, whatever the batch does.
 */
export async function loadErased(
  database: Database,
  { erased, named, changed }: Erasures,
  transaction: Transaction,
): Promise<Row[]> {
  const own: Row[] = [];
  for (const { application, user } of erased) {
    own.push(...(await database.members.findAll({ where: { application, user }, raw: true, transaction })));
  }
  const owned = new Set([...changed, ...own.filter(({ role }) => role === Member_Role.OWNER)].map(formatChatName));
  const found = [own];
  for (const gone of erased) {
    const { application, user } = gone;
    const left = own.filter((row) => row.application === application && row.user === user);
    const chats = left.filter((row) => owned.has(formatChatName(row))).map(({ chat }) => chat);
    const others = erased.flatMap((other) => (other.application === application ? [other.user] : []));
    for (let start = 0; start < chats.length; start += STEP_CHATS) {
      const step = chats.slice(start, start + STEP_CHATS);
      const limit = 1 + named.filter((name) => name.application === application && step.includes(name.chat)).length;
      found.push(await loadNext(database, { ...gone, chats: step, others, limit }, transaction));
    }
  }
  return found.flat();
}

type Next = Erasure & { chats: readonly number[]; others: readonly string[]; limit: number };

/** Of each chat those who come first where its owner goes: who is banned last, then by role and standing. */
async function loadNext(
  { sequelize, members }: Database,
  { application, timeMs, chats, others, limit }: Next,
  transaction: Transaction,
): Promise<Row[]> {
  const keys = await sequelize.query<{ chat: number; user: string }>(
    `SELECT chat, user FROM (
       SELECT chat, user, ROW_NUMBER() OVER (
         PARTITION BY chat
         ORDER BY CASE WHEN ban_expire_time > :timeMs THEN 1 ELSE 0 END, role DESC, join_time, user
       ) AS place
       FROM members WHERE application = :application AND chat IN (:chats) AND user NOT IN (:others)
     ) AS ranked WHERE place <= :limit`,
    { replacements: { application, timeMs, chats, others, limit }, type: QueryTypes.SELECT, transaction },
  );
  return findByKeys(
    members,
    keys.map(({ chat, user }) => ({ application, chat, user })),
    { transaction },
  );
}
