import type { Applied } from "../../gen/parley/queue/v1/record_pb.ts";
import { type ChatName, parseApplicationName, parseChatName, parseMessageName } from "../aip/resource-name.ts";
import type { RecentChange } from "../message/recent-messages.ts";
import type { CounterName } from "../numbering/numbering.ts";
import { type CommitMark, sequenceOf } from "../write-queue/commit-mark.ts";

/** What a verdict means for readers, who must not find the old state once it is told. */
export function recentChangesOf({ changeMark, outcome }: Applied): RecentChange[] {
  const sequence = sequenceOf(Number(changeMark));
  if (outcome.case === "message") {
    const name = parseMessageName(outcome.value.name, "name");
    return [{ kind: "changed", sequence, name, message: outcome.value }];
  }
  if (outcome.case === "members" || outcome.case === "support") {
    const { message } = outcome.value;
    return message ? [{ kind: "added", sequence, name: parseMessageName(message.name, "name"), message }] : [];
  }
  if (outcome.case !== "deleted") return [];
  if (outcome.value.includes("/chats/")) {
    return [{ kind: "chatDeleted", sequence, chat: parseChatName(outcome.value, "name") }];
  }
  return [{ kind: "applicationDeleted", sequence, ...parseApplicationName(outcome.value, "name") }];
}

/** The counter of a chat or application by its name. */
export function counterOf(name: string): CounterName {
  return name.includes("/chats/") ? parseChatName(name, "name") : parseApplicationName(name, "name");
}

/** Messages were dropped with their chat, which is gone. */
export function goneWith(chat: ChatName, end: CommitMark): RecentChange {
  return { kind: "chatDeleted", sequence: sequenceOf(end), chat };
}
