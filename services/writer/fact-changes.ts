import type { Applied } from "../../gen/parley/queue/v1/record_pb.ts";
import { parseApplicationName, parseChatName } from "../aip/resource-name.ts";
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
