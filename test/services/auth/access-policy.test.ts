import type { DescMethod, DescService } from "@bufbuild/protobuf";
import { describe, expect, test } from "vitest";
import { ServerReflection } from "../../../gen/grpc/reflection/v1/reflection_pb.ts";
import { Health } from "../../../gen/health/v1/health_pb.ts";
import { ApplicationService } from "../../../gen/parley/v1/application_service_pb.ts";
import { AuthService } from "../../../gen/parley/v1/auth_service_pb.ts";
import { ChatService } from "../../../gen/parley/v1/chat_service_pb.ts";
import { MemberService } from "../../../gen/parley/v1/member_service_pb.ts";
import { MessageService } from "../../../gen/parley/v1/message_service_pb.ts";
import { SearchService } from "../../../gen/parley/v1/search_service_pb.ts";
import { SupportService } from "../../../gen/parley/v1/support_service_pb.ts";
import { UserService } from "../../../gen/parley/v1/user_service_pb.ts";
import { ACCESS_POLICY, accessOf } from "../../../services/auth/access-policy.ts";
import { ALL, type Rule } from "../../../services/auth/policy.ts";
import { checkPolicyCovers } from "../../../services/auth/policy-coverage.ts";
import { PARLEY_SERVICES } from "../../../services/parley-services.ts";
import { methodPath } from "../../../services/rpc/method-path.ts";

/** All services of the contract, those too that are not served yet. */
const SERVICES = [...new Set([...PARLEY_SERVICES, AuthService, MemberService, SupportService, UserService])];

/** What takes no credential. */
const PUBLIC = [
  "/parley.v1.AuthService/ActivateUser",
  "/parley.v1.AuthService/GetJsonWebKeySet",
  "/parley.v1.AuthService/LogIn",
  "/parley.v1.AuthService/LogOut",
  "/parley.v1.AuthService/RefreshTokens",
  "/parley.v1.AuthService/RegisterUser",
  "/parley.v1.AuthService/RequestPasswordReset",
  "/parley.v1.AuthService/ResetPassword",
];

/** What the policy gives to the relations of users. */
function ofUsers(method: DescMethod): Rule {
  const { admin: _, backend: __, ...rule } = accessOf(method) as Rule;
  return rule;
}

describe("the access policy", () => {
  test("says of every method who may call it", () => {
    checkPolicyCovers([...SERVICES, Health]);
  });

  test("opens to the public only what gives a user its first token, and the keys that tokens are checked with", () => {
    const open = SERVICES.flatMap(({ methods }) => methods).filter((method) => accessOf(method) === "public");
    expect(open.map(methodPath).sort()).toEqual(PUBLIC);
  });

  test("opens no application, and no key of tokens, to a user", () => {
    const { createUserTokens, createTokenKey, listTokenKeys, deleteTokenKey } = AuthService.method;
    const keys = [createUserTokens, createTokenKey, listTokenKeys, deleteTokenKey];
    for (const method of [...ApplicationService.methods, ...keys, MessageService.method.batchCreateMessages]) {
      expect([method.name, Object.keys(ofUsers(method))]).toEqual([method.name, []]);
    }
  });

  test("lets nobody raise itself", () => {
    const { createUser, updateUser } = UserService.method;
    const { self, ...others } = ofUsers(updateUser);
    expect(self).toEqual(["display_name", "avatar_url", "metadata"]);
    expect([Object.keys(others), Object.keys(ofUsers(createUser))]).toEqual([["manager"], ["manager"]]);
    const { owner: _, moderator, ...rest } = ofUsers(MemberService.method.updateMember);
    expect([moderator, rest]).toEqual([["mute_expire_time", "ban_expire_time"], {}]);
    expect(accessOf(AuthService.method.changePassword)).toEqual({ self: ALL });
  });

  test("shows no address of another user, but to who administers users", () => {
    const { getUser, listUsers } = UserService.method;
    const shown = ["name", "display_name", "avatar_url", "role", "bot"];
    expect(ofUsers(getUser)).toEqual({ manager: ALL, self: ALL, agent: shown, user: shown });
    expect(ofUsers(listUsers)).toEqual({ manager: ALL, agent: shown });
  });

  test("opens nothing in a chat to who is nothing to it", () => {
    const { getChat, updateChat, deleteChat } = ChatService.method;
    const inChats = [MemberService, MessageService, SearchService].flatMap(({ methods }) => methods);
    for (const method of [...inChats, getChat, updateChat, deleteChat]) {
      const { user, manager } = ofUsers(method);
      expect([method.name, user, manager]).toEqual([method.name, undefined, undefined]);
    }
  });

  test("lets nobody write in another's name, nor a note but an agent", () => {
    const { createMessage, updateMessage } = MessageService.method;
    const own = ["body", "metadata", "reply_to"];
    expect(ofUsers(createMessage)).toEqual({ member: own, customer: own, agent: [...own, "internal"] });
    expect(ofUsers(updateMessage)).toEqual({ author: ALL });
  });

  test("opens everything to the administrator but what takes a user's own password", () => {
    for (const method of SERVICES.flatMap(({ methods }) => methods)) {
      const access = accessOf(method);
      if (access === "public" || method === AuthService.method.changePassword) continue;
      expect([method.name, access.admin]).toEqual([method.name, ALL]);
    }
  });

  test.each(["createApplication", "listApplications", "deleteApplication"] as const)(
    "keeps %s to the administrator",
    (name) => {
      expect(accessOf(ApplicationService.method[name])).toEqual({ admin: ALL });
    },
  );

  test("that leaves a method out is refused by its name, whichever it is", () => {
    for (const missing of Object.keys(ACCESS_POLICY).filter((key) => key.startsWith("/parley."))) {
      const { [missing]: _, ...rest } = ACCESS_POLICY;
      expect(() => checkPolicyCovers(SERVICES, rest)).toThrow(missing);
    }
  });

  test("refuses what streams and is not public", () => {
    const method = ServerReflection.method.serverReflectionInfo;
    const path = `/${method.parent.typeName}/${method.name}`;
    const services = [{ methods: [method] }] as unknown as DescService[];
    expect(() => checkPolicyCovers(services, { [path]: { admin: ALL } })).toThrow(`${path} must be public`);
    checkPolicyCovers(services, { [path]: "public" });
  });

  test("refuses to open to others than the administrator what does not tell its resource", () => {
    const { check } = Health.method;
    const { createApplication } = ApplicationService.method;
    const { searchMessages } = SearchService.method;
    const open = { admin: ALL, backend: ALL } as const;
    const serviceOf = (...methods: DescMethod[]) => [{ methods }] as unknown as DescService[];
    for (const method of [check, createApplication]) {
      const path = `/${method.parent.typeName}/${method.name}`;
      const refusal = `${path} cannot be open to others than the administrator`;
      expect(() => checkPolicyCovers(serviceOf(method), { [path]: open })).toThrow(refusal);
      checkPolicyCovers(serviceOf(method), { [path]: { admin: ALL } });
      checkPolicyCovers(serviceOf(method), { [path]: "public" });
    }
    checkPolicyCovers(serviceOf(searchMessages));
  });

  test("has no entry for a method that does not exist", () => {
    expect(Object.keys(ACCESS_POLICY).filter((key) => key.includes("undefined"))).toEqual([]);
  });
});
