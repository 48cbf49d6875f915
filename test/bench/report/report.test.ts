import { describe, expect, test } from "vitest";
import { describeCase } from "../../../bench/report/case-text.ts";
import { renderFiles } from "../../../bench/report/results-folder.ts";
import { EXAMPLE } from "./example-report.ts";

const files = renderFiles(EXAMPLE);

describe("a report", () => {
  test("is a page, its figures, and charts", () => {
    expect(Object.keys(files)).toEqual(["report.json", "report.md", "ratio.svg", "latency.svg", "cpu.svg"]);
    expect(JSON.parse(files["report.json"]!)).toEqual(EXAMPLE);
  });

  test.each(["report.md", "ratio.svg", "latency.svg", "cpu.svg"])("%s looks as it did", async (name) => {
    await expect(files[name]).toMatchFileSnapshot(`golden/${name}`);
  });

  test.each(["ratio.svg", "latency.svg", "cpu.svg"])(
    "%s is well-formed, and has colours for light and dark",
    (name) => {
      const open: string[] = [];
      for (const [, slash, tag, end] of files[name]!.matchAll(/<(\/?)([a-z]+)[^<>]*?(\/?)>/g)) {
        if (slash) expect(open.pop()).toBe(tag);
        else if (!end) open.push(tag!);
      }
      expect(open).toEqual([]);
      expect(files[name]).not.toMatch(/NaN|undefined|Infinity|&(?!#\d+;)/);
      expect(files[name]).toContain("prefers-color-scheme: dark");
    },
  );

  test("of nothing that went well has charts too", () => {
    const failed = renderFiles({ ...EXAMPLE, cases: EXAMPLE.cases.slice(-1) });
    for (const text of Object.values(failed)) expect(text).not.toMatch(/NaN|undefined|Infinity/);
  });
});

describe("a case in a terminal", () => {
  test("has its figures with spread, unit and what each goal lacks", () => {
    expect(describeCase(EXAMPLE.cases[0]!)).toBe(`create: 12,346 creates/s (11,900–13,000)
  beside 20,000 (19,000–21,000) of the yardstick
  ratio 0.62 (0.60–0.64)
  p50 / p99: 12.3 ms / 45.6 ms, of the yardstick 8.0 ms / 21.1 ms
  CPU µs an operation: 80 (api 55, writer 15, mysql 10), of the yardstick echo 50
  lagMs 320
  ✗ ratio ≥ 0.70 (−12 %)
  ✗ p99 ≤ 2 × the echo's (+8 %)
  ✓ writer lag < 1 s (−68 %)`);
  });

  test("without a yardstick has no ratio", () => {
    expect(describeCase(EXAMPLE.cases[2]!)).toBe(`idle: 640 ms to ready (610–700)\n  residentMb 122\n  ✓ ready < 1 s`);
  });

  test("that failed says why", () => {
    expect(describeCase(EXAMPLE.cases[3]!)).toBe("search failed: elasticsearch cannot be started here");
  });
});
