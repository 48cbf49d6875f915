import type { Charge, CountedCharge, Usage } from "./quota.ts";

/**
 * What became of a call that counts on several quotas: `refused` by one that is used up, so that it counts on none; else
 * counted on all, `scarce` being the one of which little is left.
 */
export type Take = { refused?: Usage; scarce?: Usage };

/** The same of a call that was counted together; `counted` is what can be taken back of it, nothing where it is refused. */
export type TakeTogether = Take & { counted: readonly CountedCharge[] };

/** A call that was counted, with enough left of everything. */
export const TAKEN: Take = {};

/** Counts calls in windows of time. */
export interface RateLimits {
  /** Whether the other processes cannot be told of calls, so that each counts for itself. */
  readonly isAway: boolean;

  /** Counts a call at once, by what this process knows: of calls of other processes, what they told, 200 ms late at most. */
  take(charges: readonly Charge[]): Take;

  /** Takes back what `take` counted. */
  giveBack(charge: Charge): void;

  /** Counts a call together with all other processes. Rejects where they cannot be asked. */
  takeTogether(charges: readonly Charge[]): Promise<TakeTogether>;

  /** Takes back what `takeTogether` counted; nothing in windows that are over. Rejects where the others cannot be told. */
  giveBackTogether(counted: readonly CountedCharge[]): Promise<void>;

  /** Begins the windows of quotas anew, here and together. Rejects where the others cannot be told. */
  forgetTogether(charges: readonly Charge[]): Promise<void>;
}
