import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { BENCH_CASES } from "../../bench/cases/index.ts";
import { findWrongReasons, readmeTableOf, renderReadmeTable } from "../../bench/report/readme-table.ts";
import { readReport, renderFiles } from "../../bench/report/results-folder.ts";

const report = await readReport().catch(() => undefined);
const readme = await readFile("README.md", "utf8");

test("README's table of performance is that of the last run of all cases", () => {
  expect(readmeTableOf(readme)).toBe(renderReadmeTable(report));
});

test("README says of every case that falls short why, and of no other", () => {
  expect(report ? findWrongReasons(readme, report) : []).toEqual([]);
});

test("the last run was of every case", () => {
  expect(report?.cases.map((each) => each.case)).toEqual(report && BENCH_CASES.map(({ name }) => name));
});

test("the files of the last run belong together", async () => {
  for (const [name, text] of Object.entries(report ? renderFiles(report) : {})) {
    expect(await readFile(`bench/results/${name}`, "utf8"), name).toBe(text);
  }
});
