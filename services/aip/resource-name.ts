import { invalidFields } from "../rpc/errors.ts";

/** The largest number that a chat or a message can have: int32. */
export const MAX_NUMBER = 2_147_483_647;

/** Of `applications/{token}`. */
export type ApplicationName = { application: string };
/** Of `applications/{token}/chats/{number}`. */
export type ChatName = ApplicationName & { chat: number };
/** Of `applications/{token}/chats/{number}/messages/{number}`. */
export type MessageName = ChatName & { message: number };

/** Of `applications/{token}/users/{user}`. */
export type UserName = ApplicationName & { user: string };
/** Of `applications/{token}/chats/{number}/members/{user}`. */
export type MemberName = ChatName & { user: string };
/** Of `applications/{token}/tokenKeys/{id}`. */
export type TokenKeyName = ApplicationName & { tokenKey: string };

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

/** What a user's id looks like. */
export const USER_ID_PATTERN = /^[A-Za-z0-9._~-]{1,128}$/;

/**
 * Whether a user may be made with an id: not one that means something else in a path, as `.` and `..` (RFC 3986) and `-`
 * (AIP-159) do.
 */
export function isNewUserId(user: string): boolean {
  return USER_ID_PATTERN.test(user) && ![".", "..", "-"].includes(user);
}

/** Refuses an id that no user may be made with: INVALID_ARGUMENT that names `field`. */
export function checkNewUserId(user: string, field: string): void {
  if (isNewUserId(user)) return;
  throw invalidFields([
    { field, description: `'${user}' cannot be a user's id, as it means something else in a path` },
  ]);
}

const USER_PATTERN = /^applications\/([0-9a-z]{26})\/users\/([A-Za-z0-9._~-]{1,128})$/;
const TOKEN_KEY_PATTERN = /^applications\/([0-9a-z]{26})\/tokenKeys\/([0-9a-z]{26})$/;
const MEMBER_PATTERN = /^(applications\/[0-9a-z]{26}\/chats\/[1-9]\d{0,9})\/members\/([A-Za-z0-9._~-]{1,128})$/;

/** Parses `applications/{token}/users/{user}`; else INVALID_ARGUMENT that names `field`. */
export function parseUserName(name: string, field: string): UserName {
  const [, application, user] = USER_PATTERN.exec(name) ?? [];
  if (application !== undefined && user !== undefined) return { application, user };
  throw invalidFields([{ field, description: `'${name}' is not of the form applications/{token}/users/{user}` }]);
}

/** Parses `applications/{token}/chats/{number}/members/{user}`; else INVALID_ARGUMENT that names `field`. */
export function parseMemberName(name: string, field: string): MemberName {
  const [, chat, user] = MEMBER_PATTERN.exec(name) ?? [];
  if (chat !== undefined && user !== undefined) return { ...parseChatName(chat, field), user };
  const form = "applications/{token}/chats/{number}/members/{user}";
  throw invalidFields([{ field, description: `'${name}' is not of the form ${form}` }]);
}

/** Parses `applications/{token}/tokenKeys/{id}`; else INVALID_ARGUMENT that names `field`. */
export function parseTokenKeyName(name: string, field: string): TokenKeyName {
  const [, application, tokenKey] = TOKEN_KEY_PATTERN.exec(name) ?? [];
  if (application !== undefined && tokenKey !== undefined) return { application, tokenKey };
  throw invalidFields([{ field, description: `'${name}' is not of the form applications/{token}/tokenKeys/{id}` }]);
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

/** `applications/{token}/tokenKeys/{id}` */
export function formatTokenKeyName({ application, tokenKey }: TokenKeyName): string {
  return `applications/${application}/tokenKeys/${tokenKey}`;
}

/** `applications/{token}/users/{user}` */
export function formatUserName({ application, user }: UserName): string {
  return `applications/${application}/users/${user}`;
}

/** `applications/{token}/chats/{number}/members/{user}` */
export function formatMemberName({ application, chat, user }: MemberName): string {
  return `applications/${application}/chats/${chat}/members/${user}`;
}
