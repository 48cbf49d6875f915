import { describe, expect, test } from "vitest";
import { makeArrivals } from "../../../bench/load/arrivals.ts";

const OPTIONS = { seed: 1, rate: 1_000, seconds: 20, users: 50, chats: 1_000 };
const arrivals = makeArrivals(OPTIONS);
const shareOf = (matches: number) => matches / arrivals.length;

describe("a schedule", () => {
  test("follows from its seed alone", () => {
    expect(makeArrivals(OPTIONS)).toEqual(arrivals);
    expect(makeArrivals({ ...OPTIONS, seed: 2 })).not.toEqual(arrivals);
  });

  test("has calls at its rate, in the order of their times, until it ends", () => {
    expect(shareOf(OPTIONS.rate * OPTIONS.seconds)).toBeCloseTo(1, 1);
    const times = arrivals.map(({ atMs }) => atMs);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(times.at(-1)).toBeLessThan(OPTIONS.seconds * 1_000);
  });

  test("has gaps as those of calls that know nothing of each other", () => {
    const gaps = arrivals.slice(1).map(({ atMs }, index) => atMs - arrivals[index]!.atMs);
    const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
    expect(gaps.filter((gap) => gap > mean).length / gaps.length).toBeCloseTo(1 / Math.E, 1);
  });

  test("has a tenth of creates, all users, and chats by Zipf's law", () => {
    expect(shareOf(arrivals.filter(({ kind }) => kind === "create").length)).toBeCloseTo(0.1, 1);
    expect(new Set(arrivals.map(({ user }) => user)).size).toBe(OPTIONS.users);
    expect(shareOf(arrivals.filter(({ chat }) => chat === 1).length)).toBeCloseTo(1 / 7.485, 1);
    expect(arrivals.every(({ chat }) => chat >= 1 && chat <= OPTIONS.chats)).toBe(true);
  });
});
