import { describe, expect, test } from "vitest";
import { median, percentile } from "../../../bench/measure/percentile.ts";

const HUNDRED = Array.from({ length: 100 }, (_, index) => index + 1);

describe("a percentile", () => {
  test.each([
    [HUNDRED, 0.5, 50],
    [HUNDRED, 0.99, 99],
    [HUNDRED, 0.999, 100],
    [HUNDRED, 0, 1],
    [HUNDRED, 1, 100],
    [[7], 0.99, 7],
    [[1, 2], 0.5, 1],
  ])("is by the nearest rank: of %j at %d it is %d", (sorted, share, expected) => {
    expect(percentile(sorted, share)).toBe(expected);
  });
});

describe("a median", () => {
  test.each([
    [[3, 1, 2], 2],
    [[4, 1, 3, 2], 2.5],
    [[10, 9, 100], 10],
    [[5], 5],
  ])("of %j is %d, in whatever order", (values, expected) => {
    expect(median(values)).toBe(expected);
  });
});
