import { describe, expect, test } from "vitest";
import { describeUsage, readArguments, UsageError } from "../../bench/arguments.ts";
import type { BenchCase } from "../../bench/bench-case.ts";

function named(name: string): BenchCase {
  const run = () => Promise.reject(new Error("not run"));
  return { name, about: `what ${name} is`, yardstick: "none", goals: [], run };
}

const ALL = [named("create"), named("list-old")];
const read = (...parameters: string[]) => readArguments(parameters, ALL);

describe("the arguments of npm run bench", () => {
  test("are all cases in earnest, written, by default", () => {
    const pace = { seconds: 5, rounds: 5, scale: 1 };
    expect(read()).toEqual({ does: "run", cases: ALL, pace, json: false, isWritten: true });
  });

  test("name cases, and how long and how often", () => {
    const pace = { seconds: 0.5, rounds: 12, scale: 1 };
    const given = read("list-old", "--seconds", "0.5", "--rounds=12", "--json");
    expect(given).toEqual({ does: "run", cases: [ALL[1]], pace, json: true, isWritten: false });
  });

  test("ask for cases whose figures are put into the last report", () => {
    expect(read("list-old", "--renew")).toMatchObject({ cases: [ALL[1]], isWritten: true });
  });

  test("ask for a smoke test, which is not written", () => {
    const pace = { seconds: 0.5, rounds: 1, scale: 0.01 };
    expect(read("--smoke")).toEqual({ does: "run", cases: ALL, pace, json: false, isWritten: false });
  });

  test.each(["help", "readme"] as const)("ask for --%s", (does) => {
    expect(read(`--${does}`)).toEqual({ does });
  });

  test.each([
    [["crate"], "there is no case 'crate'; there are: create, list-old"],
    [["--seconds", "0"], "--seconds is '0': it must be a number above 0 up to 3600"],
    [["--seconds", "1e3"], "--seconds is '1e3'"],
    [["--seconds", "3601"], "--seconds is '3601'"],
    [["--rounds", "1.5"], "--rounds is '1.5': it must be a whole number from 1 up to 1000"],
    [["--rounds", "0"], "--rounds is '0'"],
    [["--rounds", "many"], "--rounds is 'many'"],
    [["--smoke", "--renew"], "--renew is of figures, and those of --smoke mean nothing"],
    [["--smoke", "--rounds", "2"], "--smoke has its own --seconds and --rounds"],
    [["--readme", "create"], "--readme stands alone"],
    [["--seconds"], "--seconds"],
    [["--fast"], "--fast"],
  ])("%j are refused with what to do", (parameters, message) => {
    expect(() => read(...parameters)).toThrow(UsageError);
    expect(() => read(...parameters)).toThrow(message);
  });

  test("are explained, with every case", () => {
    expect(describeUsage(ALL)).toContain("\n  create    what create is\n  list-old  what list-old is\n");
  });
});
