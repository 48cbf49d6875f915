import {
  type ApplicationName,
  type ChatName,
  type MessageName,
  parseApplicationName,
  parseChatName,
  parseMemberName,
  parseMessageName,
  parseUserName,
} from "../aip/resource-name.ts";

/**
 * The resource that a call names, as far as it matters who is what to it. `application` is it also where it is something
 * in it that no user has a part in; `chats` are all of an application.
 */
export type Target = ApplicationName &
  (
    | { kind: "application" }
    | { kind: "chats" }
    | { kind: "user"; user: string }
    | { kind: "chat"; chat: ChatName }
    | { kind: "message"; chat: ChatName; message: MessageName }
    | { kind: "member"; chat: ChatName; user: string }
  );

/** Of `applications/{token}`. */
const APPLICATION_LENGTH = 39;

/** Parses a resource's name; INVALID_ARGUMENT that names `field` where it is none. */
export function parseTarget(name: string, field: string): Target {
  const isIn = (collection: string) => name.startsWith(`/${collection}/`, APPLICATION_LENGTH);
  if (isIn("chats")) return parseInChats(name, field);
  if (isIn("users")) return { kind: "user", ...parseUserName(name, field) };
  const owner = isIn("tokenKeys") ? name.slice(0, APPLICATION_LENGTH) : name;
  return { kind: "application", ...parseApplicationName(owner, field) };
}

function parseInChats(name: string, field: string): Target {
  if (name.endsWith("/chats/-")) {
    return { kind: "chats", ...parseApplicationName(name.slice(0, -"/chats/-".length), field) };
  }
  if (name.includes("/messages/", APPLICATION_LENGTH)) {
    const message = parseMessageName(name, field);
    return { kind: "message", application: message.application, chat: message, message };
  }
  if (name.includes("/members/", APPLICATION_LENGTH)) {
    const chat = parseMemberName(name, field);
    return { kind: "member", application: chat.application, chat, user: chat.user };
  }
  const chat = parseChatName(name, field);
  return { kind: "chat", application: chat.application, chat };
}
