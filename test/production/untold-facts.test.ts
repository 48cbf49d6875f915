import { Code, ConnectError } from "@connectrpc/connect";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { User_Role } from "../../gen/parley/v1/user_pb.ts";
import { failureFrom } from "../failure.ts";
import { TcpProxy } from "../faults/tcp-proxy.ts";
import { openTransports, type Transports } from "../protocols.ts";
import { describeOnAll } from "../servers/shared-server.ts";
import { createTenant, type Services, servicesOf, type Tenant } from "../tenant.ts";
import { type Production, startProduction } from "./production.ts";
import type { Environment } from "./role-processes.ts";

/** Within which a change holds in every process, in milliseconds; and what a call may take then. */
const WITHIN = { timeout: 1_250, interval: 10 };

describeOnAll("what one api changed and could not tell", (servers) => {
  let proxy: TcpProxy;
  let production: Production;
  let apis: Transports[];
  let tenant: Tenant;
  let name: string;
  let agent: Services[];
  beforeAll(async () => {
    const redisUrl = new URL(servers.redis.url);
    proxy = await TcpProxy.open(Number(redisUrl.port));
    redisUrl.hostname = "127.0.0.1";
    redisUrl.port = String(proxy.port);
    const environmentOf = (process: string): Environment => (process === "api-1" ? { REDIS_URL: redisUrl.href } : {});
    production = await startProduction({ servers, environmentOf, counts: { api: 2 } });
    const { address, grpcAddress } = production;
    apis = grpcAddress.split(",").map((one) => openTransports({ address, grpcAddress: one }));
  });
  afterAll(async () => {
    for (const api of apis ?? []) api.close();
    await production?.close();
    await proxy?.close();
  });
  beforeEach(async () => {
    tenant = await createTenant(apis[0]!.grpc, production.adminKey);
    const user = { role: User_Role.AGENT };
    ({ name } = await tenant.users.createUser({ parent: tenant.name, userId: "agent", user }));
    const { accessToken } = await tenant.auth.createUserTokens({ name });
    agent = apis.map(({ grpc }) => servicesOf(grpc, accessToken));
    for (const api of agent) expect(await failureOfList(api)).toBeUndefined();
  });
  afterEach(() => proxy.refuse(false));

  /** Why the agent may not list users; undefined where it may. */
  function failureOfList({ users }: Services): Promise<string | undefined> {
    return users.listUsers({ parent: tenant.name }).then(
      () => undefined,
      (error) => failureFrom(error).reason,
    );
  }

  const CHANGES: Record<string, () => Promise<unknown>> = {
    "a role": () => tenant.users.updateUser({ user: { name, role: User_Role.USER } }),
    "an end of all sessions": () => tenant.auth.logOutEverywhere({ name }),
    "a deletion": () => tenant.users.deleteUser({ name }),
  };

  test.each(Object.entries(CHANGES))(
    "as it is cut off from Redis, %s counts in the other in time",
    async (_what, change) => {
      proxy.refuse(true);
      const changed = change();
      await expect.poll(() => failureOfList(agent[1]!), WITHIN).toBeDefined();
      await changed;
      expect(await failureOfList(agent[0]!)).toBeDefined();
    },
  );

  test("as it was killed once that was in the database, counts in the other in time", async () => {
    proxy.refuse(true);
    const changed = CHANGES["a role"]!().catch((error) => error);
    const other = servicesOf(apis[1]!.grpc, tenant.key);
    await expect
      .poll(async () => (await other.users.getUser({ name })).role, { timeout: 5_000, interval: 5 })
      .toBe(User_Role.USER);
    const api = production.processes["api-1"]!;
    await api.kill();
    try {
      await expect.poll(() => failureOfList(agent[1]!), WITHIN).toBe("METHOD_DENIED");
      expect(ConnectError.from(await changed).code).toBe(Code.Unavailable);
    } finally {
      proxy.refuse(false);
      await api.start();
    }
    // Neither does Redis give back what was known before.
    await expect.poll(() => failureOfList(agent[0]!)).toBe("METHOD_DENIED");
  });
});
