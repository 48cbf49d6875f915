import { AuthService } from "../../gen/parley/v1/auth_service_pb.ts";
import { Chat_Kind } from "../../gen/parley/v1/chat_pb.ts";
import { ChatService } from "../../gen/parley/v1/chat_service_pb.ts";
import { Member_Role } from "../../gen/parley/v1/member_pb.ts";
import { MemberService } from "../../gen/parley/v1/member_service_pb.ts";
import { SupportService } from "../../gen/parley/v1/support_service_pb.ts";
import { User_Role } from "../../gen/parley/v1/user_pb.ts";
import { UserService } from "../../gen/parley/v1/user_service_pb.ts";
import { type RpcCase, rpc } from "./rpc-case.ts";

const { method: users } = UserService;
const { method: auth } = AuthService;
const { method: members } = MemberService;
const { method: support } = SupportService;
const { createChat, getChat, listChats } = ChatService.method;

/** The address of who registers by itself. */
export const EMAIL = "registered@example.com";
const [PASSWORD, NEXT_PASSWORD, LAST_PASSWORD] = ["four geese in a row", "five geese in a row", "six geese in a row"];
/** Of RFC 8037, appendix A. */
const PUBLIC_KEY = '{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}';

/** Users whom the application's backend makes: ada, and the agent grace. */
export const USER_CASES: readonly RpcCase[] = [
  rpc(users.createUser, ({ application }) => ({
    ...{ parent: application, userId: "ada", requestId: "5d1c9a52-3d53-4d2d-8f1d-9a5a1f0f0d11" },
    user: { displayName: "Ada 🎈", avatarUrl: "https://example.com/ada.png", metadata: { k: "v" } },
  })),
  rpc(
    users.createUser,
    ({ application }) => ({
      ...{ parent: application, userId: "grace" },
      user: { displayName: "Grace", role: User_Role.AGENT, email: "Grace@Example.com" },
    }),
    { what: " of an agent" },
  ),
  rpc(users.getUser, ({ user }) => ({ name: user })),
  rpc(users.listUsers, ({ application }) => ({ parent: application, pageSize: 5 })),
  rpc(users.listUsers, ({ application }) => ({ parent: application, email: "GRACE@example.com" }), {
    what: " who has an address",
  }),
  rpc(users.updateUser, ({ user }) => ({
    user: { name: user, displayName: "Ada", metadata: { x: "y" } },
    updateMask: { paths: ["display_name", "metadata"] },
  })),
];

/** A group of ada's, in which grace comes and goes. */
export const MEMBER_CASES: readonly RpcCase[] = [
  rpc(
    createChat,
    ({ application }) => ({
      parent: application,
      chat: { kind: Chat_Kind.GROUP, title: "Group", creator: "ada", slowMode: { seconds: 5n } },
    }),
    { what: " of a group" },
  ),
  rpc(members.addMembers, ({ group }) => ({ parent: group, users: ["grace"], role: Member_Role.MEMBER })),
  rpc(listChats, ({ application }) => ({ parent: application, user: "ada" }), { what: " as a user" }),
  rpc(getChat, ({ group }) => ({ name: group, user: "ada" }), { what: " as a user" }),
  rpc(members.getMember, ({ member }) => ({ name: member })),
  rpc(members.listMembers, ({ group }) => ({ parent: group, pageSize: 300 })),
  rpc(members.updateMember, ({ member }) => ({
    member: { name: member, role: Member_Role.ADMIN },
    updateMask: { paths: ["role"] },
  })),
  rpc(members.markRead, ({ group }) => ({ parent: group, number: 1, user: "ada" })),
  rpc(members.removeMember, ({ member }) => ({ name: member })),
];

/** A session of ada's. */
export const SUPPORT_CASES: readonly RpcCase[] = [
  rpc(createChat, ({ application }) => ({ parent: application, chat: { kind: Chat_Kind.SUPPORT, creator: "ada" } }), {
    what: " of a support session",
  }),
  rpc(support.listSupportChats, ({ application }) => ({ parent: application, pageSize: 1 })),
  rpc(support.assignSupportChat, ({ support: name }) => ({ name, agent: "grace" })),
  rpc(support.closeSupportChat, ({ support: name }) => ({ name })),
  rpc(support.reopenSupportChat, ({ support: name }) => ({ name })),
];

/** A user who registers, logs in and out, and changes its password. */
export const ACCOUNT_CASES: readonly RpcCase[] = [
  rpc(
    auth.registerUser,
    ({ application }) => ({ parent: application, email: EMAIL, password: PASSWORD, displayName: "Reg" }),
    { as: "anyone" },
  ),
  rpc(
    auth.activateUser,
    ({ application, mailToken }) => ({ parent: application, token: mailToken, password: PASSWORD }),
    { as: "anyone" },
  ),
  rpc(
    auth.logIn,
    ({ application }) => ({ parent: application, email: EMAIL.toUpperCase(), password: PASSWORD, device: "phone" }),
    { as: "anyone" },
  ),
  rpc(auth.refreshTokens, ({ application, refreshToken }) => ({ parent: application, refreshToken }), { as: "anyone" }),
  rpc(
    auth.changePassword,
    ({ registered }) => ({ name: registered, currentPassword: PASSWORD, newPassword: NEXT_PASSWORD }),
    { as: "registered" },
  ),
  rpc(auth.logOut, ({ application, refreshToken }) => ({ parent: application, refreshToken }), { as: "anyone" }),
  rpc(auth.requestPasswordReset, ({ application }) => ({ parent: application, email: EMAIL }), { as: "anyone" }),
  rpc(
    auth.resetPassword,
    ({ application, mailToken }) => ({ parent: application, token: mailToken, newPassword: LAST_PASSWORD }),
    { as: "anyone" },
  ),
  rpc(auth.getJsonWebKeySet, () => ({}), { as: "anyone" }),
];

/** Credentials that the application's backend gives and takes, and the end of ada. */
export const USER_END_CASES: readonly RpcCase[] = [
  rpc(auth.createUserTokens, ({ user }) => ({ name: user, refreshable: true, accessTokenTtl: { seconds: 60n } })),
  rpc(auth.logOutEverywhere, ({ user }) => ({ name: user })),
  rpc(auth.createTokenKey, ({ application }) => ({
    parent: application,
    tokenKey: { publicKey: PUBLIC_KEY, issuer: "https://issuer.example.com", keyId: "1" },
  })),
  rpc(auth.listTokenKeys, ({ application }) => ({ parent: application, pageSize: 5 })),
  rpc(auth.deleteTokenKey, ({ tokenKey }) => ({ name: tokenKey })),
  rpc(users.deleteUser, ({ user }) => ({ name: user })),
];
