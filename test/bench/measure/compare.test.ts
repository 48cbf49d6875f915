import { describe, expect, test } from "vitest";
import type { Sample } from "../../../bench/bench-case.ts";
import { compare } from "../../../bench/measure/compare.ts";

/** Sides that give these samples, one a round, and the order in which they were asked. */
function sidesOf(mine: readonly Sample[], theirs: readonly Sample[]) {
  const turns: string[] = [];
  const [ours, yardstick] = [mine, theirs].map((samples, side) => {
    const left = [...samples];
    return async () => {
      turns.push(side === 0 ? "ours" : "yardstick");
      return left.shift()!;
    };
  }) as [() => Promise<Sample>, () => Promise<Sample>];
  return { turns, ours, yardstick };
}

const sample = (rate: number, ms: number, api: number): Sample => ({
  ...{ rate, p50Ms: ms, p99Ms: 2 * ms },
  cpuMicrosPerOp: { api },
});

describe("a comparison", () => {
  test("lets both sides take turns, each first by turns, and tells of each round", async () => {
    const { turns, ...sides } = sidesOf(
      [{ rate: 1 }, { rate: 1 }, { rate: 1 }],
      [{ rate: 2 }, { rate: 2 }, { rate: 2 }],
    );
    const told: string[] = [];
    await compare({ rounds: 3, tell: (line) => told.push(line), ...sides });
    expect(turns).toEqual(["ours", "yardstick", "yardstick", "ours", "ours", "yardstick"]);
    expect(told).toEqual([1, 2, 3].map((round) => expect.stringMatching(`round ${round}: 1 beside 2; load \\d`)));
  });

  test("gives medians, the spread, and the median of the rounds' own ratios", async () => {
    const mine = [sample(10, 1, 50), sample(60, 3, 70), sample(20, 2, 60)];
    const theirs = [sample(100, 4, 9), sample(100, 5, 9), sample(50, 6, 9)];
    const { turns: _, ...sides } = sidesOf(mine, theirs);
    expect(await compare({ rounds: 3, tell: () => {}, ...sides })).toEqual({
      ...{ ours: 20, yardstick: 100, ratio: 0.4 },
      spread: { ours: [10, 60], yardstick: [50, 100], ratio: [0.1, 0.6] },
      ...{ p50Ms: 2, p99Ms: 4, yardstickP50Ms: 5, yardstickP99Ms: 10 },
      ...{ cpuMicrosPerOp: { api: 60 }, yardstickCpuMicrosPerOp: { api: 9 } },
    });
  });

  test("without a yardstick has no ratio, and without times none", async () => {
    const { ours } = sidesOf([{ rate: 3 }], []);
    expect(await compare({ rounds: 1, tell: () => {}, ours })).toEqual({ ours: 3, spread: { ours: [3, 3] } });
  });
});
