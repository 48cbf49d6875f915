import { globSync, readFileSync } from "node:fs";
import { relative } from "node:path";
import { parseArgs } from "node:util";

/** What `node tools/check.ts --report` writes. */
export type CheckReport = { passed: number; failed: string[] };

/** The part of the report of Vitest's JSON reporter that counts. */
export type TestReport = {
  testResults: { name: string; status: string; assertionResults: { fullName: string; status: string }[] }[];
};

/** What a run left behind. A report is undefined where none was written, or not to its end. */
export type RunResults = {
  checks: { code: number; report: CheckReport | undefined };
  tests: { code: number; report: TestReport | undefined };
  /** Every test file of the tree, as the report names them. */
  testFiles: readonly string[];
  /** Tools that this machine may lack; a test that names one may be skipped. */
  absentTools: readonly string[];
  /** Whether a test skipped for another reason is a failure. */
  strict: boolean;
};

/** How a suite is named that is skipped because a server is missing, which nothing excuses in CI. */
const MISSING_SERVER = /\(missing: /;

/** What a part of a run came to. `failed` says what, not only how many. */
export type Tally = { passed: number; failed: string[]; skipped: string[] };

function tallyChecks({ code, report }: RunResults["checks"]): Tally {
  const { passed, failed } = report ?? { passed: 0, failed: ["the checks left no report"] };
  const crashed = code !== 0 && failed.length === 0 ? [`the checks ended with exit code ${code}`] : [];
  return { passed, failed: [...failed, ...crashed], skipped: [] };
}

function tallyTests({ tests: { code, report }, testFiles, absentTools, strict }: RunResults): Tally {
  const results = report?.testResults ?? [];
  const isExcused = (name: string) =>
    !strict || (!MISSING_SERVER.test(name) && absentTools.some((tool) => new RegExp(`\\b${tool}\\b`).test(name)));
  const tally: Tally = { passed: 0, failed: report ? [] : ["the tests left no report"], skipped: [] };
  for (const { name, status, assertionResults } of results) {
    if (status !== "passed" && !assertionResults.some((test) => test.status === "failed")) tally.failed.push(name);
    for (const test of assertionResults) {
      if (test.status === "passed") tally.passed++;
      else if (test.status === "failed") tally.failed.push(test.fullName);
      else if (isExcused(test.fullName)) tally.skipped.push(test.fullName);
      else tally.failed.push(`${test.fullName} (skipped)`);
    }
  }
  const reported = new Set(results.map(({ name }) => name));
  tally.failed.push(...testFiles.filter((file) => !reported.has(file)).map((file) => `${file} (not reported)`));
  if (code !== 0 && tally.failed.length === 0)
    tally.failed.push(`the tests, their coverage or their runner: exit code ${code}`);
  return tally;
}

/** Sums a run up. A crash, a missing report and a test file that was not run are failures. */
export function summarize(results: RunResults): Tally {
  const [checks, tests] = [tallyChecks(results.checks), tallyTests(results)];
  return {
    passed: checks.passed + tests.passed,
    failed: [...checks.failed, ...tests.failed],
    skipped: tests.skipped,
  };
}

function readReport<Report>(path: string): Report | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Report;
  } catch {
    return undefined;
  }
}

function main(): void {
  const string = { type: "string", default: "" } as const;
  const options = { reports: string, "checks-code": string, "tests-code": string, absent: string };
  const { values } = parseArgs({ options });
  const report = readReport<TestReport>(`${values.reports}/tests.json`);
  for (const result of report?.testResults ?? []) result.name = relative(".", result.name);
  const { passed, failed, skipped } = summarize({
    checks: { code: Number(values["checks-code"]), report: readReport(`${values.reports}/checks.json`) },
    tests: { code: Number(values["tests-code"]), report },
    testFiles: globSync("test/**/*.test.ts"),
    absentTools: values.absent.split(" ").filter(Boolean),
    strict: process.env.CI === "true",
  });
  const lines = [...failed.map((name) => `failed: ${name}`), ...skipped.map((name) => `skipped: ${name}`)];
  lines.push(`${passed} passed, ${failed.length} failed, ${skipped.length} skipped`);
  process.stdout.write(`${lines.join("\n")}\n`);
  process.exitCode = failed.length > 0 ? 1 : 0;
}

if (import.meta.main) main();
