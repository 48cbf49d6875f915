import { type ContextValues, createContextKey } from "@connectrpc/connect";
import type { ChatFacts, MemberFacts } from "../facts/facts.ts";

/**
 * What a caller can be to the resource that a call names.
 *
 * - `admin`: the administrator, with the admin key.
 * - `backend`: the backend of the resource's application, with its api_key.
 * - `user`: any user of the application. `agent`: one with the role AGENT or ADMIN. `manager`: one with the role ADMIN.
 * - `self`: the user that the resource is about, or whose membership, or whose messages it is.
 * - `member`: a member of the chat. `moderator`: one with the role ADMIN there. `owner`: one with the role OWNER.
 * - `customer`: the user whose support session the chat is. To such a chat agents are `agent`; elsewhere they are not.
 * - `author`: the user who wrote the message.
 */
export type Relation =
  | "admin"
  | "backend"
  | "user"
  | "agent"
  | "manager"
  | "self"
  | "member"
  | "moderator"
  | "owner"
  | "customer"
  | "author";

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
