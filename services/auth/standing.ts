import { type ContextValues, createContextKey } from "@connectrpc/connect";
import type { ChatFacts, MemberFacts } from "../facts/facts.ts";

/** What a caller can be to the resource that a call names, in the order in which docs/permissions.md has it. */
export const RELATIONS = {
  admin: "the administrator, with the admin key",
  backend: "the backend of the resource's application, with its `api_key`",
  user: "any user of the application",
  agent: "a user with the role AGENT or ADMIN in the application; in chats only where the chat is a support session",
  manager: "a user with the role ADMIN in the application; such a one is an agent, too",
  self: "the user that the resource is about, or whose membership, or whose messages it is",
  member: "a member of the DIRECT or GROUP chat",
  moderator: "a member with the role ADMIN in the chat",
  owner: "a member with the role OWNER in the chat",
  customer: "the user whose support session the chat is",
  author: "the user who wrote the message, as long as the chat is there for it",
} as const;

export type Relation = keyof typeof RELATIONS;

/** What a caller is to the resource that its call names, as far as the method's policy asks. */
export type Standing = {
  /** Those that the policy allows the method to. At least one. */
  relations: readonly Relation[];
  /** Where the resource is a chat or in one, and a user calls. */
  chat?: ChatFacts | undefined;
  member?: MemberFacts | undefined;
};

const standingKey = createContextKey<Standing | undefined>(undefined, { description: "standing" });

/** The standing of a caller that was authorised. */
export function standingOf(values: ContextValues): Standing {
  const standing = values.get(standingKey);
  if (!standing) throw new Error("the call was not authorised: a public method asked for its caller's standing");
  return standing;
}

/** Enters the standing of a caller. */
export function setStanding(values: ContextValues, standing: Standing): void {
  values.set(standingKey, standing);
}
