import { type BenchReport, missesGoal, type ReportedCase } from "./bench-report.ts";
import { describeCpu, describeFigures, describeGoal } from "./case-text.ts";
import { CHARTS } from "./charts.ts";
import { formatNumber } from "./figures.ts";
import { renderTable } from "./table.ts";

/** bench/results/report.md: on what, how, the table, the charts, and what each case is. */
export function renderReport(report: BenchReport): string {
  const { date, pace, cases } = report;
  return [
    "# Parley beside its yardsticks",
    `Taken on ${date} by \`npm run bench -- --seconds ${pace.seconds} --rounds ${pace.rounds}\`, on ${describeMachine(report)}.`,
    EXPLANATION,
    renderTable(report).trimEnd(),
    describeMisses(cases),
    ...CHARTS.map(({ file, title }) => `![${title}](${file})`),
    "## The cases",
    cases.map(describeEntry).join("\n"),
  ]
    .join("\n\n")
    .concat("\n");
}

const EXPLANATION = `Figures are medians of the rounds, with the lowest and the highest in brackets. Both sides take turns within a run, so that
a ratio is of the same machine at the same time; rates and times are of a machine that everything shares, load generator and
servers too. Behind a goal stands how far the figure is from its limit.`;

const NAMES: Record<string, string> = {
  ...{ mysql: "MySQL or MariaDB", redis: "Redis", nats: "NATS" },
  elasticsearch: "Elasticsearch",
};

/** What the figures were taken on, in words. */
export function describeMachine({ machine }: BenchReport): string {
  const { processors, processor, memoryBytes, node, servers } = machine;
  const gib = Math.round(memoryBytes / 2 ** 30);
  const versions = Object.entries(servers).map(([kind, version]) => `${NAMES[kind] ?? kind} ${version}`);
  const kind = processor === "" || processor === "unknown" ? "" : ` (${processor})`;
  return `${formatNumber(processors)} processors${kind} and ${gib} GiB of memory, with ${[`Node ${node}`, ...versions].join(", ")}`;
}

function describeMisses(cases: readonly ReportedCase[]): string {
  const failed = cases.filter((each) => "error" in each).map(({ case: name }) => `\`${name}\``);
  const missed = cases.filter(missesGoal).map(({ case: name }) => `\`${name}\``);
  const goals = missed.length > 0 ? `These fall short of a goal: ${missed.join(", ")}.` : "All goals are met.";
  return failed.length > 0 ? `These failed: ${failed.join(", ")}. ${goals}` : goals;
}

function describeEntry(reported: ReportedCase): string {
  const first = `- \`${reported.case}\`: ${reported.about}. Yardstick: ${reported.yardstick}.`;
  if ("error" in reported) return `${first}\n  - failed: ${reported.error}`;
  const figures = [describeCpu(reported.result), describeFigures(reported.result)].filter((text) => text !== "");
  const lines = [...figures, ...reported.goals.map(describeGoal)];
  return [first, ...lines.map((line) => `  - ${line}`)].join("\n");
}
