import { invalidFields } from "../rpc/errors.ts";

/** The largest number that a chat or a message can have: int32. */
export const MAX_NUMBER = 2_147_483_647;

/** Of `applications/{token}`. */
export type ApplicationName = { application: string };
/** Of `applications/{token}/chats/{number}`. */
export type ChatName = ApplicationName & { chat: number };
/** Of `applications/{token}/chats/{number}/messages/{number}`. */
export type MessageName = ChatName & { message: number };

const PATTERN = /^applications\/([0-9a-z]{26})(?:\/chats\/([1-9]\d{0,9})(?:\/messages\/([1-9]\d{0,9}))?)?$/;

function parse(name: string, field: string, depth: 1 | 2 | 3): { token: string; chat: number; message: number } {
  const match = PATTERN.exec(name);
  const [, token = "", chat, message] = match ?? [];
  const given = message ? 3 : chat ? 2 : 1;
  if (!match || given !== depth || Number(chat ?? 0) > MAX_NUMBER || Number(message ?? 0) > MAX_NUMBER) {
    throw invalidFields([{ field, description: `'${name}' is not of the form ${FORMS[depth]}` }]);
  }
  return { token, chat: Number(chat), message: Number(message) };
}

const FORMS = {
  1: "applications/{token}",
  2: "applications/{token}/chats/{number}",
  3: "applications/{token}/chats/{number}/messages/{number}",
} as const;

/** Parses `applications/{token}`; else INVALID_ARGUMENT that names `field`. */
export function parseApplicationName(name: string, field: string): ApplicationName {
  return { application: parse(name, field, 1).token };
}

/** Parses `applications/{token}/chats/{number}`; else INVALID_ARGUMENT that names `field`. */
export function parseChatName(name: string, field: string): ChatName {
  const { token, chat } = parse(name, field, 2);
  return { application: token, chat };
}

/** Parses `applications/{token}/chats/{number}/messages/{number}`; else INVALID_ARGUMENT that names `field`. */
export function parseMessageName(name: string, field: string): MessageName {
  const { token, chat, message } = parse(name, field, 3);
  return { application: token, chat, message };
}

/** `applications/{token}` */
export function formatApplicationName({ application }: ApplicationName): string {
  return `applications/${application}`;
}

/** `applications/{token}/chats/{number}` */
export function formatChatName({ application, chat }: ChatName): string {
  return `applications/${application}/chats/${chat}`;
}

/** `applications/{token}/chats/{number}/messages/{number}` */
export function formatMessageName({ application, chat, message }: MessageName): string {
  return `applications/${application}/chats/${chat}/messages/${message}`;
}
