import type { BenchCase, BenchContext, CaseResult } from "../bench-case.ts";
import { describeMissing, type MissingNeeds } from "./missing-needs.ts";

/** Runs a case. Rejects where something that it needs is missing, or what Parley answered or stored was wrong. */
export async function runCase(benchCase: BenchCase, context: BenchContext, missing: MissingNeeds): Promise<CaseResult> {
  const problem = describeMissing(benchCase, missing);
  if (problem !== undefined) throw new Error(problem);
  try {
    return await benchCase.run(context);
  } catch (error) {
    // What went wrong may have left a server full or standing still; the next case gets others.
    await context.servers.close();
    throw error;
  }
}
