import { ConnectError } from "@connectrpc/connect";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { RetryInfoSchema } from "../../../gen/google/rpc/error_details_pb.ts";
import { Chat_Kind } from "../../../gen/parley/v1/chat_pb.ts";
import { Member_Role } from "../../../gen/parley/v1/member_pb.ts";
import { failureOf } from "../../failure.ts";
import { text } from "../../message-text.ts";
import { openParleySession, type ParleySession } from "../../parley-session.ts";
import { PROTOCOLS, type Protocol } from "../../protocols.ts";
import { type Services, servicesOf, type Tenant } from "../../tenant.ts";

const LIMITS = {
  ...{ USER_MESSAGES_PER_MINUTE: "3", USER_MESSAGES_PER_DAY: "5", USER_CALLS_PER_MINUTE: "20" },
  LOGIN_ATTEMPTS: "3",
};

let session: ParleySession;
let tenant: Tenant;
/** An OPEN chat is for backends; this is a group of Ann, its owner, and Bob. */
let group: string;
let ann: Services;
let bob: Services;
let annsToken: string;

beforeAll(async () => {
  session = await openParleySession(LIMITS);
});
afterAll(() => session.close());

beforeEach(async () => {
  tenant = await session.createTenant();
  annsToken = await createUser("ann");
  const bobsToken = await createUser("bob");
  [ann, bob] = [servicesOf(session.transports.grpc, annsToken), servicesOf(session.transports.grpc, bobsToken)];
  const chat = { kind: Chat_Kind.GROUP, creator: "ann", title: "Bread" };
  group = (await tenant.chats.createChat({ parent: tenant.name, chat: { ...chat, members: ["bob"] } })).name;
});

async function createUser(userId: string): Promise<string> {
  const { name } = await tenant.users.createUser({ parent: tenant.name, userId, user: { displayName: userId } });
  return (await tenant.auth.createUserTokens({ name })).accessToken;
}

const send = ({ messages }: Services, parent = group) => messages.createMessage({ parent, message: text("Hello") });
const get = ({ users }: Services, user = "ann") => users.getUser({ name: `${tenant.name}/users/${user}` });
const limitOf = async (call: Promise<unknown>) => (await failureOf(call)).metadata.limit;

async function times(count: number, call: () => Promise<unknown>): Promise<void> {
  for (let done = 0; done < count; done++) await call();
}

describe("a user", () => {
  test("sends so many messages a minute, whatever other users do", async () => {
    await times(3, () => send(bob));
    expect(await failureOf(send(bob))).toMatchObject({
      ...{ code: "ResourceExhausted", reason: "RATE_LIMITED", metadata: { limit: "user-messages-minute" } },
      message: expect.stringMatching(
        /^too many messages of this user: 3 in 60 s is the limit; repeat the call in \d+ s$/,
      ),
    });
    await send(ann);
    await get(bob);
    const metrics = await (await fetch(`${session.address}/metrics`)).text();
    expect(metrics).toMatch(/^parley_rate_limited_total\{limit="user-messages-minute"\} [1-9]/m);
  });

  test("makes so many other calls a minute, also such as are refused", async () => {
    await times(10, () => get(bob));
    await times(10, () => failureOf(get(bob, "nobody")));
    expect(await limitOf(get(bob))).toBe("user-calls-minute");
    await send(bob);
  });

  test("is not limited by what its backend does", async () => {
    await times(30, () => send(tenant));
    await send(bob);
  });

  test("learns what is left when that is little", async () => {
    const headers: (string | null)[] = [];
    const onHeader = (header: Headers) => headers.push(header.get("ratelimit"));
    for (let call = 1; call <= 20; call++) await ann.users.getUser({ name: `${tenant.name}/users/ann` }, { onHeader });
    expect(headers.slice(0, 17)).toEqual(Array(17).fill(null));
    expect(headers.slice(17)).toEqual(
      [2, 1, 0].map((left) => expect.stringContaining(`"user-calls-minute";r=${left};t=`)),
    );
  });
});

describe("over each protocol", () => {
  test.each(PROTOCOLS)("%s tells when to repeat a call", async (protocol: Protocol) => {
    const caller = servicesOf(session.transports[protocol], annsToken);
    await times(3, () => send(caller));
    const error = await send(caller).then(
      () => undefined,
      (thrown) => ConnectError.from(thrown),
    );
    const [retry] = error!.findDetails(RetryInfoSchema);
    const seconds = Number(retry!.retryDelay!.seconds);
    expect(seconds).toBeGreaterThan(30);
    expect(seconds).toBeLessThanOrEqual(60);
    expect(error!.metadata.get("retry-after")).toBe(String(seconds));
    expect(error!.metadata.get("ratelimit")).toBe(`"user-messages-minute";r=0;t=${seconds}`);
    expect(error!.metadata.get("ratelimit-policy")).toBe('"user-messages-minute";q=3;w=60');
  });
});

describe("an application", () => {
  const update = (rateLimits: object | undefined, paths = ["rate_limits"]) =>
    session.admin.applications.updateApplication({
      application: { name: tenant.name, rateLimits },
      updateMask: { paths },
    });

  test("has limits of its own, which hold at once, until they are taken away", async () => {
    const rateLimits = { userMessagesPerMinute: 4, userMessagesPerDay: 0 };
    expect((await update(rateLimits)).rateLimits).toMatchObject(rateLimits);
    await times(4, () => send(bob));
    expect(await limitOf(send(bob))).toBe("user-messages-minute");
    await update({ userMessagesPerMinute: 0, userMessagesPerDay: 0 });
    await times(10, () => send(bob));
    expect((await update(undefined)).rateLimits).toBeUndefined();
    expect(await limitOf(send(bob))).toBe("user-messages-minute");
  });

  test("is created with limits", async () => {
    const rateLimits = { callsPerMinute: 2 };
    const application = { displayName: "Small", rateLimits };
    const { name, apiKey } = await session.admin.applications.createApplication({ application });
    const { applications } = servicesOf(session.transports.grpc, apiKey);
    expect((await applications.getApplication({ name })).rateLimits).toMatchObject(rateLimits);
    await applications.getApplication({ name });
    expect(await limitOf(applications.getApplication({ name }))).toBe("application-calls-minute");
    await session.admin.applications.getApplication({ name });
    await tenant.applications.getApplication({ name: tenant.name });
  });

  test("cannot give itself more", async () => {
    const application = { name: tenant.name, displayName: "Mine", rateLimits: { callsPerMinute: 0 } };
    const updated = tenant.applications.updateApplication({ application });
    expect(await failureOf(updated)).toMatchObject({ code: "PermissionDenied", reason: "FIELD_DENIED" });
    const all = { application, updateMask: { paths: ["*"] } };
    await tenant.applications.updateApplication(all).catch(() => undefined);
    expect((await tenant.applications.getApplication({ name: tenant.name })).rateLimits).toBeUndefined();
  });

  test("keeps its limits when it gets another name, and does not take negative ones", async () => {
    await update({ callsPerMinute: 1_000 });
    await session.admin.applications.updateApplication({ application: { name: tenant.name, displayName: "New" } });
    expect((await tenant.applications.getApplication({ name: tenant.name })).rateLimits?.callsPerMinute).toBe(1_000);
    expect(await failureOf(update({ callsPerMinute: -1 }))).toMatchObject({
      fields: ["application.rate_limits.calls_per_minute"],
    });
  });
});

describe("a chat with a slow mode", () => {
  beforeEach(async () => {
    const chat = { name: group, slowMode: { seconds: 3_600n } };
    await tenant.chats.updateChat({ chat, updateMask: { paths: ["slow_mode"] } });
  });

  test("takes a message of a member now and then, and is as fast as ever to its owners and the backend", async () => {
    await send(bob);
    expect(await failureOf(send(bob))).toMatchObject({ reason: "RATE_LIMITED", metadata: { limit: "slow-mode" } });
    await times(2, () => send(ann));
    await times(5, () => send(tenant));
    const chat = { kind: Chat_Kind.GROUP, creator: "ann", title: "Cake" };
    const { name: other } = await tenant.chats.createChat({ parent: tenant.name, chat: { ...chat, members: ["bob"] } });
    await send(bob, other);
  });

  test("does not count a message that fails", async () => {
    const broken = bob.messages.createMessage({ parent: group, message: { ...text("Hello"), replyTo: 99 } });
    expect((await failureOf(broken)).reason).not.toBe("RATE_LIMITED");
    await send(bob);
    expect(await limitOf(send(bob))).toBe("slow-mode");
  });

  test("lets a member go on that becomes an administrator, or when it is over", async () => {
    await send(bob);
    const member = { name: `${group}/members/bob`, role: Member_Role.ADMIN };
    await ann.members.updateMember({ member, updateMask: { paths: ["role"] } });
    await expect.poll(() => send(bob).then(() => "sent"), { timeout: 5_000 }).toBe("sent");
    await ann.members.updateMember({
      member: { ...member, role: Member_Role.MEMBER },
      updateMask: { paths: ["role"] },
    });
    await tenant.chats.updateChat({ chat: { name: group }, updateMask: { paths: ["slow_mode"] } });
    await expect.poll(() => send(bob).then(() => "sent"), { timeout: 5_000 }).toBe("sent");
  });
});

test("a password can be tried so often, whether there is such a user or not", async () => {
  const { auth } = servicesOf(session.transports.connect, "no key");
  const logIn = (email: string) => auth.logIn({ parent: tenant.name, email, password: "not this one, no" });
  for (const email of ["cleo@example.com", "nobody@example.com"]) {
    await times(3, async () => expect(await failureOf(logIn(email))).toMatchObject({ reason: "LOGIN_FAILED" }));
    expect(await failureOf(logIn(email))).toMatchObject({
      ...{ code: "ResourceExhausted", reason: "RATE_LIMITED", metadata: { limit: "login-account" } },
    });
  }
});
