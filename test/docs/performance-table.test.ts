import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { BENCH_CASES } from "../../bench/cases/index.ts";
import { findWrongReasons, readmeTableOf, renderReadmeTable } from "../../bench/report/readme-table.ts";
import { MissingReportError, readReport, renderFiles } from "../../bench/report/results-folder.ts";

/** Undefined where there is no report; one that cannot be read fails. */
const report = await readReport().catch((error: Error) => {
  if (!(error instanceof MissingReportError)) throw error;
  return undefined;
});
const readme = await readFile("README.md", "utf8");
/** What a report says can be compared only where there is one: these are skipped, visibly, where it is missing. */
const reported = test.runIf(report);

test("README's table of performance is that of the last run of all cases", () => {
  expect(readmeTableOf(readme)).toBe(renderReadmeTable(report));
});

reported("README says of every case that falls short why, and of no other", () => {
  expect(findWrongReasons(readme, report!)).toEqual([]);
});

reported("the last run was of every case", () => {
  expect(report!.cases.map((each) => each.case)).toEqual(BENCH_CASES.map(({ name }) => name));
});

reported("the files of the last run belong together", async () => {
  for (const [name, text] of Object.entries(renderFiles(report!))) {
    expect(await readFile(`bench/results/${name}`, "utf8"), name).toBe(text);
  }
});
