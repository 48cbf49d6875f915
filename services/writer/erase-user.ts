import type { Attributes } from "sequelize";
import { Chat_Kind } from "../../gen/parley/v1/chat_pb.ts";
import { Member_Role } from "../../gen/parley/v1/member_pb.ts";
import { type ChatName, formatChatName, parseUserName } from "../aip/resource-name.ts";
import type { MemberRow } from "../member/member-model.ts";
import { type BatchRows, findLive } from "./batch-rows.ts";
import { countMembers } from "./judge-members.ts";
import type { Change, Outcome } from "./judgement.ts";
import { hasOtherOwner, isBanned } from "./member-rights.ts";
import { releaseSessions } from "./release-support.ts";

/**
 * Ends the memberships of a user who is gone, and gives the support sessions that it has back to the queue. A group of
 * which it was the only owner gets another: of its ADMINs the one of longest standing, where it has none of the other
 * members. Who is banned does not count as an owner, and follows only where nobody else is left. The pair of a DIRECT chat
 * stays, so that the other one sees with whom it was.
 */
export function eraseUser(rows: BatchRows, name: string, change: Change): Outcome {
  const { application, user } = parseUserName(name, "name");
  for (const member of rows.members.ofUser(application, user)) {
    const chat = findLive(rows.chats, formatChatName(member));
    if (chat?.row.kind === Chat_Kind.DIRECT) continue;
    rows.members.remove(member);
    if (!chat) continue;
    countMembers(chat, -1);
    if (chat.row.kind === Chat_Kind.GROUP && member.role === Member_Role.OWNER) succeed(rows, member, change);
    rows.forgotten.push({ kind: "chat", chat: { application, chat: member.chat } });
  }
  releaseSessions(rows, { application, user }, change);
  return { case: "erased", value: name };
}

function succeed(rows: BatchRows, { application, chat, user }: ChatName & { user: string }, change: Change): void {
  const name = { application, chat };
  if (hasOtherOwner(rows.members, name, user, change.timeMs)) return;
  const [next] = rows.members.knownOf(name).sort(bySuccession(change.timeMs));
  if (next) rows.members.put({ ...next, role: Member_Role.OWNER, changeSeq: change.mark });
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
