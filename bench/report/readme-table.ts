import { readFile, writeFile } from "node:fs/promises";
import { type BenchReport, missesGoal } from "./bench-report.ts";
import { readReport } from "./results-folder.ts";
import { renderTable } from "./table.ts";

const README = new URL("../../README.md", import.meta.url);
const [BEGIN, END] = [
  "<!-- The table of bench/results/report.md, by npm run bench -- --readme -->\n",
  "<!-- End of the table -->\n",
];
const PLACE = /^## Performance\n[\s\S]*?(?=^## )/m;

/** The section that has the table. */
export function performanceSection(readme: string): string {
  const section = PLACE.exec(readme)?.[0];
  if (section === undefined) throw new Error("README.md has no section Performance");
  return section;
}

/** The table between its marks; undefined where there is none yet. */
export function tableIn(readme: string): string | undefined {
  const [, after] = performanceSection(readme).split(BEGIN);
  if (after === undefined) return undefined;
  return `${after.split(END)[0]!.trim()}\n`;
}

/** The same text with the report's table; at the end of the section where it had none. */
export function putTable(readme: string, report: Pick<BenchReport, "cases">): string {
  const block = `${BEGIN}\n${renderTable(report)}\n${END}`;
  const section = performanceSection(readme);
  const old =
    tableIn(readme) === undefined
      ? undefined
      : section.slice(section.indexOf(BEGIN), section.indexOf(END) + END.length);
  const changed = old === undefined ? `${section}${block}\n` : section.replace(old, () => block);
  return readme.replace(section, () => changed);
}

/**
 * The cases that fall short and of which the section has no line that begins with their name, to say why; and those that
 * have one without need.
 */
export function findWrongReasons(readme: string, { cases }: Pick<BenchReport, "cases">): string[] {
  const section = performanceSection(readme);
  const told = [...section.matchAll(/^- \*?\*?`([a-z0-9-]+)`/gm)].map(([, name]) => name!);
  const short = cases.filter((each) => missesGoal(each) || "error" in each).map(({ case: name }) => name);
  return [
    ...short.filter((name) => !told.includes(name)).map((name) => `${name} falls short, and no line says why`),
    ...told.filter((name) => !short.includes(name)).map((name) => `${name} does not fall short, and a line says why`),
  ];
}

/** Writes the table of the last report into README.md. Resolves with what there is still to write by hand. */
export async function updateReadme(): Promise<string[]> {
  const report = await readReport();
  const readme = putTable(await readFile(README, "utf8"), report);
  await writeFile(README, readme);
  return findWrongReasons(readme, report);
}
