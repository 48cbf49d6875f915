import type { ChangeMembers } from "../../gen/parley/queue/v1/record_pb.ts";
import { Chat_Kind } from "../../gen/parley/v1/chat_pb.ts";
import { type ChatName, formatChatName } from "../aip/resource-name.ts";
import type { ChatFacts } from "../facts/facts.ts";
import { kindMismatch } from "../rpc/errors.ts";

const { GROUP, SUPPORT } = Chat_Kind;

/**
 * Refuses a change of members that a chat does not have because of what it is for, which never changes, so that no message
 * number is given for it: FAILED_PRECONDITION.
 */
export function checkKindAllows(
  chat: ChatName,
  { kind }: Pick<ChatFacts, "kind">,
  change: ChangeMembers["kind"],
): void {
  const lacks = kind === GROUP ? undefined : lackOf(kind, change);
  if (lacks) throw kindMismatch(formatChatName(chat), kind, lacks);
}

/** What a chat that is no group does not have. The customer of a support session is muted and banned as in a group. */
function lackOf(kind: Chat_Kind, change: ChangeMembers["kind"]): string | undefined {
  switch (change.case) {
    case "add":
      return "nobody is added to it; add members to a GROUP";
    case "remove":
      return "nobody leaves it or is removed from it, as from a GROUP";
    case "update":
      if (change.value.fields.includes("role")) return "its members have no roles, as those of a GROUP";
      return kind === SUPPORT ? undefined : "nobody is muted or banned in it, as in a GROUP";
    default:
      return undefined;
  }
}
