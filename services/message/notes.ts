import { Chat_Kind } from "../../gen/parley/v1/chat_pb.ts";
import type { MessageName } from "../aip/resource-name.ts";
import { formatMessageName } from "../aip/resource-name.ts";
import { isAgentRole } from "../auth/agent-role.ts";
import type { Standing } from "../auth/standing.ts";
import type { Facts, UserFacts } from "../facts/facts.ts";
import { notFound } from "../rpc/errors.ts";

/** Whether a user sees the internal notes of the support sessions that it answers or has: an agent does, of its own, too. */
export function userSeesNotes({ role }: Pick<UserFacts, "role">): boolean {
  return isAgentRole(role);
}

/** Whether a caller sees internal notes, of chats that have any: everyone but users who are not agents of this chat. */
export function seesNotes({ relations }: Standing): boolean {
  return relations.some((relation) => relation === "admin" || relation === "backend" || relation === "agent");
}

/**
 * Whether notes are to be kept from a caller: it does not see them, and the chat may have some. Where a chat cannot, a
 * read has no need to look.
 */
export function hidesNotes(standing: Standing): boolean {
  if (seesNotes(standing)) return false;
  return standing.chat === undefined || standing.chat.kind === Chat_Kind.SUPPORT;
}

/** NOT_FOUND where a message is a note that the caller must not see. */
export async function checkSees(facts: Pick<Facts, "message">, standing: Standing, name: MessageName): Promise<void> {
  if (!hidesNotes(standing)) return;
  if ((await facts.message(name))?.internal) throw notFound(formatMessageName(name));
}
