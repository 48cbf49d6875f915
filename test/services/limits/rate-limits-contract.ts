import { randomUUID } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { Charge, Quota, Usage } from "../../../services/limits/quota.ts";
import type { RateLimits } from "../../../services/limits/rate-limits.ts";

const MINUTE_MS = 60_000;

/** A charge that nobody else has. */
export function newCharge(max: number, options: Partial<Quota> = {}): Charge {
  return { key: randomUUID(), quota: { name: "user-calls-minute", max, windowMs: MINUTE_MS, ...options } };
}

/** Why a call that is counted together is refused; undefined where it is not. */
async function refusal(limits: RateLimits, charge: Charge): Promise<Usage | undefined> {
  return (await limits.takeTogether([charge])).refused;
}

/** What every adapter of RateLimits must do. */
export function describeRateLimits(adapter: string, open: () => Promise<RateLimits>): void {
  describe(`rate limits: ${adapter}`, () => {
    test("let as many calls through as a quota has, and tell when its window ends", async () => {
      const limits = await open();
      const charge = newCharge(3);
      for (let call = 1; call <= 3; call++) expect(limits.take([charge]).refused).toBeUndefined();
      const { refused } = limits.take([charge]);
      expect(refused).toMatchObject({ quota: charge.quota, remaining: 0 });
      expect(refused!.resetMs).toBeGreaterThan(MINUTE_MS - 10_000);
      expect(refused!.resetMs).toBeLessThanOrEqual(MINUTE_MS);
    });

    test("count each key by itself", async () => {
      const limits = await open();
      const [one, other] = [newCharge(1), newCharge(1)];
      limits.take([one]);
      expect(limits.take([other]).refused).toBeUndefined();
      expect(limits.take([one]).refused).toBeDefined();
    });

    test("count a call that one quota refuses on none of the others", async () => {
      const limits = await open();
      const [wide, narrow] = [newCharge(2), newCharge(1, { name: "slow-mode" })];
      limits.take([wide, narrow]);
      expect(limits.take([wide, narrow]).refused?.quota.name).toBe("slow-mode");
      expect(limits.take([wide]).refused).toBeUndefined();
      expect(limits.take([wide]).refused).toBeDefined();
    });

    test("tell of a quota of which a tenth is left, or less", async () => {
      const limits = await open();
      const charge = newCharge(20);
      const takes = Array.from({ length: 20 }, () => limits.take([charge]).scarce?.remaining);
      expect(takes).toEqual([...Array(17).fill(undefined), 2, 1, 0]);
    });

    test("begin a window anew when it is over", async () => {
      const limits = await open();
      const charge = newCharge(1, { windowMs: 1_000 });
      limits.take([charge]);
      expect(limits.take([charge]).refused).toBeDefined();
      await expect.poll(() => limits.take([charge]).refused, { timeout: 5_000 }).toBeUndefined();
      expect(limits.take([charge]).refused).toBeDefined();
    });

    test("take a call back", async () => {
      const limits = await open();
      const charge = newCharge(1);
      limits.take([charge]);
      limits.giveBack(charge);
      expect(limits.take([charge]).refused).toBeUndefined();
      expect(limits.take([charge]).refused).toBeDefined();
    });

    test("let no more calls through together than a quota has, however many come at once", async () => {
      const limits = await open();
      const charge = newCharge(5);
      const takes = await Promise.all(Array.from({ length: 20 }, () => limits.takeTogether([charge])));
      expect(takes.filter(({ refused }) => refused === undefined)).toHaveLength(5);
      const { refused } = takes.at(-1)!;
      expect(refused).toMatchObject({ quota: charge.quota, remaining: 0 });
      expect(refused!.resetMs).toBeGreaterThan(MINUTE_MS - 10_000);
    });

    test("count together a call that one quota refuses on none", async () => {
      const limits = await open();
      const [before, narrow, after] = [newCharge(2), newCharge(1), newCharge(1)];
      const { counted } = await limits.takeTogether([before, narrow]);
      expect((await limits.takeTogether([before, narrow, after])).refused?.quota).toEqual(narrow.quota);
      expect((await limits.takeTogether([before, after])).refused).toBeUndefined();
      await limits.giveBackTogether(counted.slice(1));
      expect((await limits.takeTogether([narrow])).refused).toBeUndefined();
    });

    test("forget what was counted, here and together", async () => {
      const limits = await open();
      const [charge, other] = [newCharge(1), newCharge(1)];
      limits.take([charge, other]);
      await limits.takeTogether([charge, other]).catch(() => undefined);
      await limits.forgetTogether([charge]);
      expect((await limits.takeTogether([charge])).refused).toBeUndefined();
      expect((await limits.takeTogether([charge])).refused).toBeDefined();
      expect(limits.take([other]).refused).toBeDefined();
    });

    test("take back what was counted together", async () => {
      const limits = await open();
      const charge = newCharge(1);
      const { counted } = await limits.takeTogether([charge]);
      await limits.giveBackTogether(counted);
      expect((await limits.takeTogether([charge])).refused).toBeUndefined();
      expect((await limits.takeTogether([charge])).refused).toBeDefined();
    });

    test("take nothing back of a window that is over", async () => {
      const limits = await open();
      const charge = newCharge(1, { windowMs: 1_000 });
      const { counted } = await limits.takeTogether([charge]);
      await expect.poll(() => Date.now(), { timeout: 5_000 }).toBeGreaterThan(counted[0]!.endMs);
      await limits.giveBackTogether(counted);
      expect((await limits.takeTogether([charge])).refused).toBeUndefined();
      expect((await limits.takeTogether([charge])).refused).toBeDefined();
    });

    test("take nothing back of the window after the one that counted the call", async () => {
      const limits = await open();
      const charge = newCharge(1, { windowMs: 1_000 });
      const { counted } = await limits.takeTogether([charge]);
      await expect.poll(() => refusal(limits, charge), { timeout: 5_000 }).toBeUndefined();
      await limits.giveBackTogether(counted);
      expect(await refusal(limits, charge)).toBeDefined();
    });
  });
}
