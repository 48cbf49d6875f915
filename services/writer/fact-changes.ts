import type { Applied } from "../../gen/parley/queue/v1/record_pb.ts";
import { parseApplicationName, parseChatName, parseUserName } from "../aip/resource-name.ts";
import type { FactChange } from "../facts/facts.ts";

/** The facts that a verdict changed. */
export function factChangesOf({ outcome }: Applied): FactChange[] {
  switch (outcome.case) {
    case "chat":
      return [{ kind: "chat", chat: parseChatName(outcome.value.name, "name") }];
    case "members": {
      const chat = parseChatName(outcome.value.chat, "chat");
      const users = [...outcome.value.members.map(({ user }) => user), ...outcome.value.removed];
      return users.map((user) => ({ kind: "member", chat, user }));
    }
    case "deleted":
      return outcome.value.includes("/chats/")
        ? [{ kind: "chat", chat: parseChatName(outcome.value, "name") }]
        : [{ kind: "application", ...parseApplicationName(outcome.value, "name") }];
    default:
      return [];
  }
}

/** The facts that a verdict may have changed beside those: of a user who is erased, it does not tell in which chats. */
export function possibleChangesOf({ outcome }: Applied): FactChange[] {
  if (outcome.case !== "erased") return [];
  return [{ kind: "application", application: parseUserName(outcome.value, "name").application }];
}
