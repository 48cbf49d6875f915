import { type ChatName, formatChatName, formatMessageName, type MessageName } from "../aip/resource-name.ts";
import type { ApplicationFacts, ChatFacts, FactChange, MemberFacts, MessageFacts, UserFacts } from "./facts.ts";

/** What facts are about. A change is told by the names of what changed. */
export type FactName = FactChange | { kind: "message"; message: MessageName };

/** What is known of each kind. */
export type FactValues = {
  user: UserFacts;
  chat: ChatFacts;
  member: MemberFacts;
  message: MessageFacts;
  application: ApplicationFacts;
};

/** The kinds of facts. */
export type FactKind = keyof FactValues;

/** The facts about something; undefined where it does not exist. */
export type FactOf<Name extends FactName> = FactValues[Name["kind"]] | undefined;

/** A text that no other name has. */
export function formatFactName(name: FactName): string {
  switch (name.kind) {
    case "user":
      return `user ${name.application}/${name.user}`;
    case "chat":
      return `chat ${formatChatName(name.chat)}`;
    case "member":
      return `member ${formatChatName(name.chat)}/${name.user}`;
    case "message":
      return `message ${formatMessageName(name.message)}`;
    case "application":
      return `application ${name.application}`;
  }
}

/** Whether a change is one of these facts: they are about what changed, or about what is in it. */
export function concerns(change: FactChange, name: FactName): boolean {
  if (change.kind === "application") return applicationOf(name) === change.application;
  if (change.kind === "chat") {
    const chat = chatOf(name);
    return chat?.chat === change.chat.chat && chat.application === change.chat.application;
  }
  return name.kind === change.kind && formatFactName(name) === formatFactName(change);
}

/** The application that something belongs to, or is. */
export function applicationOf(name: FactName): string {
  if (name.kind === "user" || name.kind === "application") return name.application;
  return chatOf(name)!.application;
}

function chatOf(name: FactName): ChatName | undefined {
  if (name.kind === "chat" || name.kind === "member") return name.chat;
  return name.kind === "message" ? name.message : undefined;
}
