import { Chat_Kind } from "../../gen/parley/v1/chat_pb.ts";
import type { MessageName } from "../aip/resource-name.ts";
import { formatMessageName } from "../aip/resource-name.ts";
import { type Standing, seesNotes } from "../auth/standing.ts";
import type { Facts } from "../facts/facts.ts";
import { notFound } from "../rpc/errors.ts";

/** Whether a chat may have internal notes that a caller must not see. */
export function hidesNotes(standing: Standing): boolean {
  if (seesNotes(standing)) return false;
  return standing.chat === undefined || standing.chat.kind === Chat_Kind.SUPPORT;
}

/** NOT_FOUND where a message is a note that the caller must not see. */
export async function checkSees(facts: Pick<Facts, "message">, standing: Standing, name: MessageName): Promise<void> {
  if (!hidesNotes(standing)) return;
  if ((await facts.message(name))?.internal) throw notFound(formatMessageName(name));
}
