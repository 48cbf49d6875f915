import { Chat_Kind } from "../../gen/parley/v1/chat_pb.ts";
import { Member_Role } from "../../gen/parley/v1/member_pb.ts";
import { type ChatName, formatChatName, parseUserName } from "../aip/resource-name.ts";
import { type BatchRows, findLive } from "./batch-rows.ts";
import { countMembers } from "./judge-members.ts";
import type { Change, Outcome } from "./judgement.ts";
import { releaseSessions } from "./release-sessions.ts";

/**
 * Ends the memberships of a user who is gone, and gives the support sessions that it has back to the queue. A group of
 * which it was the only owner gets another: of its ADMINs the one of longest standing, where it has none of the other
 * members. The pair of a DIRECT chat stays, so that the other one sees with whom it was.
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

function succeed(rows: BatchRows, { application, chat }: ChatName, change: Change): void {
  const name = { application, chat };
  if (rows.members.ownersOf(name).length > 0) return;
  const [next] = rows.members
    .knownOf(name)
    .sort((one, other) => other.role - one.role || one.joinTime - other.joinTime);
  if (next) rows.members.put({ ...next, role: Member_Role.OWNER, changeSeq: change.mark });
}
