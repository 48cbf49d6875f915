import { formatApplicationName, formatUserName, type UserName } from "../aip/resource-name.ts";
import type { Principal } from "../auth/principal.ts";
import type { Facts, UserFacts } from "../facts/facts.ts";
import { notFound } from "../rpc/errors.ts";
import type { ChatStore } from "./chat-store.ts";

/** A user as whom chats are shown. */
export type ChatViewer = Pick<UserFacts, "application" | "user" | "role">;

/**
 * As whom a call is shown chats: a user as itself, the backend as the one that it names. Undefined where it names none,
 * and is shown them all; NOT_FOUND where there is no such user, or application.
 */
export async function chatViewer(
  { facts, store }: { facts: Pick<Facts, "user">; store: Pick<ChatStore, "hasApplication"> },
  principal: Principal,
  named: UserName,
): Promise<ChatViewer | undefined> {
  if (principal.kind === "user") return principal;
  if (named.user === "") return undefined;
  const user = await facts.user(named.application, named.user);
  if (!user) throw notFound((await store.hasApplication(named)) ? formatUserName(named) : formatApplicationName(named));
  return user;
}
