import type { Attributes } from "sequelize";
import { Refusal_Reason } from "../../gen/parley/queue/v1/record_pb.ts";
import { Member_Role } from "../../gen/parley/v1/member_pb.ts";
import type { ChatName } from "../aip/resource-name.ts";
import type { ChatRow } from "../chat/chat-model.ts";
import type { MemberRow } from "../member/member-model.ts";
import type { MemberRows } from "./member-rows.ts";

type Member = Attributes<MemberRow>;
type Chat = Pick<Attributes<ChatRow>, "creator">;

/** Who changes members: a member, or, without a role, the application's backend, which may do what an owner may. */
export type Actor = { user: string; role: Member_Role | undefined };

/** Who asks, as it is a member at that time; else the reason to refuse. To one who is banned the chat does not exist. */
export function actorIn(
  members: MemberRows,
  chat: ChatName,
  { actor, timeMs }: { actor: string; timeMs: number },
): Actor | Refusal_Reason {
  if (actor === "") return { user: "", role: undefined };
  const member = members.find(chat, actor);
  if (!member || isBanned(member, timeMs)) return Refusal_Reason.NOT_FOUND;
  return { user: actor, role: member.role as Member_Role };
}

/** Whether it may add members with a role: an owner any, an ADMIN of the chat plain ones. */
export function mayAdd({ role }: Actor, given: Member_Role): boolean {
  if (role === undefined || role === Member_Role.OWNER) return true;
  return role === Member_Role.ADMIN && given === Member_Role.MEMBER;
}

/**
 * Whether it may remove, mute or ban a member, or lift that: nobody but the backend the creator or itself, an owner all
 * others, an ADMIN plain ones.
 */
export function mayRestrain({ user, role }: Actor, target: Member, { creator }: Chat): boolean {
  if (role === undefined) return true;
  if (target.user === creator || target.user === user) return false;
  return role === Member_Role.OWNER || (role === Member_Role.ADMIN && target.role === Member_Role.MEMBER);
}

/** Whether it may give another role: an owner any to all but the creator, and to that a higher one than it has. */
export function mayChangeRole({ user, role }: Actor, target: Member, given: number, { creator }: Chat): boolean {
  if (role === undefined) return true;
  if (role !== Member_Role.OWNER) return false;
  return target.user !== creator || user === creator || given >= target.role;
}

/** Whether a chat has an owner beside a member: one who is banned is none. */
export function hasOtherOwner(members: MemberRows, chat: ChatName, user: string, timeMs: number): boolean {
  return members.ownersOf(chat).some((owner) => owner.user !== user && !isBanned(owner, timeMs));
}

/** Whether a member is an owner that is not banned. */
export function isActingOwner(member: Pick<Member, "role" | "banExpireTime">, timeMs: number): boolean {
  return member.role === Member_Role.OWNER && !isBanned(member, timeMs);
}

/** Whether the chat does not exist for a member. */
export function isBanned({ banExpireTime }: Pick<Member, "banExpireTime">, timeMs: number): boolean {
  return banExpireTime !== null && banExpireTime > timeMs;
}
