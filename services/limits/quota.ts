/** What a limit counts. Its name is in the answer to a call that it refuses, and in the headers of limits. */
export type QuotaName =
  | "user-messages-minute"
  | "user-messages-day"
  | "user-calls-minute"
  | "application-calls-minute"
  | "address-calls-minute"
  | "slow-mode"
  | "login-account"
  | "login-address"
  | "mail-account"
  | "mail-address";

/** How many calls there may be in a window, which begins with the first of them. */
export type Quota = { name: QuotaName; max: number; windowMs: number };

/** One call that counts on a quota. The key tells whose: of the user, the address, … */
export type Charge = { key: string; quota: Quota };

/** A call that was counted in a window, which ends then: in milliseconds since 1970. */
export type CountedCharge = Charge & { endMs: number };

/** How much of a quota is left, and when its window ends, in milliseconds from now. */
export type Usage = { quota: Quota; remaining: number; resetMs: number };
