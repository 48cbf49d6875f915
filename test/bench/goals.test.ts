import { describe, expect, test } from "vitest";
import type { CaseResult } from "../../bench/bench-case.ts";
import { figureAtLeast, figureAtMost, p99AtMost, ratioAtLeast } from "../../bench/goals.ts";

const RESULT: CaseResult = {
  ...{ case: "create", unit: "creates/s", ours: 7, yardstick: 10, ratio: 0.7, spread: { ours: [7, 7] } },
  ...{ p99Ms: 20, yardstickP99Ms: 10, figures: { lagMs: 999 } },
};

describe("a goal", () => {
  test.each([
    [ratioAtLeast(0.7), true, { figure: "ratio", value: 0.7, limit: 0.7 }],
    [ratioAtLeast(0.71), false, { figure: "ratio", value: 0.7, limit: 0.71 }],
    [p99AtMost(2, "the echo's"), true, { figure: "p99Ms", value: 20, limit: 20 }],
    [p99AtMost(1.9, "the echo's"), false, { figure: "p99Ms", value: 20, limit: 19 }],
    [figureAtMost("lag", "lagMs", 1_000), true, { figure: "lagMs", value: 999, limit: 1_000 }],
    [figureAtMost("lag", "lagMs", 998), false, { figure: "lagMs", value: 999, limit: 998 }],
    [figureAtLeast("hits", "lagMs", 999), true, { figure: "lagMs", value: 999, limit: 999 }],
    [figureAtLeast("hits", "lagMs", 1_000), false, { figure: "lagMs", value: 999, limit: 1_000 }],
  ])("$text is met: %s", (goal, isMet, measure) => {
    expect(goal.isMet(RESULT)).toBe(isMet);
    expect(goal.measure!(RESULT)).toEqual(measure);
  });

  test("about a figure that there is not is missed", () => {
    expect(figureAtMost("lag", "lag", 1_000).isMet(RESULT)).toBe(false);
    expect(ratioAtLeast(0).isMet({ ...RESULT, ratio: undefined })).toBe(false);
  });

  test("says what it is", () => {
    const texts = [ratioAtLeast(0.7), p99AtMost(2, "the echo's"), figureAtMost("writer lag < 1 s", "lagMs", 1_000)];
    expect(texts.map(({ text }) => text)).toEqual(["ratio ≥ 0.70", "p99 ≤ 2 × the echo's", "writer lag < 1 s"]);
  });
});
