import type { Charge, CountedCharge, QuotaName } from "./quota.ts";
import type { RateLimits, Take, TakeTogether } from "./rate-limits.ts";

/** Rate limits that tell of every call that they refuse. */
export class ObservedRateLimits implements RateLimits {
  readonly #limits: RateLimits;
  readonly #onRefused: (quota: QuotaName) => void;

  constructor(limits: RateLimits, onRefused: (quota: QuotaName) => void) {
    this.#limits = limits;
    this.#onRefused = onRefused;
  }

  get isAway(): boolean {
    return this.#limits.isAway;
  }

  take(charges: readonly Charge[]): Take {
    return this.#observe(this.#limits.take(charges));
  }

  giveBack(charge: Charge): void {
    this.#limits.giveBack(charge);
  }

  async takeTogether(charges: readonly Charge[]): Promise<TakeTogether> {
    return this.#observe(await this.#limits.takeTogether(charges));
  }

  giveBackTogether(counted: readonly CountedCharge[]): Promise<void> {
    return this.#limits.giveBackTogether(counted);
  }

  forgetTogether(charges: readonly Charge[]): Promise<void> {
    return this.#limits.forgetTogether(charges);
  }

  #observe<Observed extends Take>(take: Observed): Observed {
    if (take.refused !== undefined) this.#onRefused(take.refused.quota.name);
    return take;
  }
}
