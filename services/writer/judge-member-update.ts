import type { Timestamp } from "@bufbuild/protobuf/wkt";
import type { Attributes } from "sequelize";
import { Refusal_Reason, type UpdateMember } from "../../gen/parley/queue/v1/record_pb.ts";
import { Chat_Kind } from "../../gen/parley/v1/chat_pb.ts";
import { Member_Role } from "../../gen/parley/v1/member_pb.ts";
import { SystemEvent_Type } from "../../gen/parley/v1/message_pb.ts";
import { parseMemberName } from "../aip/resource-name.ts";
import { millisFromTimestamp, timestampFromMillis } from "../aip/timestamp.ts";
import type { MemberRow } from "../member/member-model.ts";
import type { MembersJudgement, MembersScene } from "./judge-members.ts";
import { hasOtherOwner, isActingOwner, mayChangeRole, mayRestrain } from "./member-rights.ts";

type Row = Attributes<MemberRow>;

/** Judges a change of a member's role, mute or ban: of the customer of a support session the latter two. */
export function judgeMemberUpdate(scene: MembersScene, update: UpdateMember): MembersJudgement | Refusal_Reason {
  const { rows, name, chat, change } = scene;
  const { user } = parseMemberName(update.member!.name, "member.name");
  const isGroup = chat.row.kind === Chat_Kind.GROUP;
  const isCustomer = chat.row.kind === Chat_Kind.SUPPORT && user === chat.row.creator;
  const hasRole = update.fields.includes("role");
  if (!isGroup && (!isCustomer || hasRole)) return Refusal_Reason.KIND_MISMATCH;
  const member = rows.members.find(name, user);
  if (!member) return Refusal_Reason.NOT_FOUND;
  const changed = { ...member, ...newValues(update, change.timeMs), changeSeq: change.mark };
  if (!isAllowed(scene, member, changed, update.fields)) return Refusal_Reason.ROLE_DENIED;
  const resigns = isActingOwner(member, change.timeMs) && !isActingOwner(changed, change.timeMs);
  if (resigns && !hasOtherOwner(rows.members, name, user, change.timeMs)) return Refusal_Reason.LAST_OWNER;
  const event = eventOf(member, changed, change.timeMs);
  if (event) rows.members.put(changed);
  return event ? { members: [changed], event } : { members: [member] };
}

function isAllowed({ actor, chat }: MembersScene, member: Row, changed: Row, fields: readonly string[]): boolean {
  const isRestrained = fields.includes("mute_expire_time") || fields.includes("ban_expire_time");
  if (fields.includes("role") && !mayChangeRole(actor, member, changed.role, chat.row)) return false;
  return !isRestrained || mayRestrain(actor, member, chat.row);
}

function newValues({ member, fields }: UpdateMember, timeMs: number): Partial<Row> {
  const { role, muteExpireTime, banExpireTime } = member!;
  return {
    ...(fields.includes("role") && { role: role || Member_Role.MEMBER }),
    ...(fields.includes("mute_expire_time") && { muteExpireTime: toCome(muteExpireTime, timeMs) }),
    ...(fields.includes("ban_expire_time") && { banExpireTime: toCome(banExpireTime, timeMs) }),
  };
}

/** A time that is past is none. */
function toCome(time: Timestamp | undefined, timeMs: number): number | null {
  const millis = time ? millisFromTimestamp(time) : 0;
  return millis > timeMs ? millis : null;
}

/** What happened: of several changes the gravest. Undefined where nothing did. */
function eventOf(before: Row, after: Row, timeMs: number): MembersJudgement["event"] {
  const users = [after.user];
  const until = (row: Row, key: "banExpireTime" | "muteExpireTime") => ((row[key] ?? 0) > timeMs ? row[key] : null);
  const restraints = RESTRAINTS.filter(({ key }) => until(before, key) !== until(after, key));
  for (const { key, begun: type } of restraints) {
    const expireTime = until(after, key);
    if (expireTime !== null) return { type, users, expireTime: timestampFromMillis(expireTime) };
  }
  if (restraints[0]) return { type: restraints[0].lifted, users };
  if (before.role === after.role) return undefined;
  return { type: SystemEvent_Type.ROLE_CHANGED, users, role: after.role as Member_Role };
}

/** The gravest first. */
const RESTRAINTS = [
  { key: "banExpireTime", begun: SystemEvent_Type.BANNED, lifted: SystemEvent_Type.UNBANNED },
  { key: "muteExpireTime", begun: SystemEvent_Type.MUTED, lifted: SystemEvent_Type.UNMUTED },
] as const;
