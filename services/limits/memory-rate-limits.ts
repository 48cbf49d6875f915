import { CallWindows } from "./call-windows.ts";
import type { Charge, CountedCharge } from "./quota.ts";
import type { RateLimits, Take, TakeTogether } from "./rate-limits.ts";

/** Counts the calls of a process that is the only one. What it counted ends with it. */
export class MemoryRateLimits implements RateLimits {
  readonly isAway = false;
  readonly #windows = new CallWindows();

  take(charges: readonly Charge[]): Take {
    return this.#windows.take(charges);
  }

  giveBack(charge: Charge): void {
    this.#windows.giveBack(charge);
  }

  async takeTogether(charges: readonly Charge[]): Promise<TakeTogether> {
    const take = this.#windows.take(charges);
    return {
      ...take,
      counted: take.refused === undefined ? charges.map((charge) => this.#windows.counted(charge)) : [],
    };
  }

  async giveBackTogether(counted: readonly CountedCharge[]): Promise<void> {
    for (const { endMs, ...charge } of counted) this.#windows.giveBack(charge, endMs);
  }

  async forgetTogether(charges: readonly Charge[]): Promise<void> {
    for (const charge of charges) this.#windows.forget(charge);
  }
}
