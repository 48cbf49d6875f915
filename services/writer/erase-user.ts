import { Chat_Kind } from "../../gen/parley/v1/chat_pb.ts";
import { Member_Role } from "../../gen/parley/v1/member_pb.ts";
import { formatChatName, parseUserName } from "../aip/resource-name.ts";
import { type BatchRows, findLive } from "./batch-rows.ts";
import { countMembers } from "./judge-members.ts";
import type { Change, Outcome } from "./judgement.ts";
import { hasOtherOwner } from "./member-rights.ts";
import { releaseSessions } from "./release-support.ts";
import { makeNextOwner } from "./succession.ts";

/**
 * Ends the memberships of a user who is gone, and gives the support sessions that it has back to the queue. A group of
 * which it was the only owner gets another one; who is banned does not count as an owner. The pair of a DIRECT chat stays,
 * so that the other one sees with whom it was.
 */
export function eraseUser(rows: BatchRows, name: string, change: Change): Outcome {
  const { application, user } = parseUserName(name, "name");
  for (const member of rows.members.ofUser(application, user)) {
    const chat = findLive(rows.chats, formatChatName(member));
    if (chat?.row.kind === Chat_Kind.DIRECT) continue;
    rows.members.remove(member);
    if (!chat) continue;
    countMembers(chat, -1);
    const owned = chat.row.kind === Chat_Kind.GROUP && member.role === Member_Role.OWNER;
    if (owned && !hasOtherOwner(rows.members, member, user, change.timeMs)) makeNextOwner(rows.members, member, change);
    rows.forgotten.push({ kind: "chat", chat: { application, chat: member.chat } });
  }
  releaseSessions(rows, { application, user }, change);
  return { case: "erased", value: name };
}
