import { SERVER_KINDS } from "../../test/servers/server-profiles.ts";
import { readAvailability } from "../../test/servers/shared/availability.ts";
import type { BenchCase, BenchNeed } from "../bench-case.ts";
import { findH2load, MissingH2loadError } from "../load/h2load-program.ts";

const ALL: readonly BenchNeed[] = ["h2load", ...SERVER_KINDS];

/** Why what cases need cannot be had here; what can be is absent. */
export type MissingNeeds = Partial<Record<BenchNeed, string>>;

/** Looks for everything that cases need, and installs it where that is asked for. Starts nothing. */
export async function findMissingNeeds(environment: NodeJS.ProcessEnv, install: boolean): Promise<MissingNeeds> {
  const { own } = await readAvailability(environment, install);
  try {
    await findH2load(environment, install);
    return own;
  } catch (error) {
    if (!(error instanceof MissingH2loadError)) throw error;
    return { ...own, h2load: error.message };
  }
}

/** What a case lacks, in words; undefined where it can run. */
export function describeMissing({ needs = ALL }: Pick<BenchCase, "needs">, missing: MissingNeeds): string | undefined {
  const reasons = needs.map((need) => missing[need]).filter((reason) => reason !== undefined);
  return reasons.length > 0 ? reasons.join("\n") : undefined;
}
