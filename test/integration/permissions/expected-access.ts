import { accessOf, DENIED_TO_MUTED } from "../../../services/auth/access-policy.ts";
import type { Rule } from "../../../services/auth/policy.ts";
import type { Relation } from "../../../services/auth/standing.ts";
import { methodPath } from "../../../services/rpc/method-path.ts";
import { CAST, type Caller, type Part, type Place, type UserId } from "./cast.ts";
import type { PermissionCase, TargetKind } from "./permission-cases.ts";

/** What access says of a call: nothing, as it is public; it is let through, or the reason for which it is not. */
export type Access = "public" | "allowed" | "METHOD_DENIED" | "ROLE_DENIED" | "MUTED" | "RESOURCE_NOT_FOUND";

const OF_USERS: readonly TargetKind[] = ["self", "other user"];
const OF_APPLICATION: readonly TargetKind[] = ["application", "own messages", "none"];

/** What the access policy, as data, says of a call by who the caller is. */
export function expectedAccess(each: PermissionCase, place: Place, caller: Caller): Access {
  const { method } = each;
  const rule = accessOf(method);
  if (rule === "public") return "public";
  const isOpenToUsers = Object.keys(rule).some((relation) => relation !== "admin" && relation !== "backend");
  if (caller.kind === "admin") return rule.admin ? "allowed" : "METHOD_DENIED";
  if (caller.kind === "backend") return rule.backend ? "allowed" : "METHOD_DENIED";
  if (caller.kind === "foreign backend") return rule.backend ? "RESOURCE_NOT_FOUND" : "METHOD_DENIED";
  if (!isOpenToUsers) return "METHOD_DENIED";
  return caller.kind === "user" ? expectedOfUser(rule, each, place, caller.user) : "RESOURCE_NOT_FOUND";
}

function expectedOfUser(rule: Rule, each: PermissionCase, place: Place, user: UserId): Access {
  const { method, target } = each;
  const part: Part = CAST[user];
  const isInChat = !OF_APPLICATION.includes(target) && !OF_USERS.includes(target);
  const relations = isInChat ? relationsAt(place, part) : part.application;
  if (relations === "nobody") return "RESOURCE_NOT_FOUND";
  const all = [...relations, ...ownRelations(each, place, user)];
  if (!all.some((relation) => relation in rule)) return isInChat ? "ROLE_DENIED" : "METHOD_DENIED";
  return part.isMuted && isInChat && DENIED_TO_MUTED.has(methodPath(method)) ? "MUTED" : "allowed";
}

/** What a user is to what is its own: of members, the session has its customer alone. */
function ownRelations(each: PermissionCase, place: Place, user: UserId): Relation[] {
  const { target } = each;
  const part: Part = CAST[user];
  if (target === "message") return part.wrote === place ? ["author"] : [];
  const isSelf =
    target === "self" || target === "own messages" || (target === "member" && memberIn(place, each) === user);
  return isSelf ? ["self"] : [];
}

/** Who comes into the group again and again, to be removed. */
export const REMOVED = "removed";

/** Whose membership a case names. */
export function memberIn(place: Place, { removes }: Pick<PermissionCase, "removes">): string {
  if (place === "support") return "customer";
  return removes ? REMOVED : "reader";
}

function relationsAt(place: Place, part: Part): readonly Relation[] | "nobody" {
  return place === "group" || place === "support" ? part[place] : "nobody";
}
