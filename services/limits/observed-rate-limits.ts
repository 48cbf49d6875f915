import type { Charge, QuotaName } from "./quota.ts";
import type { RateLimits, Take } from "./rate-limits.ts";

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

  async takeTogether(charges: readonly Charge[]): Promise<Take> {
    return this.#observe(await this.#limits.takeTogether(charges));
  }

  giveBackTogether(charges: readonly Charge[]): Promise<void> {
    return this.#limits.giveBackTogether(charges);
  }

  forgetTogether(charges: readonly Charge[]): Promise<void> {
    return this.#limits.forgetTogether(charges);
  }

  #observe(take: Take): Take {
    if (take.refused !== undefined) this.#onRefused(take.refused.quota.name);
    return take;
  }
}
