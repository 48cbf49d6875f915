import { expect, test } from "vitest";
import { Zipf } from "../../../bench/load/zipf.ts";

test("each rank is drawn in proportion to its reciprocal", () => {
  const zipf = new Zipf(3);
  const draws = Array.from({ length: 11_000 }, (_, index) => zipf.draw((index + 0.5) / 11_000));
  // 1 + 1/2 + 1/3 = 11/6
  expect([1, 2, 3].map((rank) => draws.filter((draw) => draw === rank).length)).toEqual([6_000, 3_000, 2_000]);
});

test("the first and the last rank are drawn at the ends", () => {
  const zipf = new Zipf(1_000);
  expect([zipf.draw(0), zipf.draw(1 - 2 ** -32)]).toEqual([1, 1_000]);
});

test("the share of the first ranks is that of the draws", () => {
  const zipf = new Zipf(100_000);
  expect(zipf.shareOf(10_000)).toBeCloseTo(0.8096, 4);
  expect(zipf.shareOf(100_000)).toBe(1);
});
