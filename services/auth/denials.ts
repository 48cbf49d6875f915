import type { DescMethod } from "@bufbuild/protobuf";
import { Code, type ConnectError } from "@connectrpc/connect";
import { ErrorReason } from "../../gen/parley/v1/error_reason_pb.ts";
import { User_Role } from "../../gen/parley/v1/user_pb.ts";
import { rpcError } from "../rpc/errors.ts";
import type { Rule } from "./policy.ts";
import type { UserPrincipal } from "./principal.ts";
import type { Relation, Standing } from "./standing.ts";
import type { Target } from "./target.ts";

/** Who has a relation, in the order in which they are named. */
const WHO: Readonly<Record<Exclude<Relation, "self" | "user" | "member">, string>> = {
  owner: "OWNERs of the chat",
  moderator: "ADMINs of the chat",
  customer: "the customer of the chat",
  author: "the author of the message",
  agent: "users with the role AGENT or ADMIN",
  manager: "users with the role ADMIN",
  backend: "the application's backend",
  admin: "the administrator",
};

/** Whom a relation of the user itself means, by the target that it is to. */
const SELF: Readonly<Partial<Record<Target["kind"], string>>> = {
  user: "the user itself",
  member: "the member itself",
  chats: "users who ask for their own messages",
};

/** What a user is to a chat that it sees. */
const IN_CHAT: readonly [relation: Relation, what: string][] = [
  ["owner", "an OWNER of the chat"],
  ["moderator", "an ADMIN of the chat"],
  ["member", "a MEMBER of the chat"],
  ["customer", "the customer of the chat"],
  ["agent", "an agent"],
];

/** PERMISSION_DENIED: a method is for other kinds of credentials. */
export function credentialDenied({ name }: DescMethod, rule: Rule): ConnectError {
  const { admin, backend, ...ofUsers } = rule;
  const ways = [
    ...(Object.keys(ofUsers).length > 0 ? ["a user's access token"] : []),
    ...(backend === undefined ? [] : ["the application's api_key"]),
    ...(admin === undefined ? [] : ["the admin key"]),
  ];
  const message = `${name} is not open to this kind of credential; use ${ways.join(", or ")}`;
  return rpcError(Code.PermissionDenied, ErrorReason.METHOD_DENIED, message);
}

/** PERMISSION_DENIED: a method is for users with another role in the application, or to whom the target is another's. */
export function userDenied({ name }: DescMethod, rule: Rule, target: Target, { role }: UserPrincipal): ConnectError {
  const kinds: Relation[] = ["agent", "manager", "backend", "admin"];
  const message = `${name} is for ${whoMay(rule, target, kinds)}; this user has the role ${roleName(role)}`;
  return rpcError(Code.PermissionDenied, ErrorReason.METHOD_DENIED, message);
}

/**
 * PERMISSION_DENIED: a user sees a chat, but is not what the method asks for there.
 *
 * @param resource the name of the target
 */
export function roleDenied(
  { name }: DescMethod,
  rule: Rule,
  { target, resource, standing }: { target: Target; resource: string; standing: Standing },
): ConnectError {
  const isSupport = standing.relations.some((relation) => relation === "customer" || relation === "agent");
  const kinds: Relation[] = isSupport ? ["customer", "agent"] : ["owner", "moderator"];
  const who = whoMay(rule, target, [...kinds, "author", "backend", "admin"]);
  const [, what] = IN_CHAT.find(([relation]) => standing.relations.includes(relation)) ?? [];
  const message = `${name} of ${resource} is for ${who}; this user is ${what ?? "none of them"}`;
  return rpcError(Code.PermissionDenied, ErrorReason.ROLE_DENIED, message, { resource });
}

/** Of these relations, those that a rule lets call. */
function whoMay(rule: Rule, { kind }: Target, relations: readonly Relation[]): string {
  const self = "self" in rule ? SELF[kind] : undefined;
  const named = Object.entries(WHO).filter(
    ([relation]) => relation in rule && relations.includes(relation as Relation),
  );
  // Who is a manager is an agent.
  const isAgentNamed = named.some(([relation]) => relation === "agent");
  const others = named.filter(([relation]) => relation !== "manager" || !isAgentNamed).map(([, who]) => who);
  const all = self === undefined ? others : [self, ...others];
  return all.length < 2 ? all.join() : `${all.slice(0, -1).join(", ")} and ${all.at(-1)}`;
}

function roleName(role: User_Role): string {
  return Object.entries(User_Role).find(([, value]) => value === role)?.[0] ?? "USER";
}
