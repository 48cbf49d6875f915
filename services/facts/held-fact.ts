import type { FactKind, FactValues } from "./fact-name.ts";

/** What is held of something. Times are milliseconds since 1970. */
export type HeldFact = {
  /** Undefined where it does not exist. */
  value: FactValues[FactKind] | undefined;
  keptMs: number;
  untilMs: number;
};
