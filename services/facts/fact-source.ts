import type { FactName, FactOf } from "./fact-name.ts";

/** Where facts are kept. */
export interface FactSource {
  /** The facts about something as they are now; undefined where it does not exist. Sees every write that was answered. */
  load<Name extends FactName>(name: Name): Promise<FactOf<Name>>;
}
