import { AuthService } from "../../gen/parley/v1/auth_service_pb.ts";
import { Chat_Kind } from "../../gen/parley/v1/chat_pb.ts";
import { ChatService } from "../../gen/parley/v1/chat_service_pb.ts";
import { Member_Role } from "../../gen/parley/v1/member_pb.ts";
import { MemberService } from "../../gen/parley/v1/member_service_pb.ts";
import { SystemEvent_Type } from "../../gen/parley/v1/message_pb.ts";
import { MessageService } from "../../gen/parley/v1/message_service_pb.ts";
import { SupportService } from "../../gen/parley/v1/support_service_pb.ts";
import { UserService } from "../../gen/parley/v1/user_service_pb.ts";
import { text } from "../message-text.ts";
import { about, type FailureCase, failing, foreignToken, invalid, reused, stale } from "./failure-case.ts";

const { method: users } = UserService;
const { method: auth } = AuthService;
const { method: chats } = ChatService;
const { method: members } = MemberService;
const { method: messages } = MessageService;
const { method: support } = SupportService;

const SYSTEM_MESSAGE = {
  content: { case: "systemEvent" as const, value: { type: SystemEvent_Type.SUPPORT_CLOSED } },
};
const PASSWORD = "four geese in a row";
const otherKind = (name: "chat" | "group") => about("FailedPrecondition", "KIND_MISMATCH", (scene) => scene[name]);
const weak = () => ({ code: "InvalidArgument", reason: "PASSWORD_WEAK", metadata: {}, fields: ["password"] });
const refused = (code: string, reason: string) => () => ({ code, reason, metadata: {}, fields: [] });

const USERS: FailureCase[] = [
  failing("no user", users.createUser, ({ application }) => ({ parent: application }), invalid("user")),
  failing(
    "several rules at once",
    users.createUser,
    ({ application }) => ({
      ...{ parent: application, userId: "no spaces", requestId: "no UUID" },
      user: { displayName: "x".repeat(101), avatarUrl: "javascript:alert(1)", email: "no address", role: 9 as never },
    }),
    invalid("user.display_name", "user.avatar_url", "user.email", "user.role", "user_id", "request_id"),
  ),
  failing(
    "an id that is taken",
    users.createUser,
    ({ application }) => ({ parent: application, userId: "ada", user: {} }),
    about("AlreadyExists", "USER_ID_TAKEN", ({ user }) => user),
  ),
  failing(
    "an address that is taken, in capitals",
    users.createUser,
    ({ application, email }) => ({ parent: application, user: { email: email.toUpperCase() } }),
    about("AlreadyExists", "EMAIL_TAKEN", ({ user }) => user),
  ),
  failing(
    "an address that is none",
    users.listUsers,
    ({ application }) => ({ parent: application, email: "ada" }),
    invalid("email"),
  ),
  failing(
    "request_id of another request",
    users.createUser,
    ({ application, requestId }) => ({ parent: application, user: { displayName: "other" }, requestId }),
    reused,
  ),
  failing(
    "a field that cannot be updated",
    users.updateUser,
    ({ user }) => ({ user: { name: user }, updateMask: { paths: ["activate_time"] } }),
    invalid("update_mask"),
  ),
  failing(
    "other etag",
    users.updateUser,
    ({ user }) => ({ user: { name: user, displayName: "x", etag: "old" } }),
    stale(({ user }) => user),
  ),
  failing(
    "other etag",
    users.deleteUser,
    ({ user }) => ({ name: user, etag: "old" }),
    stale(({ user }) => user),
  ),
];

const ACCOUNTS: FailureCase[] = [
  failing(
    "a short password",
    auth.registerUser,
    ({ application }) => ({ parent: application, email: "new@example.com", password: "nine char" }),
    weak,
  ),
  failing(
    "a common password",
    auth.registerUser,
    ({ application }) => ({ parent: application, email: "new@example.com", password: "1234567890" }),
    weak,
  ),
  failing(
    "an unknown address",
    auth.logIn,
    ({ application }) => ({ parent: application, email: "nobody@example.com", password: PASSWORD }),
    refused("Unauthenticated", "LOGIN_FAILED"),
  ),
  failing(
    "a user without a password",
    auth.logIn,
    ({ application, email }) => ({ parent: application, email, password: PASSWORD }),
    refused("Unauthenticated", "LOGIN_FAILED"),
  ),
  failing(
    "a token that nobody mailed",
    auth.activateUser,
    ({ application, mailToken: token }) => ({ parent: application, token, password: PASSWORD }),
    refused("InvalidArgument", "MAIL_TOKEN_INVALID"),
  ),
  failing(
    "a token that nobody mailed",
    auth.resetPassword,
    ({ application, mailToken: token }) => ({ parent: application, token, newPassword: PASSWORD }),
    refused("InvalidArgument", "MAIL_TOKEN_INVALID"),
  ),
  failing(
    "a token that is none",
    auth.refreshTokens,
    ({ application, refreshToken }) => ({ parent: application, refreshToken }),
    refused("Unauthenticated", "CREDENTIAL_INVALID"),
  ),
  failing(
    "16 minutes",
    auth.createUserTokens,
    ({ user }) => ({ name: user, accessTokenTtl: { seconds: 960n } }),
    invalid("access_token_ttl"),
  ),
  failing(
    "no key",
    auth.createTokenKey,
    ({ application }) => ({ parent: application, tokenKey: { publicKey: "{}", issuer: "x" } }),
    invalid("token_key.public_key"),
  ),
];

const CHATS: FailureCase[] = [
  failing(
    "a direct chat of one",
    chats.createChat,
    ({ application }) => ({ parent: application, chat: { kind: Chat_Kind.DIRECT, creator: "ada" } }),
    invalid("chat.members"),
  ),
  failing(
    "a group of nobody's",
    chats.createChat,
    ({ application }) => ({ parent: application, chat: { kind: Chat_Kind.GROUP } }),
    invalid("chat.creator"),
  ),
  failing(
    "members who are no users",
    chats.createChat,
    ({ application }) => ({
      parent: application,
      chat: { kind: Chat_Kind.GROUP, creator: "ada", members: ["grace", "nobody"] },
    }),
    invalid("chat.members[1]"),
  ),
  failing(
    "a slow mode of 7 hours",
    chats.createChat,
    ({ application }) => ({ parent: application, chat: { slowMode: { seconds: 25_200n } } }),
    invalid("chat.slow_mode"),
  ),
  failing(
    "as nobody",
    chats.listChats,
    ({ application }) => ({ parent: application, user: "nobody" }),
    about("NotFound", "RESOURCE_NOT_FOUND", ({ application }) => `${application}/users/nobody`),
  ),
  failing(
    "as who is not in it",
    chats.getChat,
    ({ chat }) => ({ name: chat, user: "ada" }),
    about("NotFound", "RESOURCE_NOT_FOUND", ({ chat }) => chat),
  ),
  failing("to nobody", members.addMembers, ({ group }) => ({ parent: group }), invalid("users")),
  failing(
    "one id that cannot be",
    members.addMembers,
    ({ group }) => ({ parent: group, users: ["ada", "no spaces"] }),
    invalid("users[1]"),
  ),
  failing("an open chat", members.addMembers, ({ chat }) => ({ parent: chat, users: ["ada"] }), otherKind("chat")),
  failing(
    "the only owner",
    members.removeMember,
    ({ group }) => ({ name: `${group}/members/ada` }),
    about("FailedPrecondition", "LAST_OWNER", ({ group }) => `${group}/members/ada`),
  ),
  failing(
    "the only owner",
    members.updateMember,
    ({ group }) => ({ member: { name: `${group}/members/ada`, role: Member_Role.MEMBER } }),
    about("FailedPrecondition", "LAST_OWNER", ({ group }) => `${group}/members/ada`),
  ),
  failing("number 0", members.markRead, ({ group }) => ({ parent: group, user: "ada" }), invalid("number")),
  failing("of nobody", members.markRead, ({ group }) => ({ parent: group, number: 1 }), invalid("user")),
  failing("a group", support.closeSupportChat, ({ group }) => ({ name: group }), otherKind("group")),
  failing("a group", support.assignSupportChat, ({ group }) => ({ name: group }), otherKind("group")),
];

const MESSAGES: FailureCase[] = [
  failing(
    "a note in an open chat",
    messages.createMessage,
    ({ chat }) => ({ parent: chat, message: { ...text("x"), internal: true } }),
    otherKind("chat"),
  ),
  failing(
    "an answer to what is not there",
    messages.createMessage,
    ({ chat }) => ({ parent: chat, message: { ...text("x"), replyTo: 404 } }),
    invalid("message.reply_to"),
  ),
  failing(
    "a system event",
    messages.createMessage,
    ({ chat }) => ({ parent: chat, message: SYSTEM_MESSAGE }),
    invalid("message.system_event"),
  ),
  failing(
    "an emoji with a space",
    messages.addReaction,
    ({ message }) => ({ name: message, emoji: "a b", user: "ada" }),
    invalid("emoji"),
  ),
  failing("of nobody", messages.addReaction, ({ message }) => ({ name: message, emoji: "👍" }), invalid("user")),
  failing(
    "a tombstone",
    messages.addReaction,
    ({ tombstone }) => ({ name: tombstone, emoji: "👍", user: "ada" }),
    about("FailedPrecondition", "MESSAGE_DELETED", ({ tombstone }) => tombstone),
  ),
  failing(
    "of all chats, but of no author",
    messages.listMessages,
    ({ application }) => ({ parent: `${application}/chats/-` }),
    invalid("author"),
  ),
];

type Page = { pageSize?: number; pageToken?: string };

const PAGES = (what: string, page: (scene: { chatsPageToken: string }) => Page, expected: FailureCase["expected"]) => [
  failing(what, users.listUsers, (scene) => ({ parent: scene.application, ...page(scene) }), expected),
  failing(what, auth.listTokenKeys, (scene) => ({ parent: scene.application, ...page(scene) }), expected),
  failing(what, members.listMembers, (scene) => ({ parent: scene.group, ...page(scene) }), expected),
  failing(what, support.listSupportChats, (scene) => ({ parent: scene.application, ...page(scene) }), expected),
];

/** Failures of what is about users, their accounts, members and support. */
export const PEOPLE_FAILURES: readonly FailureCase[] = [
  ...USERS,
  ...ACCOUNTS,
  ...CHATS,
  ...MESSAGES,
  ...PAGES("negative page size", () => ({ pageSize: -1 }), invalid("page_size")),
  ...PAGES("token of another method", ({ chatsPageToken: pageToken }) => ({ pageToken }), foreignToken),
];
