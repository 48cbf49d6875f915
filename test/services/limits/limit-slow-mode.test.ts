import { create, type DescMethodUnary } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { Chat_Kind } from "../../../gen/parley/v1/chat_pb.ts";
import { Member_Role } from "../../../gen/parley/v1/member_pb.ts";
import { MessageService } from "../../../gen/parley/v1/message_service_pb.ts";
import { User_Role } from "../../../gen/parley/v1/user_pb.ts";
import { type Principal, setPrincipal } from "../../../services/auth/principal.ts";
import { setStanding } from "../../../services/auth/standing.ts";
import { limitSlowMode } from "../../../services/limits/limit-slow-mode.ts";
import { MemoryRateLimits } from "../../../services/limits/memory-rate-limits.ts";
import { notFound } from "../../../services/rpc/errors.ts";
import { createLocalTransport } from "../../../services/rpc/local-transport.ts";
import { createRpcRegistry } from "../../../services/rpc/rpc-registry.ts";
import { failureFrom } from "../../failure.ts";

const { MEMBER, ADMIN, OWNER } = Member_Role;
const { createMessage, listMessages } = MessageService.method;
const application = "0123456789abcdefghjkmnpqrs";
const HOUR_MS = 3_600_000;
const BACKEND: Principal = { kind: "application", application };
const userOf = (user: string): Principal => ({
  ...{ kind: "user", application, user, displayName: user },
  ...{ role: User_Role.USER, bot: false, session: undefined },
});

type Call = {
  by: Principal;
  role: Member_Role | undefined;
  slowModeMs: number;
  chat: number;
  fails: boolean;
  method: DescMethodUnary;
};

/** Calls through slow mode alone: resolve with "done", or the limit or reason of the refusal. */
function open() {
  let current: Call;
  const registry = createRpcRegistry({
    interceptors: [
      (next) => (request) => {
        const { by, role, slowModeMs } = current;
        setPrincipal(request.contextValues, by);
        const member = role === undefined ? undefined : { role, mutedUntilMs: 0, bannedUntilMs: 0 };
        const chat = { kind: Chat_Kind.GROUP, creator: "ada", slowModeMs };
        setStanding(request.contextValues, { relations: ["member"], chat, member });
        return next(request);
      },
      limitSlowMode(new MemoryRateLimits()),
    ],
  });
  registry.add(MessageService, {
    createMessage: ({ parent }) => {
      if (current.fails) throw notFound(parent);
      return {};
    },
    listMessages: () => ({}),
  });
  const transport = createLocalTransport(registry);
  return async (given: Partial<Call> = {}): Promise<string | undefined> => {
    const defaults = { by: userOf("bob"), role: MEMBER, slowModeMs: HOUR_MS, chat: 1, fails: false };
    current = { ...defaults, method: createMessage, ...given };
    const parent = `applications/${application}/chats/${current.chat}`;
    const { method } = current;
    try {
      await transport.unary(method, undefined, undefined, undefined, create(method.input, { parent }));
      return "done";
    } catch (error) {
      const { reason, metadata } = failureFrom(error);
      return metadata.limit ?? reason;
    }
  };
}

test("a member writes once in a slow chat's time, whatever others do and it does elsewhere", async () => {
  const call = open();
  expect(await call()).toBe("done");
  expect(await call()).toBe("slow-mode");
  expect(await call({ by: userOf("cid") })).toBe("done");
  expect(await call({ chat: 2 })).toBe("done");
  expect(await call({ method: listMessages })).toBe("done");
  expect(await call()).toBe("slow-mode");
});

test.each<[who: string, call: Partial<Call>]>([
  ["an ADMIN of the chat", { role: ADMIN }],
  ["an owner", { role: OWNER }],
  ["an agent, who is no member", { role: undefined }],
  ["the backend", { by: BACKEND }],
  ["a member of a chat without slow mode", { slowModeMs: 0 }],
])("%s writes as often as it likes", async (_, given) => {
  const call = open();
  for (let done = 0; done < 3; done++) expect(await call(given)).toBe("done");
});

test("a message that fails does not count", async () => {
  const call = open();
  expect(await call({ fails: true })).toBe("RESOURCE_NOT_FOUND");
  expect(await call()).toBe("done");
  expect(await call()).toBe("slow-mode");
});

test("a slow mode of another duration begins anew", async () => {
  const call = open();
  await call();
  expect(await call({ slowModeMs: HOUR_MS / 2 })).toBe("done");
  expect(await call({ slowModeMs: HOUR_MS / 2 })).toBe("slow-mode");
});
