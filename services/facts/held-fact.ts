import type { FactKind, FactValues } from "./fact-name.ts";

/** What is held of something. Times are milliseconds of the clock of the process, which nobody sets. */
export type HeldFact = {
  /** Undefined where it does not exist. */
  value: FactValues[FactKind] | undefined;
  /** When it began to be looked up. */
  beganMs: number;
  untilMs: number;
};
