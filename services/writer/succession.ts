import type { Attributes } from "sequelize";
import { Member_Role } from "../../gen/parley/v1/member_pb.ts";
import type { ChatName } from "../aip/resource-name.ts";
import type { MemberRow } from "../member/member-model.ts";
import type { Change } from "./judgement.ts";
import { isBanned } from "./member-rights.ts";
import type { MemberRows } from "./member-rows.ts";

/**
 * Makes the next member of a group that has no owner its owner: of its ADMINs the one of longest standing, where it has
 * none of the other members. Who is banned follows only where nobody else is left. A group without members stays empty.
 */
export function makeNextOwner(members: MemberRows, chat: ChatName, { mark, timeMs }: Change): void {
  const [next] = members.knownOf(chat).sort(bySuccession(timeMs));
  if (next) members.put({ ...next, role: Member_Role.OWNER, changeSeq: mark });
}

/** The order in which members follow an owner, as loadErased looks for them. */
function bySuccession(timeMs: number) {
  const rank = (member: Attributes<MemberRow>) => (isBanned(member, timeMs) ? 1 : 0);
  return (one: Attributes<MemberRow>, other: Attributes<MemberRow>): number =>
    rank(one) - rank(other) ||
    other.role - one.role ||
    one.joinTime - other.joinTime ||
    (one.user < other.user ? -1 : 1);
}
