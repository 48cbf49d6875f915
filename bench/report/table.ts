import type { BenchReport, ReportedCase } from "./bench-report.ts";
import { describeGoal, describeOurs, describeRatio, describeTimes, describeYardstick } from "./case-text.ts";
import { formatCpu } from "./figures.ts";

const HEAD = [
  ...["case", "what", "Parley", "yardstick", "ratio", "p50 / p99", "p50 / p99 of the yardstick"],
  ...["CPU µs an operation", "goals"],
];

/** The cases as a table in Markdown: what `npm run bench` prints, its report holds and README shows. */
export function renderTable({ cases }: Pick<BenchReport, "cases">): string {
  const rows = [HEAD, HEAD.map(() => "---"), ...cases.map(cellsOf)];
  return rows.map((cells) => `| ${cells.join(" | ")} |\n`).join("");
}

function cellsOf(reported: ReportedCase): string[] {
  const head = [`\`${reported.case}\``, reported.about];
  if ("error" in reported) return [...head, `failed: ${reported.error}`, ...Array<string>(HEAD.length - 3).fill("")];
  const { result, goals } = reported;
  return [
    ...[...head, describeOurs(result), describeYardstick(result), describeRatio(result), describeTimes(result)],
    describeTimes({ p50Ms: result.yardstickP50Ms, p99Ms: result.yardstickP99Ms }),
    result.cpuMicrosPerOp ? formatCpu(result.cpuMicrosPerOp) : "",
    goals.map(describeGoal).join("<br>"),
  ].map((cell) => cell.replaceAll("|", "\\|"));
}
