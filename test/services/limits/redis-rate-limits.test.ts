import { Redis } from "ioredis";
import { afterEach, expect, onTestFinished, test } from "vitest";
import { LoginLimits } from "../../../services/limits/login-limits.ts";
import type { Charge } from "../../../services/limits/quota.ts";
import { RedisRateLimits } from "../../../services/limits/redis-rate-limits.ts";
import { failureOf } from "../../failure.ts";
import { startServer } from "../../servers/real-server.ts";
import { describeOn, describeWithOwn, newName } from "../../servers/shared-server.ts";
import { describeRateLimits, newCharge } from "./rate-limits-contract.ts";

const open: { redis: Redis; limits: RedisRateLimits }[] = [];
afterEach(() => {
  for (const { redis, limits } of open.splice(0)) {
    limits.stop();
    redis.disconnect();
  }
});

/** What a process has of the limits in a Redis. */
async function startProcess(url: string, installation: string): Promise<RedisRateLimits> {
  const redis = new Redis(url, { enableOfflineQueue: false, maxRetriesPerRequest: 0, lazyConnect: true });
  redis.on("error", () => {});
  await redis.connect();
  const limits = new RedisRateLimits({ redis, installation, reportMs: 10 });
  open.push({ redis, limits });
  return limits;
}

const isRefused = (limits: RedisRateLimits, charge: Charge) => limits.take([charge]).refused !== undefined;

/** Whether a call would be refused, which is not counted. */
function wouldRefuse(limits: RedisRateLimits, charge: Charge): boolean {
  if (isRefused(limits, charge)) return true;
  limits.giveBack(charge);
  return false;
}

describeOn("redis", "redis", (server) => {
  describeRateLimits("in Redis", () => startProcess(server.url, newName()));

  test("a process learns of the calls that others counted", async () => {
    const installation = newName();
    const [one, other] = [await startProcess(server.url, installation), await startProcess(server.url, installation)];
    const charge = newCharge(10);
    for (let call = 1; call <= 10; call++) one.take([charge]);
    await expect.poll(() => wouldRefuse(other, charge)).toBe(true);
    const third = await startProcess(server.url, installation);
    expect(wouldRefuse(third, charge)).toBe(false);
    await expect.poll(() => wouldRefuse(third, charge)).toBe(true);
  });

  test("every call is told once, whatever comes while a report is on its way", async () => {
    const installation = newName();
    const [one, other] = [await startProcess(server.url, installation), await startProcess(server.url, installation)];
    const charge = newCharge(1_000_000);
    const taken = 5_000;
    for (let call = 1; call <= taken; call++) {
      one.take([charge]);
      if (call % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    const withMax = (max: number) => ({ ...charge, quota: { ...charge.quota, max } });
    await expect.poll(() => wouldRefuse(other, withMax(taken))).toBe(true);
    expect(wouldRefuse(other, withMax(taken + 1))).toBe(false);
  });

  test("a call that was taken back is one less everywhere", async () => {
    const installation = newName();
    const [one, other] = [await startProcess(server.url, installation), await startProcess(server.url, installation)];
    const charge = newCharge(2);
    one.take([charge]);
    one.take([charge]);
    await expect.poll(() => wouldRefuse(other, charge)).toBe(true);
    one.giveBack(charge);
    await expect.poll(() => wouldRefuse(other, charge)).toBe(false);
  });

  test("installations do not count each other's calls", async () => {
    const [one, other] = [await startProcess(server.url, newName()), await startProcess(server.url, newName())];
    const charge = newCharge(1);
    await one.takeTogether([charge]);
    expect((await other.takeTogether([charge])).refused).toBeUndefined();
  });
});

describeWithOwn(["redis"], "with a Redis that is killed", () => {
  test("each process counts for itself, and tells what it counted when Redis is back", async () => {
    const server = await startServer("redis");
    onTestFinished(() => server.stop());
    const [one, other] = [await startProcess(server.url, "a"), await startProcess(server.url, "a")];
    const charge = newCharge(3);
    expect(one.isAway).toBe(false);
    await server.kill();
    await expect.poll(() => one.isAway).toBe(true);
    for (let call = 1; call <= 3; call++) expect(isRefused(one, charge)).toBe(false);
    expect(isRefused(one, charge)).toBe(true);
    expect(wouldRefuse(other, charge)).toBe(false);
    await server.start();
    await expect.poll(() => one.isAway, { timeout: 10_000 }).toBe(false);
    await expect.poll(() => wouldRefuse(other, charge), { timeout: 10_000 }).toBe(true);
  });

  test("attempts to log in are refused or counted by each process, as it is set", async () => {
    const server = await startServer("redis");
    onTestFinished(() => server.stop());
    const limits = await startProcess(server.url, "a");
    await server.kill();
    await expect.poll(() => limits.isAway).toBe(true);
    const attempt = { kind: "login", application: "app", account: "ada@example.com", address: "192.0.2.1" } as const;
    const options = { limits, ofAccount: 2, ofAddress: 10 };
    const closed = new LoginLimits({ ...options, whenAway: "closed" });
    expect(await failureOf(closed.begin(attempt))).toMatchObject({ reason: "STORE_UNAVAILABLE" });
    const opened = new LoginLimits({ ...options, whenAway: "open" });
    for (let right = 1; right <= 10; right++) await (await opened.begin(attempt)).succeed();
    await opened.begin(attempt);
    await opened.begin(attempt);
    expect(await failureOf(opened.begin(attempt))).toMatchObject({ reason: "RATE_LIMITED" });
  });
});
