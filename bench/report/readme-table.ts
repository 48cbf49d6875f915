import { readFile, writeFile } from "node:fs/promises";
import { type BenchReport, missesGoal } from "./bench-report.ts";
import { describeMachine } from "./markdown-report.ts";
import { readReport } from "./results-folder.ts";
import { renderTable } from "./table.ts";

const README = new URL("../../README.md", import.meta.url);
const SECTION = /^## Performance\n[\s\S]*?(?=^## |$(?![\s\S]))/m;
/** What stands between is written by `npm run bench -- --readme`. */
const [BEGIN, END] = ["<!-- bench/results -->\n", "<!-- end of bench/results -->\n"];

/** What README shows of a report; nothing where there is none. */
export function renderReadmeTable(report: BenchReport | undefined): string {
  if (!report) return "";
  const source = `Taken on ${report.date} on ${describeMachine(report)}`;
  return `\n${renderTable(report)}\n${source}; [the report](bench/results/report.md) has charts.\n\n`;
}

/** What README shows now. */
export function readmeTableOf(readme: string): string {
  return readme.slice(...placeIn(readme));
}

export function putReadmeTable(readme: string, report: BenchReport): string {
  const [begin, end] = placeIn(readme);
  return readme.slice(0, begin) + renderReadmeTable(report) + readme.slice(end);
}

function placeIn(readme: string): [begin: number, end: number] {
  const [begin, end] = [readme.indexOf(BEGIN), readme.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`README.md has no lines ${BEGIN.trim()} and ${END.trim()}`);
  return [begin + BEGIN.length, end];
}

/**
 * The cases that failed or fall short of a goal of which README's section has no line that begins with their name, to say
 * why; and those that have one without need.
 */
export function findWrongReasons(readme: string, { cases }: Pick<BenchReport, "cases">): string[] {
  const section = SECTION.exec(readme)?.[0] ?? "";
  const told = [...section.matchAll(/^- `([a-z0-9-]+)`/gm)].map(([, name]) => name!);
  const short = cases.filter((each) => "error" in each || missesGoal(each)).map(({ case: name }) => name);
  return [
    ...short.filter((name) => !told.includes(name)).map((name) => `${name} falls short, and no line says why`),
    ...told.filter((name) => !short.includes(name)).map((name) => `${name} does not fall short, and a line says why`),
  ];
}

/** Writes the table of the last report into README.md. Resolves with what there is still to write by hand. */
export async function updateReadme(): Promise<string[]> {
  const report = await readReport();
  const readme = putReadmeTable(await readFile(README, "utf8"), report);
  await writeFile(README, readme);
  return findWrongReasons(readme, report);
}
