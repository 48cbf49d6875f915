import type { Redis } from "ioredis";
import { RateLimiterRedis } from "rate-limiter-flexible";
import { StoredScript } from "../redis/stored-script.ts";
import { CallWindows, usageOf } from "./call-windows.ts";
import type { Charge, CountedCharge } from "./quota.ts";
import type { RateLimits, Take, TakeTogether } from "./rate-limits.ts";
import { WindowReport } from "./window-report.ts";

export type RedisRateLimitsOptions = {
  redis: Redis;
  installation: string;
  /** Between two reports of what was counted here, in milliseconds. Default: 200. */
  reportMs?: number;
};

/**
 * Counts the calls of several processes in Redis. `take` decides by what this process knows, and Redis is told of all
 * that was counted at once, later: 1.2 µs a window, where a command each is 15. What counts strictly is asked there.
 */
export class RedisRateLimits implements RateLimits {
  readonly #redis: Redis;
  readonly #windows: CallWindows;
  readonly #report: WindowReport;
  readonly #strict: RateLimiterRedis;
  readonly #giveBack = new StoredScript("give-back");

  constructor({ redis, installation, reportMs = 200 }: RedisRateLimitsOptions) {
    this.#redis = redis;
    const keyPrefix = `parley:${installation}:limits`;
    this.#windows = new CallWindows((key, window) => this.#report.add(key, window));
    this.#report = new WindowReport({
      redis,
      windows: this.#windows,
      keyPrefix: `${keyPrefix}:`,
      intervalMs: reportMs,
    });
    // Its own limit is not used: quotas differ.
    this.#strict = new RateLimiterRedis({
      storeClient: redis,
      keyPrefix,
      points: Number.MAX_SAFE_INTEGER,
      duration: 1,
    });
  }

  get isAway(): boolean {
    return this.#redis.status !== "ready" || this.#report.isFailing;
  }

  take(charges: readonly Charge[]): Take {
    return this.#windows.take(charges);
  }

  giveBack(charge: Charge): void {
    this.#windows.giveBack(charge);
  }

  async takeTogether(charges: readonly Charge[]): Promise<TakeTogether> {
    const counted: CountedCharge[] = [];
    for (const { key, quota } of charges) {
      const { consumedPoints, msBeforeNext } = await this.#strict.penalty(key, 1, {
        customDuration: Math.ceil(quota.windowMs / 1_000),
      });
      counted.push({ key, quota, endMs: Date.now() + msBeforeNext });
      if (consumedPoints <= quota.max) continue;
      // What cannot be taken back counts on: the call is refused all the same.
      await this.giveBackTogether(counted).catch(() => undefined);
      return { refused: usageOf(quota, consumedPoints, msBeforeNext), counted: [] };
    }
    return { counted };
  }

  async giveBackTogether(counted: readonly CountedCharge[]): Promise<void> {
    for (const { key, quota, endMs } of counted) {
      // The window after that one ends later by its whole length; half of it is room for the clocks.
      const withinMs = Math.floor(endMs - Date.now() + quota.windowMs / 2);
      await this.#giveBack.run(this.#redis, [this.#strict.getKey(key)], [withinMs]);
    }
  }

  async forgetTogether(charges: readonly Charge[]): Promise<void> {
    for (const charge of charges) this.#windows.forget(charge);
    for (const { key } of charges) await this.#strict.delete(key);
  }

  /** Reports no more; what was not reported yet is not. */
  stop(): void {
    this.#report.stop();
  }
}
