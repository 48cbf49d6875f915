import { type ChatName, formatMemberName } from "../aip/resource-name.ts";
import type { Facts } from "../facts/facts.ts";
import { notFound } from "../rpc/errors.ts";

/** NOT_FOUND where a user is no member, so that no message number is given for what the writer would refuse. */
export async function checkIsMember(facts: Pick<Facts, "member">, chat: ChatName, user: string): Promise<void> {
  if (!(await facts.member(chat, user))) throw notFound(formatMemberName({ ...chat, user }));
}
