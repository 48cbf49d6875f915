import { mkdir, readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { BenchReport } from "./bench-report.ts";
import { CHARTS } from "./charts.ts";
import { renderReport } from "./markdown-report.ts";

const RESULTS = new URL("../results/", import.meta.url);

/** No run of all cases wrote a report yet. */
export class MissingReportError extends Error {}

/** What a report becomes, by the names of the files. */
export function renderFiles(report: BenchReport): Record<string, string> {
  return {
    "report.json": `${JSON.stringify(report, undefined, 2)}\n`,
    "report.md": renderReport(report),
    ...Object.fromEntries(CHARTS.map(({ file, render }) => [file, render(report)])),
  };
}

/** Writes bench/results. */
export async function writeResults(report: BenchReport): Promise<void> {
  await mkdir(RESULTS, { recursive: true });
  for (const [name, text] of Object.entries(renderFiles(report))) await writeFile(new URL(name, RESULTS), text);
}

/** The last report; undefined where there is none. */
export async function findReport(): Promise<BenchReport | undefined> {
  return readReport().catch((error: Error) => {
    if (error instanceof MissingReportError) return undefined;
    throw error;
  });
}

/**
 * The report of the last run of all cases.
 *
 * @throws MissingReportError
 */
export async function readReport(): Promise<BenchReport> {
  const path = new URL("report.json", RESULTS);
  const text = await readFile(path, "utf8").catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== "ENOENT") throw cause;
    throw new MissingReportError(`there is no ${fileURLToPath(path)}: "npm run bench" writes it`, { cause });
  });
  return JSON.parse(text) as BenchReport;
}
