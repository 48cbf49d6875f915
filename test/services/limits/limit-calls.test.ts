import { create, type DescMethodUnary } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { Health } from "../../../gen/health/v1/health_pb.ts";
import { AuthService } from "../../../gen/parley/v1/auth_service_pb.ts";
import { ChatService } from "../../../gen/parley/v1/chat_service_pb.ts";
import { MessageService } from "../../../gen/parley/v1/message_service_pb.ts";
import { User_Role } from "../../../gen/parley/v1/user_pb.ts";
import { type Principal, setPrincipal } from "../../../services/auth/principal.ts";
import type { ApplicationFacts, Facts } from "../../../services/facts/facts.ts";
import { CallQuotas } from "../../../services/limits/call-quotas.ts";
import { clientAddressOf } from "../../../services/limits/client-address.ts";
import { ClientAddresses } from "../../../services/limits/client-addresses.ts";
import { type LimitCallsOptions, limitCalls } from "../../../services/limits/limit-calls.ts";
import { MemoryRateLimits } from "../../../services/limits/memory-rate-limits.ts";
import { storeUnavailable } from "../../../services/rpc/errors.ts";
import { createLocalTransport } from "../../../services/rpc/local-transport.ts";
import { createRpcRegistry } from "../../../services/rpc/rpc-registry.ts";
import { type Failure, failureFrom } from "../../failure.ts";

const ADMIN: Principal = { kind: "admin" };
const BACKEND: Principal = { kind: "application", application: "0123456789abcdefghjkmnpqrs" };
const USER: Principal = {
  ...{ kind: "user", application: "0123456789abcdefghjkmnpqrs", user: "ann", displayName: "Ann" },
  ...{ role: User_Role.USER, bot: false, session: undefined },
};
const NO_LIMITS: ApplicationFacts = {
  ...{ userMessagesPerMinute: undefined, userMessagesPerDay: undefined, userCallsPerMinute: undefined },
  callsPerMinute: undefined,
};
const SETTINGS = {
  ...{ USER_MESSAGES_PER_MINUTE: 2, USER_MESSAGES_PER_DAY: 3, USER_CALLS_PER_MINUTE: 2 },
  ...{ APPLICATION_CALLS_PER_MINUTE: 4, ADDRESS_CALLS_PER_MINUTE: 3 },
};

const facts = (application: Facts["application"]) => ({ application });

/** Calls through the limits alone, as whoever is given; resolves with the address that the handler learns of. */
function open(options: Partial<LimitCallsOptions> = {}) {
  let principal: Principal | undefined;
  const limit = limitCalls({
    ...{ limits: new MemoryRateLimits(), quotas: new CallQuotas(SETTINGS), addresses: new ClientAddresses([]) },
    ...{ facts: facts(() => NO_LIMITS), whenAway: "open", isUncounted: ({ parent }) => parent === Health },
    ...options,
  });
  let address: string | undefined;
  const registry = createRpcRegistry({
    interceptors: [
      (next) => (request) => {
        if (principal) setPrincipal(request.contextValues, principal);
        return next(request);
      },
      limit,
      (next) => (request) => {
        address = clientAddressOf(request.contextValues);
        return next(request);
      },
    ],
  });
  registry.add(ChatService, { getChat: () => ({}) });
  registry.add(MessageService, { createMessage: () => ({}) });
  registry.add(AuthService, { logIn: () => ({}) });
  registry.add(Health, { check: () => ({}) });
  const transport = createLocalTransport(registry);
  return async (method: DescMethodUnary, caller?: Principal, from = "203.0.113.1"): Promise<string | Failure> => {
    principal = caller;
    address = undefined;
    try {
      await transport.unary(method, undefined, undefined, { "parley-client-address": from }, create(method.input));
      return address ?? "nowhere";
    } catch (error) {
      return failureFrom(error);
    }
  };
}

const { getChat } = ChatService.method;
const { createMessage } = MessageService.method;
const { logIn } = AuthService.method;
const refusedBy = (limit: string) => expect.objectContaining({ reason: "RATE_LIMITED", metadata: { limit } });

test("the administrator is not limited, and neither are health checks", async () => {
  const call = open();
  for (let done = 0; done < 20; done++) expect(await call(getChat, ADMIN)).toBe("nowhere");
  for (let done = 0; done < 20; done++) expect(await call(Health.method.check)).toBe("nowhere");
});

test("a backend has what its application has, wherever it calls from", async () => {
  const call = open();
  for (let done = 0; done < 4; done++) expect(await call(createMessage, BACKEND)).toBe("nowhere");
  expect(await call(createMessage, BACKEND, "203.0.113.2")).toEqual(refusedBy("application-calls-minute"));
});

test("a user's messages and other calls are counted apart, and on its address and application together", async () => {
  const call = open();
  expect(await call(createMessage, USER)).toBe("203.0.113.1");
  await call(createMessage, USER);
  expect(await call(createMessage, USER)).toEqual(refusedBy("user-messages-minute"));
  await call(getChat, USER);
  expect(await call(getChat, USER)).toEqual(refusedBy("address-calls-minute"));
  expect(await call(getChat, USER, "203.0.113.2")).toBe("203.0.113.2");
  expect(await call(getChat, USER, "203.0.113.3")).toEqual(refusedBy("user-calls-minute"));
  expect(await call(getChat, { ...USER, user: "bob" }, "203.0.113.3")).toEqual(refusedBy("application-calls-minute"));
});

test("a day's messages are counted beyond the minute", async () => {
  const own = { ...NO_LIMITS, userMessagesPerMinute: 0 };
  const call = open({ facts: facts(() => own) });
  for (let done = 1; done <= 3; done++) await call(createMessage, USER, `203.0.113.${done}`);
  expect(await call(createMessage, USER, "203.0.113.9")).toEqual(refusedBy("user-messages-day"));
});

test("what needs no credential is counted by address", async () => {
  const call = open();
  for (let done = 0; done < 3; done++) expect(await call(logIn)).toBe("203.0.113.1");
  expect(await call(logIn)).toEqual(refusedBy("address-calls-minute"));
  expect(await call(logIn, undefined, "203.0.113.2")).toBe("203.0.113.2");
});

test.each([
  ["at once", () => ({ ...NO_LIMITS, callsPerMinute: 1 })],
  ["later", async () => ({ ...NO_LIMITS, callsPerMinute: 1 })],
])("an application's own limits hold where they are known %s", async (_when, application) => {
  const call = open({ facts: facts(application) });
  expect(await call(getChat, BACKEND)).toBe("nowhere");
  expect(await call(getChat, BACKEND)).toEqual(refusedBy("application-calls-minute"));
});

test("the server's limits hold where those of an application cannot be read", async () => {
  const call = open({ facts: facts(() => Promise.reject(storeUnavailable("the database", undefined))) });
  for (let done = 0; done < 4; done++) expect(await call(getChat, BACKEND)).toBe("nowhere");
  expect(await call(getChat, BACKEND)).toEqual(refusedBy("application-calls-minute"));
});

test("while calls cannot be counted together, users are refused where that is set, and backends never", async () => {
  class Away extends MemoryRateLimits {
    override readonly isAway = true as never;
  }
  const closed = open({ limits: new Away(), whenAway: "closed" });
  for (const [method, caller] of [
    [getChat, USER],
    [logIn, undefined],
  ] as const) {
    expect(await closed(method, caller)).toMatchObject({ code: "Unavailable", reason: "STORE_UNAVAILABLE" });
  }
  expect(await closed(getChat, BACKEND)).toBe("nowhere");
  expect(await open({ limits: new Away() })(getChat, USER)).toBe("203.0.113.1");
});
