import { describe, expect, test } from "vitest";
import {
  describeSample,
  formatCpu,
  formatDistance,
  formatMs,
  formatNumber,
  formatRange,
} from "../../../bench/report/figures.ts";

describe("figures for people", () => {
  test.each([
    [1_234_567.8, "1,234,568"],
    [100, "100"],
    [99.94, "99.9"],
    [12, "12"],
    [0.25, "0.3"],
    [0, "0"],
    [-1_500, "-1,500"],
  ])("%d is %s", (value, text) => expect(formatNumber(value)).toBe(text));

  test.each([
    [0.04, "0.0 ms"],
    [12, "12.0 ms"],
    [1_234.56, "1,234.6 ms"],
  ])("%d milliseconds are %s", (ms, text) => expect(formatMs(ms)).toBe(text));

  test.each([
    [0.35, 0.7, "−50 %"],
    [0.7, 0.7, "+0 %"],
    [0.698, 0.7, "−0.3 %"],
    [0.7001, 0.7, "+0.1 %"],
    [2_500, 1_000, "+150 %"],
    [20_000, 1_000, "+1,900 %"],
  ])("%d at a limit of %d is %s of it away", (value, limit, text) => {
    expect(formatDistance({ figure: "ratio", value, limit })).toBe(text);
  });

  test("a range has both ends", () => expect(formatRange([1_000, 2_000.4])).toBe("1,000–2,000"));

  test("CPU time is summed up, without what is next to nothing", () => {
    expect(formatCpu({ api: 140.4, nats: 8.24, redis: 0.04 })).toBe("149 (api 140, nats 8.2)");
    expect(formatCpu({ echo: 50 })).toBe("echo 50");
    expect(formatCpu({})).toBe("");
  });

  test("a sample has what it measured", () => {
    expect(describeSample({ rate: 4_321.9, p50Ms: 1, p99Ms: 2, cpuMicrosPerOp: { echo: 50 } })).toBe(
      "4,322, p50 1.0 ms, p99 2.0 ms, CPU µs echo 50",
    );
    expect(describeSample({ rate: 10 })).toBe("10");
  });
});
