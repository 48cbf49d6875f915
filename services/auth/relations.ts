import { Chat_Kind } from "../../gen/parley/v1/chat_pb.ts";
import { Member_Role } from "../../gen/parley/v1/member_pb.ts";
import { User_Role } from "../../gen/parley/v1/user_pb.ts";
import type { ChatName, MessageName } from "../aip/resource-name.ts";
import type { ChatFacts, Facts, MemberFacts, Soon } from "../facts/facts.ts";
import { whenKnown } from "../facts/soon.ts";
import { isAgentRole } from "./agent-role.ts";
import type { UserPrincipal } from "./principal.ts";
import type { Relation, Standing } from "./standing.ts";
import type { Target } from "./target.ts";

/** The facts that relations follow from. */
export type RelationFacts = Pick<Facts, "chat" | "member" | "message">;

/** What of a call beside its target relations depend on. */
export type RelationQuestion = {
  /** Whether it matters who wrote the message. */
  isAuthorAsked: (others: readonly Relation[]) => boolean;
  /** Whose messages are asked for: a user's id, "" where that is not said. */
  author: string;
};

/**
 * All that a user is to a resource of its application; undefined where the resource does not exist for it. At once where
 * the facts are known.
 */
export function relationsTo(
  target: Target,
  principal: UserPrincipal,
  facts: RelationFacts,
  question: RelationQuestion,
): Soon<Standing | undefined> {
  if (target.kind === "application") return { relations: rolesOf(principal) };
  if (target.kind === "user") return { relations: withSelf(rolesOf(principal), target.user === principal.user) };
  if (target.kind === "chats") {
    return { relations: withSelf(rolesOf(principal), question.author === principal.user) };
  }
  return whenKnown(standingIn(target.chat, principal, facts), (standing) => {
    if (!standing || target.kind === "chat") return standing;
    if (target.kind === "message") return asAuthor(target.message, standing, principal, facts, question);
    return { ...standing, relations: withSelf(standing.relations, target.user === principal.user) };
  });
}

/** What a user is in its application. */
function rolesOf({ role }: UserPrincipal): Relation[] {
  if (role === User_Role.ADMIN) return ["user", "agent", "manager"];
  return role === User_Role.AGENT ? ["user", "agent"] : ["user"];
}

function withSelf(relations: readonly Relation[], isSelf: boolean): readonly Relation[] {
  return isSelf ? [...relations, "self"] : relations;
}

/** What a user is to a chat; undefined where that does not exist for it. Chats of the kind OPEN are the backend's alone. */
export function standingIn(
  name: ChatName,
  principal: Pick<UserPrincipal, "user" | "role">,
  facts: Pick<Facts, "chat" | "member">,
): Soon<Standing | undefined> {
  return whenKnown(facts.chat(name), (chat) => {
    if (!chat || chat.kind === Chat_Kind.OPEN) return undefined;
    return whenKnown(facts.member(name, principal.user), (member) => {
      const relations = relationsInChat(principal, chat, member);
      return relations.length > 0 ? { relations, chat, member } : undefined;
    });
  });
}

function relationsInChat(
  principal: Pick<UserPrincipal, "user" | "role">,
  chat: ChatFacts,
  member: MemberFacts | undefined,
): readonly Relation[] {
  const isBanned = member !== undefined && member.bannedUntilMs > Date.now();
  if (chat.kind === Chat_Kind.SUPPORT) {
    const isCustomer = chat.creator === principal.user && !isBanned;
    const isAgent = isAgentRole(principal.role);
    return CUSTOMER_AND_AGENT.filter((relation) => (relation === "customer" ? isCustomer : isAgent));
  }
  if (!member || isBanned) return NONE;
  if (member.role === Member_Role.OWNER) return OWNER;
  return member.role === Member_Role.ADMIN ? MODERATOR : MEMBER;
}

const NONE: readonly Relation[] = [];
const MEMBER: readonly Relation[] = ["member"];
const MODERATOR: readonly Relation[] = ["member", "moderator"];
const OWNER: readonly Relation[] = ["member", "owner"];
const CUSTOMER_AND_AGENT: readonly Relation[] = ["customer", "agent"];

/** A note does not exist for who must not see it. */
function asAuthor(
  name: MessageName,
  standing: Standing,
  { user }: UserPrincipal,
  facts: RelationFacts,
  { isAuthorAsked }: RelationQuestion,
): Soon<Standing | undefined> {
  if (!isAuthorAsked(standing.relations)) return standing;
  return whenKnown(facts.message(name), (message): Soon<Standing | undefined> => {
    if (!message || (message.internal && !standing.relations.includes("agent"))) return undefined;
    return message.author === user ? { ...standing, relations: [...standing.relations, "author"] } : standing;
  });
}
