import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { Chat_Kind } from "../../gen/parley/v1/chat_pb.ts";
import { User_Role } from "../../gen/parley/v1/user_pb.ts";
import { failureFrom } from "../failure.ts";
import { text } from "../message-text.ts";
import { openTransports, type Transports } from "../protocols.ts";
import { type RealServerOf, startServer } from "../servers/real-server.ts";
import { describeOnAll } from "../servers/shared-server.ts";
import { createTenant, type Services, servicesOf, type Tenant } from "../tenant.ts";
import { type Production, startProduction } from "./production.ts";

/** Within which a change holds in every process, in milliseconds. */
const WITHIN_MS = 1_000;

describeOnAll("what decides about callers, in two apis", (servers) => {
  let redis: RealServerOf<"redis">;
  let production: Production;
  let apis: Transports[];
  let tenant: Tenant;
  beforeAll(async () => {
    redis = await startServer("redis");
    production = await startProduction({ servers: { ...servers, redis }, counts: { api: 2 } });
    const { address, grpcAddress } = production;
    apis = grpcAddress.split(",").map((one) => openTransports({ address, grpcAddress: one }));
    expect(apis).toHaveLength(2);
  });
  afterAll(async () => {
    for (const api of apis ?? []) api.close();
    await production?.close();
    await redis?.stop();
  });
  beforeEach(async () => {
    tenant = await createTenant(apis[0]!.grpc, production.adminKey);
  });

  /** A user, as it calls each api. */
  async function createUser(userId: string, role = User_Role.USER as User_Role): Promise<Services[]> {
    const { name } = await tenant.users.createUser({ parent: tenant.name, userId, user: { role } });
    const { accessToken } = await tenant.auth.createUserTokens({ name });
    return apis.map(({ grpc }) => servicesOf(grpc, accessToken));
  }

  async function reasonOf(call: Promise<unknown>): Promise<string | undefined> {
    return call.then(
      () => undefined,
      (error) => failureFrom(error).reason,
    );
  }

  const demote = (id: string) =>
    tenant.users.updateUser({ user: { name: `${tenant.name}/users/${id}`, role: User_Role.USER } });
  const listIn = ({ users }: Services) => reasonOf(users.listUsers({ parent: tenant.name }));

  test("a role that one api took counts in the other within a second", async () => {
    const agent = await createUser("agent", User_Role.AGENT);
    for (const api of agent) expect(await listIn(api)).toBeUndefined();
    await demote("agent");
    expect(await listIn(agent[0]!)).toBe("METHOD_DENIED");
    await expect.poll(() => listIn(agent[1]!), { timeout: WITHIN_MS, interval: 10 }).toBe("METHOD_DENIED");
  });

  test("who is removed from a group finds nothing of it in any api, once that is answered by one", async () => {
    const owner = await createUser("owner");
    const guest = await createUser("guest");
    const chat = { kind: Chat_Kind.GROUP };
    const { name } = await owner[0]!.chats.createChat({ parent: tenant.name, chat: { ...chat, members: ["guest"] } });
    const say = ({ messages }: Services) => reasonOf(messages.createMessage({ parent: name, message: text("hello") }));
    for (const api of guest) expect(await say(api)).toBeUndefined();
    await owner[0]!.members.removeMember({ name: `${name}/members/guest` });
    for (const api of guest) {
      await expect.poll(() => say(api), { timeout: WITHIN_MS, interval: 10 }).toBe("RESOURCE_NOT_FOUND");
    }
  });

  test("a role that one api took while Redis is away counts in the other, too", async () => {
    const agent = await createUser("agent", User_Role.AGENT);
    for (const api of agent) expect(await listIn(api)).toBeUndefined();
    await redis.kill();
    try {
      await demote("agent");
      for (const api of agent) {
        await expect.poll(() => listIn(api), { timeout: WITHIN_MS, interval: 10 }).toBe("METHOD_DENIED");
      }
    } finally {
      await redis.start();
    }
  });
});
