import { expect, test } from "vitest";
import { sampleOf, summarizeLoad } from "../../../bench/load/load-summary.ts";
import type { WorkerReport } from "../../../bench/load/load-worker.ts";
import { mergeReports } from "../../../bench/load/load-workers.ts";

/** Calls that took these times, in milliseconds. */
function reportOf(create: number[], cached: number[], database: number[], errors: string[] = []): WorkerReport {
  return { timesMs: { create, cached, database }, lagsMs: [1, 2], errors };
}

const upTo = (most: number) => Array.from({ length: most }, (_, index) => index + 1);

test("a round has its rate, and CPU time by call that went well", () => {
  const report = reportOf([5], [2, 3], [40], ["refused"]);
  expect(sampleOf(report, 2, { api: 400, redis: 80 })).toEqual({
    ...{ rate: 2, p50Ms: 3, p99Ms: 40 },
    cpuMicrosPerOp: { api: 100, redis: 20 },
  });
});

test("all rounds together have percentiles of all calls, by kind", () => {
  const reports = [reportOf([5], upTo(600), [400]), reportOf([50], upTo(400), upTo(250), ["refused"])];
  expect(summarizeLoad(mergeReports(reports))).toMatchObject({
    figures: {
      ...{ p999Ms: 599, cachedP99Ms: 590, databaseP99Ms: 249, createP99Ms: 50, errors: 1, generatorLagP99Ms: 2 },
      cachedPercent: expect.closeTo((100 * 1_000) / 1_251),
    },
  });
});
