import { createHash } from "node:crypto";
import { storeUnavailable } from "../rpc/errors.ts";
import type { CountedAttempt, LoginAttempt, LoginAttempts } from "./login-attempts.ts";
import type { Charge, Quota } from "./quota.ts";
import { rateLimited } from "./rate-limited.ts";
import type { RateLimits, Take, TakeTogether } from "./rate-limits.ts";

const WINDOW_MS = 15 * 60_000;

export type LoginLimitsOptions = {
  limits: RateLimits;
  /** Attempts in 15 minutes; 0 is no limit. */
  ofAccount: number;
  ofAddress: number;
  /** Where attempts cannot be counted together: whether each process counts for itself (`open`), or none is allowed. */
  whenAway: "open" | "closed";
};

/** Bounds attempts to log in, and mails that are asked for, by account and by address. */
export class LoginLimits implements LoginAttempts {
  readonly #options: LoginLimitsOptions;

  constructor(options: LoginLimitsOptions) {
    this.#options = options;
  }

  async begin(attempt: LoginAttempt): Promise<CountedAttempt> {
    const charges = this.#chargesOf(attempt);
    const { limits } = this.#options;
    const { refused, counted } = await this.#take(charges);
    if (refused !== undefined) throw rateLimited(refused);
    return {
      // An attempt that could not be taken back counts: that is over in 15 minutes.
      succeed: async () => {
        if (counted) await limits.giveBackTogether(counted).catch(() => undefined);
        else for (const charge of charges) limits.giveBack(charge);
      },
    };
  }

  async forgive(account: Pick<LoginAttempt, "application" | "account">): Promise<void> {
    const charges = this.#chargesOf({ ...account, kind: "login", address: undefined });
    await this.#options.limits.forgetTogether(charges).catch(() => undefined);
  }

  /** `counted`: what was counted together with all other processes; undefined where this one counted it alone. */
  async #take(charges: readonly Charge[]): Promise<Take & Partial<TakeTogether>> {
    const { limits, whenAway } = this.#options;
    try {
      return await limits.takeTogether(charges);
    } catch (error) {
      if (whenAway === "open") return limits.take(charges);
      throw storeUnavailable("the store that counts attempts to log in", error);
    }
  }

  /** The address first: who has tried too often from there uses up no attempt of an account. */
  #chargesOf({ kind, application, account, address }: LoginAttempt): Charge[] {
    const { ofAccount, ofAddress } = this.#options;
    const charges: Charge[] = [];
    const charge = (name: Quota["name"], max: number, key: string) => {
      if (max > 0) charges.push({ key: `${name}:${key}`, quota: { name, max, windowMs: WINDOW_MS } });
    };
    if (address !== undefined) charge(`${kind}-address`, ofAddress, address);
    charge(`${kind}-account`, ofAccount, `${application}:${digest(account)}`);
    return charges;
  }
}

/** Nobody reads e-mail addresses in Redis. */
function digest(account: string): string {
  return createHash("sha256").update(account).digest("base64url");
}
