import { CallWindows } from "./call-windows.ts";
import type { Charge } from "./quota.ts";
import type { RateLimits, Take } from "./rate-limits.ts";

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

  async takeTogether(charges: readonly Charge[]): Promise<Take> {
    return this.#windows.take(charges);
  }

  async giveBackTogether(charges: readonly Charge[]): Promise<void> {
    for (const charge of charges) this.#windows.giveBack(charge);
  }

  async forgetTogether(charges: readonly Charge[]): Promise<void> {
    for (const charge of charges) this.#windows.forget(charge);
  }
}
