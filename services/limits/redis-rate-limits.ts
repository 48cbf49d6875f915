import type { Redis } from "ioredis";
import { RateLimiterRedis, type RateLimiterRes } from "rate-limiter-flexible";
import { CallWindows, usageOf } from "./call-windows.ts";
import type { Charge } from "./quota.ts";
import { type RateLimits, TAKEN, type Take } from "./rate-limits.ts";
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

  async takeTogether(charges: readonly Charge[]): Promise<Take> {
    for (const [index, { key, quota }] of charges.entries()) {
      const { consumedPoints, msBeforeNext } = await this.#add(key, quota.windowMs, 1);
      if (consumedPoints <= quota.max) continue;
      // What cannot be taken back counts on: the call is refused all the same.
      await this.giveBackTogether(charges.slice(0, index + 1)).catch(() => undefined);
      return { refused: usageOf(quota, consumedPoints, msBeforeNext) };
    }
    return TAKEN;
  }

  async giveBackTogether(charges: readonly Charge[]): Promise<void> {
    for (const { key, quota } of charges) await this.#add(key, quota.windowMs, -1);
  }

  async forgetTogether(charges: readonly Charge[]): Promise<void> {
    for (const charge of charges) this.#windows.forget(charge);
    for (const { key } of charges) await this.#strict.delete(key);
  }

  /** Reports no more; what was not reported yet is not. */
  stop(): void {
    this.#report.stop();
  }

  #add(key: string, windowMs: number, calls: number): Promise<RateLimiterRes> {
    return this.#strict.penalty(key, calls, { customDuration: Math.ceil(windowMs / 1_000) });
  }
}
