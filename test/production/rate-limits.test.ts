import { afterAll, beforeAll, expect, test } from "vitest";
import { failureFrom, failureOf } from "../failure.ts";
import { openTransports, type Transports } from "../protocols.ts";
import { type RealServerOf, startServer } from "../servers/real-server.ts";
import { describeOnAll } from "../servers/shared-server.ts";
import { createTenant, type Services, servicesOf, type Tenant } from "../tenant.ts";
import { type Production, startProduction } from "./production.ts";

const CALLS = 100;
const APIS = 2;

describeOnAll("limits of two apis", (servers) => {
  let redis: RealServerOf<"redis">;
  let production: Production;
  let transports: Transports;
  let tenant: Tenant;

  beforeAll(async () => {
    redis = await startServer("redis");
    production = await startProduction({
      servers: { ...servers, redis },
      environment: { USER_CALLS_PER_MINUTE: String(CALLS), LOGIN_ATTEMPTS: "5" },
    });
    transports = openTransports(production);
    tenant = await createTenant(transports.grpc, production.adminKey);
  });

  afterAll(async () => {
    transports?.close();
    await production?.close();
    await redis?.stop();
  });

  async function createUser(userId: string): Promise<Services & { name: string }> {
    const { name } = await tenant.users.createUser({ parent: tenant.name, userId, user: { displayName: userId } });
    const { accessToken } = await tenant.auth.createUserTokens({ name });
    return { name, ...servicesOf(transports.grpc, accessToken) };
  }

  /** Whether a call was let through; else it was refused for coming too often. */
  async function isAnswered(call: Promise<unknown>): Promise<boolean> {
    try {
      await call;
      return true;
    } catch (error) {
      expect(failureFrom(error)).toMatchObject({ code: "ResourceExhausted", reason: "RATE_LIMITED" });
      return false;
    }
  }

  const logIn = (email: string) =>
    servicesOf(transports.grpc, "no key").auth.logIn({ parent: tenant.name, email, password: "not this one, no" });

  test("hold for both together, but for the moment until they hear of each other", async () => {
    const { users, name } = await createUser("ann");
    const get = () => isAnswered(users.getUser({ name }));
    const answers: boolean[] = [];
    for (let call = 0; call < 4 * CALLS; call++) answers.push(await get());
    const answered = answers.filter(Boolean).length;
    expect(answered).toBeGreaterThanOrEqual(CALLS);
    expect(answered).toBeLessThanOrEqual(APIS * CALLS);
    // By now both have heard of all.
    expect(answers.slice(-CALLS).some(Boolean)).toBe(false);
  });

  test("let no more attempts to log in through than there may be, by whichever api they come", async () => {
    const attempts = Array.from({ length: 20 }, () => failureOf(logIn("cleo@example.com")));
    const reasons = (await Promise.all(attempts)).map(({ reason }) => reason);
    expect(reasons.filter((reason) => reason === "LOGIN_FAILED")).toHaveLength(5);
    expect(reasons.filter((reason) => reason === "RATE_LIMITED")).toHaveLength(15);
  });

  test("while Redis is away let users call, and nobody try passwords, until it is back", async () => {
    const { users, name } = await createUser("bob");
    await users.getUser({ name });
    await redis.kill();
    for (let call = 0; call < 10; call++) expect(await isAnswered(users.getUser({ name }))).toBe(true);
    expect(await failureOf(logIn("dave@example.com"))).toMatchObject({
      ...{ code: "Unavailable", reason: "STORE_UNAVAILABLE" },
    });
    await redis.start();
    await expect.poll(async () => (await failureOf(logIn("dave@example.com"))).reason).toBe("LOGIN_FAILED");
  });
});
