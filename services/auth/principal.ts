import { createHash } from "node:crypto";
import { type ContextValues, createContextKey } from "@connectrpc/connect";
import type { User_Role } from "../../gen/parley/v1/user_pb.ts";
import { invalidFields } from "../rpc/errors.ts";

/** A user of an application, as its token and its profile say. */
export type UserPrincipal = {
  kind: "user";
  application: string;
  /** The user's id. */
  user: string;
  displayName: string;
  role: User_Role;
  bot: boolean;
  /** The session that the token belongs to; undefined for a token of another issuer, or one without a session. */
  session: string | undefined;
  /** Its name as `principalName` has it, once that was asked for: the principal is the same for many calls. */
  name?: string | undefined;
};

/** Who calls: the administrator, the backend of one application, or a user of one. */
export type Principal = { kind: "admin" } | { kind: "application"; application: string } | UserPrincipal;

const principalKey = createContextKey<Principal | undefined>(undefined, { description: "principal" });

/**
 * The name under which a principal's request_ids are kept: not that of its key. A user's is a digest, as its id may have
 * 128 characters.
 */
export function principalName(principal: Principal): string {
  if (principal.kind === "admin") return "admin";
  if (principal.kind === "application") return `applications/${principal.application}`;
  principal.name ??= `user:${createHash("sha256").update(principal.user).digest("base64url")}`;
  return principal.name;
}

/** The id of the user who calls; empty where none does. */
export function actorOf(principal: Principal): string {
  return principal.kind === "user" ? principal.user : "";
}

/**
 * The id of the user for whom a call acts: a user for itself, the backend for the one that it names in the field `user`.
 *
 * @param role what that user is to the call, for who names none: INVALID_ARGUMENT
 */
export function userActedFor(principal: Principal, named: string, role: string): string {
  const user = actorOf(principal) || named;
  if (user === "") throw invalidFields([{ field: "user", description: `is required: ${role}` }]);
  return user;
}

/** The principal of a call that was authenticated. */
export function principalOf(values: ContextValues): Principal {
  const principal = values.get(principalKey);
  if (!principal) throw new Error("the call was not authenticated: a public method asked for its principal");
  return principal;
}

/** The principal of a call; undefined where it was not authenticated. */
export function findPrincipal(values: ContextValues): Principal | undefined {
  return values.get(principalKey);
}

/** Enters the principal of a call. */
export function setPrincipal(values: ContextValues, principal: Principal): void {
  values.set(principalKey, principal);
}
