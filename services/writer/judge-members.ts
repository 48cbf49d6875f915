import { create, type MessageInitShape } from "@bufbuild/protobuf";
import type { Attributes } from "sequelize";
import {
  type AddMembers,
  type ChangeMembers,
  MembersChangedSchema,
  Refusal_Reason,
} from "../../gen/parley/queue/v1/record_pb.ts";
import { Chat_Kind } from "../../gen/parley/v1/chat_pb.ts";
import { Member_Role } from "../../gen/parley/v1/member_pb.ts";
import { SystemEvent_Type, SystemEventSchema } from "../../gen/parley/v1/message_pb.ts";
import { type ChatName, formatUserName, parseChatName } from "../aip/resource-name.ts";
import type { ChatRow } from "../chat/chat-model.ts";
import { memberFromRow, newMemberRow } from "../member/member-codec.ts";
import type { MemberRow } from "../member/member-model.ts";
import { type BatchRows, findLive, type Tracked } from "./batch-rows.ts";
import { judgeMemberUpdate } from "./judge-member-update.ts";
import { type Change, type Outcome, refuse } from "./judgement.ts";
import { type Actor, actorIn, hasOtherOwner, isActingOwner, mayAdd, mayRestrain } from "./member-rights.ts";
import { tell } from "./system-message.ts";
import { unknownWrite } from "./write-unit.ts";

/** A change of members that is judged: by whom, in which chat. */
export type MembersScene = {
  rows: BatchRows;
  name: ChatName;
  chat: Tracked<Attributes<ChatRow>>;
  actor: Actor;
  change: Change;
};

/** What came of it: the members concerned as they are now, who is none any more, and what happened, where anything did. */
export type MembersJudgement = {
  members: Attributes<MemberRow>[];
  removed?: string[];
  event?: MessageInitShape<typeof SystemEventSchema>;
};

/**
 * Judges a change of members, by the roles as the queue's order left them. What changes nothing, as adding who is a member
 * already, is granted without a message.
 */
export function judgeMembers(rows: BatchRows, wanted: ChangeMembers, change: Change): Outcome {
  const name = parseChatName(wanted.chat, "chat");
  const chat = findLive(rows.chats, wanted.chat);
  if (!chat) return refuse(Refusal_Reason.NOT_FOUND);
  const judged = judge(rows, { name, chat }, wanted, change);
  const event = typeof judged === "number" || !judged.event ? undefined : create(SystemEventSchema, judged.event);
  if (event) event.actor = wanted.actor;
  const message = tell(rows, chat, { message: wanted.message!, event }, change.mark);
  return typeof judged === "number" ? refuse(judged) : outcomeOf(wanted.chat, judged, message);
}

function outcomeOf(
  chat: string,
  { members, removed = [] }: MembersJudgement,
  message?: ChangeMembers["message"],
): Outcome {
  const value = create(MembersChangedSchema, {
    chat,
    members: members.map((row) => memberFromRow(row)),
    removed,
    message,
  });
  return { case: "members", value };
}

function judge(
  rows: BatchRows,
  { name, chat }: Pick<MembersScene, "name" | "chat">,
  { actor: user, kind }: ChangeMembers,
  change: Change,
): MembersJudgement | Refusal_Reason {
  if (kind.case === undefined) throw unknownWrite("change of members");
  const actor = actorIn(rows.members, name, { actor: user, timeMs: change.timeMs });
  if (typeof actor === "number") return actor;
  const scene = { rows, name, chat, actor, change };
  if (kind.case === "update") return judgeMemberUpdate(scene, kind.value);
  if (chat.row.kind !== Chat_Kind.GROUP) return Refusal_Reason.KIND_MISMATCH;
  return kind.case === "add" ? add(scene, kind.value) : remove(scene, kind.value);
}

/** A user who was deleted meanwhile is left out. Who comes into an empty group comes as its owner. */
function add(
  { rows, name, chat, actor, change }: MembersScene,
  { users, role, membersMax }: AddMembers,
): MembersJudgement | Refusal_Reason {
  const given = role || Member_Role.MEMBER;
  if (!mayAdd(actor, given)) return Refusal_Reason.ROLE_DENIED;
  const wanted = [...new Set(users)];
  const isUser = (user: string) => rows.users.has(formatUserName({ application: name.application, user }));
  const added = wanted.filter((user) => !rows.members.find(name, user) && isUser(user));
  if (added.length > 0 && chat.row.membersCount + added.length > membersMax) return Refusal_Reason.FULL;
  const isFirst = added.length > 0 && chat.row.membersCount === 0;
  if (isFirst && given !== Member_Role.OWNER) return Refusal_Reason.LAST_OWNER;
  for (const user of added) rows.members.put(newMemberRow({ ...name, user }, given, change));
  countMembers(chat, added.length);
  const members = wanted.flatMap((user) => rows.members.find(name, user) ?? []);
  return added.length === 0 ? { members } : { members, event: { type: SystemEvent_Type.MEMBERS_ADDED, users: added } };
}

/** The last member may leave, whatever it is. */
function remove({ rows, name, chat, actor, change }: MembersScene, user: string): MembersJudgement | Refusal_Reason {
  const member = rows.members.find(name, user);
  if (!member) return Refusal_Reason.NOT_FOUND;
  const leaves = actor.user === user;
  if (!leaves && !mayRestrain(actor, member, chat.row)) return Refusal_Reason.ROLE_DENIED;
  const isNeeded = isActingOwner(member, change.timeMs) && chat.row.membersCount > 1;
  if (isNeeded && !hasOtherOwner(rows.members, name, user, change.timeMs)) return Refusal_Reason.LAST_OWNER;
  rows.members.remove(member);
  countMembers(chat, -1);
  const type = leaves ? SystemEvent_Type.MEMBERS_LEFT : SystemEvent_Type.MEMBERS_REMOVED;
  return { members: [], removed: [user], event: { type, users: [user] } };
}

/** Counts members who came, or, below 0, went. */
export function countMembers(chat: Tracked<Attributes<ChatRow>>, change: number): void {
  chat.row.membersCount += change;
  if (change !== 0 && chat.state === "stored") chat.state = "changed";
}
