import type { ServerSet } from "../../test/faults/stack/server-set.ts";
import type { BenchCase, Pace } from "../bench-case.ts";
import { type ReportedCase, reportCase } from "../report/bench-report.ts";
import { findMissingNeeds } from "./missing-needs.ts";
import { runCase } from "./run-case.ts";

export type RunOptions = {
  cases: readonly BenchCase[];
  pace: Pace;
  servers: ServerSet;
  /** Told how far it is. */
  tell(line: string): void;
  /** Told of each case when it is over. */
  onCase(reported: ReportedCase): void;
};

/** Runs cases one after the other; one that fails does not keep the others. Resolves with what came of each. */
export async function runAll({ cases, pace, servers, tell, onCase }: RunOptions): Promise<ReportedCase[]> {
  const missing = await findMissingNeeds(process.env, process.env.CI === "true");
  const all: ReportedCase[] = [];
  for (const benchCase of cases) {
    tell(`${benchCase.name}: ${benchCase.about}`);
    const since = performance.now();
    const outcome = await runCase(benchCase, { pace, servers, tell }, missing).catch((error: Error) => error);
    tell(`${benchCase.name}: over after ${((performance.now() - since) / 1_000).toFixed(0)} s`);
    if (outcome instanceof Error) tell(outcome.stack ?? outcome.message);
    const reported = reportCase(benchCase, outcome);
    onCase(reported);
    all.push(reported);
  }
  return all;
}
