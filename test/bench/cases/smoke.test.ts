import { afterAll, beforeAll, expect, test } from "vitest";
import { SMOKE } from "../../../bench/arguments.ts";
import { BENCH_CASES } from "../../../bench/cases/index.ts";
import { reportCase } from "../../../bench/report/bench-report.ts";
import { describeCase } from "../../../bench/report/case-text.ts";
import { describeMissing, findMissingNeeds, type MissingNeeds } from "../../../bench/run/missing-needs.ts";
import { runCase } from "../../../bench/run/run-case.ts";
import { ServerSet } from "../../faults/stack/server-set.ts";

const servers = new ServerSet();
let missing: MissingNeeds;

beforeAll(async () => {
  missing = await findMissingNeeds(process.env, process.env.CI === "true");
});

afterAll(() => servers.close());

// Whether every case works and finds everything in order, not how fast it is.
test.for(BENCH_CASES.map((each) => [each.name, each] as const))("%s", async ([name, benchCase], { skip }) => {
  const problem = describeMissing(benchCase, missing);
  skip(problem !== undefined && process.env.CI !== "true", problem);
  const result = await runCase(benchCase, { pace: SMOKE, servers, tell: () => {} }, missing);
  const reported = reportCase(benchCase, result);
  process.stdout.write(`${describeCase(reported)}\n`);
  expect(result.case).toBe(name);
  expect(result.ours).toBeGreaterThan(0);
  expect("goals" in reported && reported.goals.length).toBe(benchCase.goals.length);
  // A goal that is about a figure which the case does not have would never be told from one that is missed.
  const figures = "goals" in reported ? reported.goals.flatMap(({ measure }) => (measure ? [measure] : [])) : [];
  for (const measure of figures)
    expect([measure.value, measure.limit].every(Number.isFinite), measure.figure).toBe(true);
});

test("cases have names of their own", () => {
  expect(new Set(BENCH_CASES.map(({ name }) => name)).size).toBe(BENCH_CASES.length);
});
