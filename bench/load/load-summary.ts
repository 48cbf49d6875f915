import type { CaseResult, Sample } from "../bench-case.ts";
import { percentile } from "../measure/percentile.ts";
import type { WorkerReport } from "./load-worker.ts";

/** One round of a load. */
export function sampleOf(
  { timesMs }: WorkerReport,
  seconds: number,
  cpuMicros: Readonly<Record<string, number>>,
): Sample {
  const times = sorted(Object.values(timesMs).flat());
  const perOp = Object.entries(cpuMicros).map(([name, micros]) => [name, micros / times.length]);
  return {
    rate: times.length / seconds,
    p50Ms: percentile(times, 0.5),
    p99Ms: percentile(times, 0.99),
    cpuMicrosPerOp: Object.fromEntries(perOp),
  };
}

/** All rounds of it: so high a percentile needs all calls. */
export function summarizeLoad(report: WorkerReport): Pick<CaseResult, "p50Ms" | "p99Ms" | "figures"> {
  const { timesMs, lagsMs, errors } = report;
  const [times, lags] = [sorted(Object.values(timesMs).flat()), sorted(lagsMs)];
  const [cached, database, creates] = [sorted(timesMs.cached), sorted(timesMs.database), sorted(timesMs.create)];
  return {
    p50Ms: percentile(times, 0.5),
    p99Ms: percentile(times, 0.99),
    figures: {
      p95Ms: percentile(times, 0.95),
      p999Ms: percentile(times, 0.999),
      cachedP99Ms: percentile(cached, 0.99),
      databaseP99Ms: percentile(database, 0.99),
      createP99Ms: percentile(creates, 0.99),
      cachedPercent: (100 * cached.length) / (cached.length + database.length),
      errors: errors.length,
      generatorLagP99Ms: percentile(lags, 0.99),
    },
  };
}

function sorted(values: readonly number[]): Float64Array {
  return Float64Array.from(values).sort();
}
