import { generateKeyPairSync } from "node:crypto";
import type { DescMessage, DescMethodUnary, MessageInitShape } from "@bufbuild/protobuf";
import { ApplicationService } from "../../../gen/parley/v1/application_service_pb.ts";
import { AuthService } from "../../../gen/parley/v1/auth_service_pb.ts";
import { Chat_Kind } from "../../../gen/parley/v1/chat_pb.ts";
import { ChatService } from "../../../gen/parley/v1/chat_service_pb.ts";
import { MemberService } from "../../../gen/parley/v1/member_service_pb.ts";
import { MessageService } from "../../../gen/parley/v1/message_service_pb.ts";
import { SearchService } from "../../../gen/parley/v1/search_service_pb.ts";
import { SupportService } from "../../../gen/parley/v1/support_service_pb.ts";
import { UserService } from "../../../gen/parley/v1/user_service_pb.ts";
import { text } from "../../message-text.ts";
import type { Caller } from "./cast.ts";

/** What calls of a case name: the application, a chat or what is in it at each place, a user, or the messages of one. */
export type TargetKind =
  | "application"
  | "chat"
  | "message"
  | "member"
  | "self"
  | "other user"
  | "own messages"
  | "none";

/** A call that access lets through, or not, and that changes nothing which other calls depend on. */
export type PermissionCase<I extends DescMessage = DescMessage> = {
  name: string;
  method: DescMethodUnary<I>;
  target: TargetKind;
  /** @param name of the target */
  request(name: string, caller: Caller): MessageInitShape<I>;
  /** Whether the one who is removed by it is to be made a member again before. */
  removes?: true;
};

function named<I extends DescMessage>(
  target: TargetKind,
  method: DescMethodUnary<I>,
  request: (name: string, caller: Caller) => MessageInitShape<NoInfer<I>>,
  { what = "", removes }: { what?: string; removes?: true } = {},
): PermissionCase {
  const name = `${method.name} of ${target}${what}`;
  return { name, method, target, request: request as PermissionCase["request"], ...(removes && { removes }) };
}

/** No resource has it, so that a call which is let through is ABORTED. */
const STALE = "an-etag-of-old";
/** On whose behalf a backend reacts, or reads on. */
const behalf = ({ kind }: Caller) => (kind === "user" || kind === "foreign user" ? {} : { user: "member" });

/** An application has each key once. */
const newPublicKey = () => generateKeyPairSync("ed25519").publicKey.export({ type: "spki", format: "pem" }).toString();

const { method: applications } = ApplicationService;
const { method: users } = UserService;
const { method: auth } = AuthService;
const { method: chats } = ChatService;
const { method: members } = MemberService;
const { method: messages } = MessageService;
const { method: support } = SupportService;

const IN_APPLICATION: readonly PermissionCase[] = [
  named("none", applications.createApplication, () => ({ application: { displayName: "New" } })),
  named("none", applications.listApplications, () => ({ pageSize: 1 })),
  named("application", applications.getApplication, (name) => ({ name })),
  named("application", applications.updateApplication, (name) => ({
    application: { name, displayName: "New", etag: STALE },
  })),
  named("application", applications.deleteApplication, (name) => ({ name, etag: STALE })),
  named("application", applications.rotateApiKey, (name) => ({ name })),
  named("application", users.createUser, (parent) => ({ parent, user: {} })),
  named("application", users.listUsers, (parent) => ({ parent, pageSize: 1 })),
  named("application", auth.registerUser, (parent) => ({ parent, email: "a@b.example", password: "short" })),
  named("application", auth.activateUser, (parent) => ({ parent, token: "unknown", password: "unknown" })),
  named("application", auth.logIn, (parent) => ({ parent, email: "no address", password: "x" })),
  named("application", auth.refreshTokens, (parent) => ({ parent, refreshToken: "unknown" })),
  named("application", auth.logOut, (parent) => ({ parent, refreshToken: "unknown" })),
  named("application", auth.requestPasswordReset, (parent) => ({ parent, email: "nobody@b.example" })),
  named("application", auth.resetPassword, (parent) => ({ parent, token: "unknown", newPassword: "four green geese" })),
  named("none", auth.getJsonWebKeySet, () => ({})),
  named("application", auth.createTokenKey, (parent) => ({
    parent,
    tokenKey: { publicKey: newPublicKey(), issuer: "https://issuer.example" },
  })),
  named("application", auth.listTokenKeys, (parent) => ({ parent })),
  named("application", auth.deleteTokenKey, (name) => ({ name: `${name}/tokenKeys/${"k".repeat(26)}` })),
  named("application", chats.createChat, (parent, { kind }) => ({
    parent,
    chat: { kind: Chat_Kind.SUPPORT, ...(kind === "admin" || kind === "backend" ? { creator: "customer" } : {}) },
  })),
  named("application", chats.listChats, (parent) => ({ parent, pageSize: 1 })),
  named("application", support.listSupportChats, (parent) => ({ parent, pageSize: 1 })),
  named("own messages", messages.listMessages, (parent, caller) => ({
    parent,
    author: caller.kind === "user" ? caller.user : "member",
  })),
  named("application", messages.listMessages, (parent) => ({ parent: `${parent}/chats/-`, author: "somebody" }), {
    what: ", somebody's in all chats",
  }),
];

const ON_USERS: readonly PermissionCase[] = (["self", "other user"] as const).flatMap((target) => [
  named(target, users.getUser, (name) => ({ name })),
  named(target, users.updateUser, (name) => ({ user: { name, displayName: "New", etag: STALE } })),
  named(target, users.deleteUser, (name) => ({ name, etag: STALE })),
  named(target, auth.createUserTokens, (name) => ({ name })),
  named(target, auth.changePassword, (name) => ({ name, currentPassword: "x", newPassword: "weak" })),
]);

const IN_CHATS: readonly PermissionCase[] = [
  named("chat", chats.getChat, (name) => ({ name })),
  named("chat", chats.updateChat, (name) => ({ chat: { name, title: "New", etag: STALE } })),
  named("chat", chats.deleteChat, (name) => ({ name, etag: STALE })),
  named("chat", members.addMembers, (parent) => ({ parent, users: ["reader"] })),
  named("member", members.getMember, (name) => ({ name })),
  named("chat", members.listMembers, (parent) => ({ parent, pageSize: 1 })),
  named("member", members.updateMember, (name) => ({
    member: { name },
    updateMask: { paths: ["mute_expire_time"] },
  })),
  named("member", members.removeMember, (name) => ({ name }), { removes: true }),
  named("chat", members.markRead, (parent, caller) => ({ parent, number: 1, ...behalf(caller) })),
  named("chat", messages.createMessage, (parent) => ({ parent, message: text("hello") })),
  named("chat", messages.batchCreateMessages, (parent) => ({ parent, requests: [{ message: text("hello") }] })),
  named("chat", messages.listMessages, (parent) => ({ parent, pageSize: 1 })),
  named("chat", SearchService.method.searchMessages, (parent) => ({ parent, query: "hello", pageSize: 1 })),
  named("message", messages.getMessage, (name) => ({ name })),
  named("message", messages.updateMessage, (name) => ({ message: { name, ...text("New"), etag: STALE } })),
  named("message", messages.deleteMessage, (name) => ({ name, etag: STALE })),
  named("message", messages.addReaction, (name, caller) => ({ name, emoji: "👍", ...behalf(caller) })),
  named("message", messages.removeReaction, (name, caller) => ({ name, emoji: "👍", ...behalf(caller) })),
  named("chat", support.assignSupportChat, (name) => ({ name })),
  named("chat", support.closeSupportChat, (name) => ({ name })),
  named("chat", support.reopenSupportChat, (name) => ({ name })),
];

/** Every method at least once, but LogOutEverywhere, after which there is no caller. */
export const PERMISSION_CASES: readonly PermissionCase[] = [...IN_APPLICATION, ...ON_USERS, ...IN_CHATS];
