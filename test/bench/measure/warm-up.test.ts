import { expect, test } from "vitest";
import { warmUp } from "../../../bench/measure/warm-up.ts";

test.each([
  [{ scale: 1, seconds: 5 }, undefined, 12_000],
  [{ scale: 1, seconds: 5 }, 1_000, 1_000],
  [{ scale: 0.01, seconds: 5 }, undefined, 600],
])("a side is warmed up twice, and does then what fills the time: %j, most %s", async (pace, most, each) => {
  const counts: number[] = [];
  const sample = async (count: number) => ({ rate: counts.push(count) * 50.1 });
  expect(await warmUp({ ...pace, rounds: 1 }, sample, most)).toBe(501);
  expect(counts).toEqual([each, each]);
});
