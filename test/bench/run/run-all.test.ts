import { describe, expect, test } from "vitest";
import type { BenchCase, CaseResult } from "../../../bench/bench-case.ts";
import { ratioAtLeast } from "../../../bench/goals.ts";
import { describeMissing } from "../../../bench/run/missing-needs.ts";
import { runAll } from "../../../bench/run/run-all.ts";
import { ServerSet } from "../../faults/stack/server-set.ts";

const RESULT: CaseResult = {
  case: "good",
  unit: "calls/s",
  ours: 8,
  yardstick: 10,
  ratio: 0.8,
  spread: { ours: [8, 8] },
};
const SHARED = { about: "what it is", yardstick: "another", goals: [ratioAtLeast(0.7)], needs: [] };
const GOOD: BenchCase = { ...SHARED, name: "good", run: async () => RESULT };
const BAD: BenchCase = { ...SHARED, name: "bad", run: () => Promise.reject(new Error("3 answered, 2 stored\n  more")) };

describe("a run of cases", () => {
  test("goes on where one fails, which is reported, and whose servers end", async () => {
    const servers = new ServerSet();
    let closed = 0;
    servers.close = async () => void closed++;
    const [told, over]: string[][] = [[], []];
    const reported = await runAll({
      ...{ cases: [BAD, GOOD], pace: { seconds: 1, rounds: 1, scale: 1 }, servers },
      tell: (line) => told!.push(line),
      onCase: (each) => over!.push(each.case),
    });
    const head = { about: "what it is", yardstick: "another" };
    const goals = [{ text: "ratio ≥ 0.70", isMet: true, measure: { figure: "ratio", value: 0.8, limit: 0.7 } }];
    expect(reported).toEqual([
      { case: "bad", ...head, error: "3 answered, 2 stored" },
      { case: "good", ...head, result: RESULT, goals },
    ]);
    expect([over, closed]).toEqual([["bad", "good"], 1]);
    expect(told).toEqual([
      "bad: what it is",
      "bad: over after 0 s",
      expect.stringContaining("3 answered, 2 stored\n  more"),
      "good: what it is",
      "good: over after 0 s",
    ]);
  });
});

describe("what a case lacks", () => {
  const missing = { redis: "redis cannot be started here", h2load: "h2load is not on the PATH" };

  test.each([
    ["everything, where it does not say", undefined, "h2load is not on the PATH\nredis cannot be started here"],
    ["a server", ["redis", "mysql"] as const, "redis cannot be started here"],
    ["nothing", ["mysql"] as const, undefined],
    ["nothing", [] as const, undefined],
  ])("is told: %s", (_what, needs, expected) => {
    expect(describeMissing({ needs }, missing)).toBe(expected);
  });
});
