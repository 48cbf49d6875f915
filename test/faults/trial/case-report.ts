import { countViolations, type ViolationCounts } from "../history/violation.ts";
import type { FaultCase } from "./fault-case.ts";
import { runTrial, type TrialOptions, type TrialResult } from "./trial.ts";

/** What came of all runs of a case; the sums, and the longest recovery. */
export type CaseReport = { case: string; runs: number; seed: number; answered: number } & ViolationCounts & {
    recoverMs: number;
  };

export type CaseOptions = Omit<TrialOptions, "seed"> & {
  runs: number;
  /** Of the first run; each further one has the next. */
  seed: number;
  /** Told of each run when it is over. */
  onTrial(seed: number, result: TrialResult | Error): void;
};

/** Runs a case several times. `isFine` is false where a run broke a promise or did not come to its end. */
export async function runCase(
  faultCase: FaultCase,
  { runs, seed, onTrial, ...options }: CaseOptions,
): Promise<{ report: CaseReport; isFine: boolean }> {
  const results: TrialResult[] = [];
  for (let run = 0; run < runs; run++) {
    const result = await runTrial(faultCase, { ...options, seed: seed + run }).catch((error: Error) => error);
    onTrial(seed + run, result);
    if (!(result instanceof Error)) results.push(result);
  }
  const violations = results.flatMap((result) => result.violations);
  const report = {
    ...{ case: faultCase.name, runs, seed },
    answered: results.reduce((sum, { answered }) => sum + answered, 0),
    ...countViolations(violations),
    recoverMs: Math.max(0, ...results.map(({ recoverMs }) => recoverMs)),
  };
  return { report, isFine: violations.length === 0 && results.length === runs };
}

const MAX_TOLD = 10;

/** A run in words. */
export function describeTrial(seed: number, result: TrialResult | Error): string {
  if (result instanceof Error) return `  seed ${seed}: ${result.message}`;
  const { answered, recoverMs, violations, ownEnds, folder } = result;
  const first = `  seed ${seed}: ${answered} creates answered, the first ${recoverMs} ms after the fault`;
  const told = violations.slice(0, MAX_TOLD).map(({ kind, text }) => `    ${kind}: ${text}`);
  const more = violations.length > MAX_TOLD ? [`    and ${violations.length - MAX_TOLD} more`] : [];
  const logs = folder === undefined ? [] : [`    logs are in ${folder}`];
  return [first, ...ownEnds.map((end) => `    ${end}`), ...told, ...more, ...logs].join("\n");
}
