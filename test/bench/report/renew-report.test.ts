import { expect, test } from "vitest";
import { renewReport } from "../../../bench/report/bench-report.ts";
import { EXAMPLE } from "./example-report.ts";

const NAMES = EXAMPLE.cases.map((each) => each.case);
const RENEWED = { case: NAMES[1]!, about: "again", yardstick: "the same", error: "it failed" };
const NEWS = {
  ...EXAMPLE,
  date: "2026-12-01",
  machine: { ...EXAMPLE.machine, servers: { redis: "8.0.0" } },
  cases: [RENEWED, { ...RENEWED, case: "another" }],
};

test("cases that ran again take the place of what was, and others join them in order", () => {
  const report = renewReport(EXAMPLE, NEWS, ["another", ...NAMES]);
  expect(report.cases.map((each) => each.case)).toEqual(["another", ...NAMES]);
  expect(report.cases[2]).toBe(RENEWED);
  expect(report.date).toBe("2026-12-01");
  expect(report.machine.servers).toEqual({ ...EXAMPLE.machine.servers, redis: "8.0.0" });
});

test("a case that is there no more goes; without a last report, there is what ran", () => {
  expect(renewReport(EXAMPLE, NEWS, [NAMES[0]!]).cases).toEqual([EXAMPLE.cases[0]]);
  expect(renewReport(undefined, NEWS, NAMES)).toBe(NEWS);
});
