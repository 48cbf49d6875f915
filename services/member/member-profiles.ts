import type { Member } from "../../gen/parley/v1/member_pb.ts";
import type { Database } from "../database/database.ts";
import { findByKeys } from "../database/find-by-keys.ts";

/** What members are shown by, as their users have it now. */
export type MemberProfile = Pick<Member, "displayName" | "avatarUrl">;

/** The profiles of users of an application, by their ids. Those of deleted users are empty. */
export async function findProfiles(
  database: Database,
  application: string,
  users: Iterable<string>,
): Promise<ReadonlyMap<string, MemberProfile>> {
  const keys = Array.from(new Set(users), (id) => ({ application, id }));
  const rows = await findByKeys(database.users, keys, { attributes: ["id", "displayName", "avatarUrl"] });
  return new Map(rows.map(({ id, displayName, avatarUrl }) => [id, { displayName, avatarUrl: avatarUrl ?? "" }]));
}
