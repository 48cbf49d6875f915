import type { DescMethod } from "@bufbuild/protobuf";
import { ServerReflection } from "../../gen/grpc/reflection/v1/reflection_pb.ts";
import { ServerReflection as ServerReflectionV1Alpha } from "../../gen/grpc/reflection/v1alpha/reflection_pb.ts";
import { Health } from "../../gen/health/v1/health_pb.ts";
import { ApplicationService } from "../../gen/parley/v1/application_service_pb.ts";
import { AuthService } from "../../gen/parley/v1/auth_service_pb.ts";
import { ChatService } from "../../gen/parley/v1/chat_service_pb.ts";
import { MemberService } from "../../gen/parley/v1/member_service_pb.ts";
import { MessageService } from "../../gen/parley/v1/message_service_pb.ts";
import { SearchService } from "../../gen/parley/v1/search_service_pb.ts";
import { SupportService } from "../../gen/parley/v1/support_service_pb.ts";
import { UserService } from "../../gen/parley/v1/user_service_pb.ts";
import { methodPath } from "../rpc/method-path.ts";
import { type Access, accessIn, methodsOf, open, type Policy } from "./policy.ts";

const ADMIN = open(["admin"]);
const BACKEND = open(["admin", "backend"]);
const READERS = open(["admin", "backend", "member", "customer", "agent"]);
const PROFILE = ["name", "display_name", "avatar_url", "role", "bot"];
const MESSAGE = ["body", "metadata", "reply_to"];
const RESTRAINTS = ["mute_expire_time", "ban_expire_time"];
const REACT = open(["admin", "backend"], { member: ["emoji"], customer: ["emoji"], agent: ["emoji"] });

/**
 * The one table of who may do what, by method; docs/permissions.md shows it. A method that is missing here keeps the
 * server from starting.
 */
export const ACCESS_POLICY: Policy = {
  ...methodsOf(ApplicationService, {
    createApplication: ADMIN,
    getApplication: BACKEND,
    listApplications: ADMIN,
    updateApplication: open(["admin"], { backend: ["display_name", "registration_closed"] }),
    deleteApplication: ADMIN,
    rotateApiKey: BACKEND,
  }),
  ...methodsOf(UserService, {
    createUser: open(["admin", "backend", "manager"]),
    getUser: open(["admin", "backend", "manager", "self"], { agent: PROFILE, user: PROFILE }),
    listUsers: open(["admin", "backend", "manager"], { agent: PROFILE }),
    updateUser: open(["admin", "backend", "manager"], { self: ["display_name", "avatar_url", "metadata"] }),
    deleteUser: open(["admin", "backend", "manager", "self"]),
  }),
  ...methodsOf(AuthService, {
    registerUser: "public",
    activateUser: "public",
    logIn: "public",
    refreshTokens: "public",
    logOut: "public",
    logOutEverywhere: open(["admin", "backend", "manager", "self"]),
    changePassword: open(["self"]),
    requestPasswordReset: "public",
    resetPassword: "public",
    createUserTokens: BACKEND,
    createTokenKey: BACKEND,
    listTokenKeys: BACKEND,
    deleteTokenKey: BACKEND,
    getJsonWebKeySet: "public",
  }),
  ...methodsOf(ChatService, {
    createChat: open(["admin", "backend"], { user: ["kind", "title", "metadata", "slow_mode", "members"] }),
    getChat: READERS,
    listChats: open(["admin", "backend", "user"]),
    updateChat: open(["admin", "backend", "owner", "moderator", "agent"]),
    deleteChat: open(["admin", "backend", "owner"]),
  }),
  ...methodsOf(MemberService, {
    addMembers: open(["admin", "backend", "owner", "moderator"]),
    getMember: READERS,
    listMembers: READERS,
    updateMember: open(["admin", "backend"], { owner: ["role", ...RESTRAINTS], moderator: RESTRAINTS }),
    removeMember: open(["admin", "backend", "owner", "moderator", "self"]),
    markRead: open(["admin", "backend"], { member: ["number"], customer: ["number"] }),
  }),
  ...methodsOf(MessageService, {
    createMessage: open(["admin", "backend"], { member: MESSAGE, customer: MESSAGE, agent: [...MESSAGE, "internal"] }),
    batchCreateMessages: BACKEND,
    getMessage: READERS,
    listMessages: open(["admin", "backend", "member", "customer", "agent", "self"]),
    updateMessage: open(["admin", "backend", "author"]),
    deleteMessage: open(["admin", "backend", "author", "owner", "moderator"]),
    addReaction: REACT,
    removeReaction: REACT,
  }),
  ...methodsOf(SearchService, { searchMessages: READERS }),
  ...methodsOf(SupportService, {
    listSupportChats: open(["admin", "backend", "agent"]),
    assignSupportChat: open(["admin", "backend", "agent"]),
    closeSupportChat: open(["admin", "backend", "agent", "customer"]),
    reopenSupportChat: open(["admin", "backend", "agent", "customer"]),
  }),
  ...methodsOf(Health, { check: "public", list: "public", watch: "public" }),
  ...methodsOf(ServerReflection, { serverReflectionInfo: "public" }),
  ...methodsOf(ServerReflectionV1Alpha, { serverReflectionInfo: "public" }),
};

/** What a muted member may not do. */
export const DENIED_TO_MUTED: ReadonlySet<string> = new Set(
  [MessageService.method.createMessage, MessageService.method.updateMessage, MessageService.method.addReaction].map(
    methodPath,
  ),
);

/** Whether a method is open to anyone, without a credential. Throws where the policy does not say. */
export function isPublic(method: DescMethod): boolean {
  return accessOf(method) === "public";
}

/** Who may call a method. Throws where the policy does not say. */
export function accessOf(method: DescMethod, policy: Policy = ACCESS_POLICY): Access {
  return accessIn(policy, method);
}
