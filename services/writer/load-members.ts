import type { Attributes, Transaction } from "sequelize";
import { Member_Role } from "../../gen/parley/v1/member_pb.ts";
import type { ChatName, MemberName } from "../aip/resource-name.ts";
import type { Database } from "../database/database.ts";
import { findByKeys } from "../database/find-by-keys.ts";
import type { MemberRow } from "../member/member-model.ts";
import { type Erasure, loadErased } from "./load-erased.ts";

/** What the writes of a batch refer to among the memberships. */
export type MemberReferences = {
  /** By their names, as all here. */
  members: Map<string, MemberName>;
  /** Chats whose owners decide. */
  owned: Map<string, ChatName>;
  /** Users who are erased: all of their memberships. */
  erased: Map<string, Erasure>;
};

/** Loads memberships: those that are named, the owners that decide, and all of those who are erased, with who follows them. */
export async function loadMembers(
  database: Database,
  references: MemberReferences,
  transaction: Transaction,
): Promise<Attributes<MemberRow>[]> {
  const named = [...references.members.values()];
  const changed = [...references.owned.values()];
  const memberKeys = named.map(({ application, chat, user }) => ({ application, chat, user }));
  const chatKeys = changed.map(({ application, chat }) => ({ application, chat }));
  const owners = { where: { role: Member_Role.OWNER }, transaction };
  return [
    ...(await findByKeys(database.members, memberKeys, { transaction })),
    ...(await findByKeys(database.members, chatKeys, owners)),
    ...(await loadErased(database, { erased: [...references.erased.values()], named, changed }, transaction)),
  ];
}
