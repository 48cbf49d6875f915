import { create, type DescMethodUnary, type MessageInitShape } from "@bufbuild/protobuf";
import { createContextValues, type UnaryRequest } from "@connectrpc/connect";
import { describe, expect, test, vi } from "vitest";
import { Health } from "../../../gen/health/v1/health_pb.ts";
import { ApplicationService } from "../../../gen/parley/v1/application_service_pb.ts";
import { ChatService } from "../../../gen/parley/v1/chat_service_pb.ts";
import { MessageService } from "../../../gen/parley/v1/message_service_pb.ts";
import { SearchService } from "../../../gen/parley/v1/search_service_pb.ts";
import { authenticate } from "../../../services/auth/authenticate.ts";
import { Authenticator } from "../../../services/auth/authenticator.ts";
import { authorize } from "../../../services/auth/authorize.ts";
import { type Principal, principalOf, setPrincipal } from "../../../services/auth/principal.ts";
import type { RelationFacts } from "../../../services/auth/relations.ts";
import { failureOf } from "../../failure.ts";

const OWN = "applications/0123456789abcdefghjkmnpqrs";
const FOREIGN = "applications/0123456789abcdefghjkmnpqrt";
const APPLICATION: Principal = { kind: "application", application: OWN.slice("applications/".length) };
const ADMIN: Principal = { kind: "admin" };

/** Sends a request through an interceptor; resolves with the request that came through. */
async function pass<Method extends DescMethodUnary>(
  interceptor: ReturnType<typeof authorize>,
  method: Method,
  { fields = {}, principal, header = {} }: { fields?: object; principal?: Principal; header?: Record<string, string> },
): Promise<UnaryRequest> {
  const contextValues = createContextValues();
  if (principal) setPrincipal(contextValues, principal);
  const message = create(method.input, fields as MessageInitShape<Method["input"]>);
  const request = { stream: false, method, message, contextValues, header: new Headers(header) };
  const next = vi.fn();
  await interceptor(next)(request as never);
  expect(next).toHaveBeenCalledTimes(1);
  return next.mock.calls[0]![0];
}

/** Of backends and the administrator, nothing needs to be known. */
const NO_FACTS: RelationFacts = {
  chat: () => expect.unreachable(),
  member: () => expect.unreachable(),
  message: () => expect.unreachable(),
};

const named = (name: string) => ({ name });
const childOf = (parent: string) => ({ parent });

/** Each method that an application may call, with a request about a resource. */
const METHODS: [DescMethodUnary, (application: string) => object][] = [
  [ApplicationService.method.getApplication, named],
  [ApplicationService.method.updateApplication, (name) => ({ application: { name } })],
  [ApplicationService.method.rotateApiKey, named],
  [ChatService.method.createChat, childOf],
  [ChatService.method.listChats, childOf],
  [ChatService.method.getChat, (name) => named(`${name}/chats/1`)],
  [ChatService.method.updateChat, (name) => ({ chat: { name: `${name}/chats/1` } })],
  [ChatService.method.deleteChat, (name) => named(`${name}/chats/1`)],
  [MessageService.method.createMessage, (name) => childOf(`${name}/chats/1`)],
  [MessageService.method.batchCreateMessages, (name) => childOf(`${name}/chats/1`)],
  [MessageService.method.listMessages, (name) => childOf(`${name}/chats/1`)],
  [MessageService.method.getMessage, (name) => named(`${name}/chats/1/messages/1`)],
  [MessageService.method.updateMessage, (name) => ({ message: { name: `${name}/chats/1/messages/1` } })],
  [MessageService.method.deleteMessage, (name) => named(`${name}/chats/1/messages/1`)],
  [MessageService.method.addReaction, (name) => named(`${name}/chats/1/messages/1`)],
  [MessageService.method.removeReaction, (name) => named(`${name}/chats/1/messages/1`)],
  [SearchService.method.searchMessages, (name) => childOf(`${name}/chats/1`)],
];

describe.each(METHODS.map(([method, request]) => [method.name, method, request] as const))(
  "%s",
  (_name, method, request) => {
    test("is open to the application whose resource it is about", async () => {
      await pass(authorize(NO_FACTS), method, { fields: request(OWN), principal: APPLICATION });
    });

    test.each([FOREIGN, `${OWN}x`, "applications"])("of %s is as if it did not exist", async (application) => {
      const failure = await failureOf(
        pass(authorize(NO_FACTS), method, { fields: request(application), principal: APPLICATION }),
      );
      expect(failure).toMatchObject({ code: "NotFound", reason: "RESOURCE_NOT_FOUND" });
      expect(failure.metadata.resource).toContain(application);
    });

    test("is open to the administrator", async () => {
      await pass(authorize(NO_FACTS), method, { fields: request(FOREIGN), principal: ADMIN });
    });
  },
);

test("every method that an application may call is in this table", () => {
  const services = [ApplicationService, ChatService, MessageService, SearchService];
  const all = services.flatMap(({ methods }) => methods.map(({ name }) => name));
  const adminOnly = ["CreateApplication", "ListApplications", "DeleteApplication"];
  expect([...METHODS.map(([{ name }]) => name), ...adminOnly].sort()).toEqual(all.sort());
});

test("what is the administrator's alone is denied to an application, about whatever it is", async () => {
  const { createApplication, deleteApplication, listApplications } = ApplicationService.method;
  for (const [method, fields] of [
    [createApplication, {}],
    [deleteApplication, named(OWN)],
    [listApplications, {}],
  ] as const) {
    const failure = await failureOf(pass(authorize(NO_FACTS), method, { fields, principal: APPLICATION }));
    expect(failure).toMatchObject({ code: "PermissionDenied", reason: "METHOD_DENIED" });
  }
});

test.each(METHODS.map(([method, request]) => [method.name, method, request] as const))(
  "%s of an application without a name is refused, and the field named",
  async (_name, method, request) => {
    for (const fields of [{}, request("")].map((given) => (JSON.stringify(given).includes("/") ? {} : given))) {
      const failure = await failureOf(pass(authorize(NO_FACTS), method, { fields, principal: APPLICATION }));
      expect(failure).toMatchObject({ code: "InvalidArgument", reason: "FIELD_INVALID" });
      expect(failure.message).toMatch(/^(name|parent|\w+\.name): is required$/);
    }
    await pass(authorize(NO_FACTS), method, { principal: ADMIN });
  },
);

describe("authentication", () => {
  const keys = { findKey: async () => undefined };
  const tokens = { recall: () => undefined, authenticate: () => Promise.reject(new Error("there are no users")) };
  const authenticator = new Authenticator({ adminKey: "the-key-of-the-administrator", keys, tokens, maxAgeMs: 0 });

  test("finds out who calls, for those that come after", async () => {
    const header = { authorization: "Bearer the-key-of-the-administrator" };
    const request = await pass(authenticate(authenticator), ChatService.method.getChat, { header });
    expect(principalOf(request.contextValues)).toEqual(ADMIN);
    await failureOf(pass(authenticate(authenticator), ChatService.method.getChat, {}));
  });

  test("is not asked for by a public method, whose handler has no principal", async () => {
    const request = await pass(authenticate(authenticator), Health.method.check, {});
    await pass(authorize(NO_FACTS), Health.method.check, {});
    expect(() => principalOf(request.contextValues)).toThrow("not authenticated");
  });
});
