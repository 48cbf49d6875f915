import { describe, expect, test } from "vitest";
import { type RunResults, summarize } from "../../tools/ci-summary.ts";

const FILE = "test/a.test.ts";

/** A run in which two checks and one test passed, but for what is given. */
function run(changes: Partial<RunResults>): RunResults {
  const report = { testResults: [fileWith("passed", ["passed"])] };
  return {
    checks: { code: 0, report: { passed: 2, failed: [] } },
    tests: { code: 0, report },
    testFiles: [FILE],
    absentTools: [],
    strict: true,
    ...changes,
  };
}

function fileWith(status: string, tests: string[], fullName = "it works") {
  return { name: FILE, status, assertionResults: tests.map((each) => ({ fullName, status: each })) };
}

function tests(code: number, ...testResults: ReturnType<typeof fileWith>[]): RunResults["tests"] {
  return { code, report: { testResults } };
}

describe("the summary of a run", () => {
  test("sums checks and tests", () => {
    expect(summarize(run({}))).toEqual({ passed: 3, failed: [], skipped: [] });
  });

  test.each<[string, Partial<RunResults>, string[]]>([
    ["a check", { checks: { code: 1, report: { passed: 1, failed: ["types"] } } }, ["types"]],
    ["checks without a report", { checks: { code: 1, report: undefined } }, ["the checks left no report"]],
    [
      "checks that end badly",
      { checks: { code: 2, report: { passed: 2, failed: [] } } },
      [expect.stringContaining("2")],
    ],
    ["a test", { tests: tests(1, fileWith("failed", ["passed", "failed"])) }, ["it works"]],
    ["a file that cannot be loaded", { tests: tests(1, fileWith("failed", [])) }, [FILE]],
    [
      "tests without a report",
      { tests: { code: 1, report: undefined } },
      ["the tests left no report", `${FILE} (not reported)`],
    ],
    ["a file that was not run", { testFiles: [FILE, "test/b.test.ts"] }, ["test/b.test.ts (not reported)"]],
    [
      "a runner or coverage",
      { tests: tests(1, fileWith("passed", ["passed"])) },
      [expect.stringContaining("exit code 1")],
    ],
    ["a skipped test", { tests: tests(0, fileWith("passed", ["skipped"])) }, ["it works (skipped)"]],
    [
      "a skipped test that only seems to name a tool",
      { absentTools: ["go"], tests: tests(0, fileWith("passed", ["skipped"], "its category")) },
      ["its category (skipped)"],
    ],
    [
      "a test skipped for a missing server, whatever tool it names",
      { absentTools: ["chromium"], tests: tests(0, fileWith("passed", ["skipped"], "chromium on (missing: redis)")) },
      ["chromium on (missing: redis) (skipped)"],
    ],
  ])("%s fails it", (_name, changes, failed) => {
    expect(summarize(run(changes)).failed).toEqual(failed);
  });

  test.each<[string, Partial<RunResults>]>([
    ["where a tool is missing that may be", { absentTools: ["grpcurl"] }],
    ["on a developer's machine", { strict: false }],
  ])("a test can be skipped %s", (_name, changes) => {
    const skipping = tests(0, fileWith("passed", ["pending"], "gRPC with grpcurl"));
    expect(summarize(run({ tests: skipping, ...changes }))).toEqual({
      passed: 2,
      failed: [],
      skipped: ["gRPC with grpcurl"],
    });
  });
});
