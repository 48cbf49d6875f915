import type { CaseResult } from "../bench-case.ts";
import { type Bar, type Legend, renderBarChart } from "./bar-chart.ts";
import type { BenchReport, ReportedGoal } from "./bench-report.ts";
import { formatNumber, formatRatio } from "./figures.ts";
import { type LatencyRow, renderLatencyChart } from "./latency-chart.ts";

/** A picture beside the report, without what depends on a library. */
export type Chart = { file: string; title: string; render(report: BenchReport): string };

type Measured = { result: CaseResult; goals: ReportedGoal[] };

function measuredOf({ cases }: BenchReport): Measured[] {
  return cases.flatMap((each) => ("result" in each ? [each] : []));
}

const RATIOS = "Ratio to the yardstick, with the goal";
const LATENCIES = "Latency: median and slowest hundredth";
const CPU = "CPU microseconds an operation, by process";

export const CHARTS: readonly Chart[] = [
  {
    ...{ file: "ratio.svg", title: RATIOS },
    render: (report) => renderBarChart(RATIOS, measuredOf(report).flatMap(ratioBar), RATIO_LEGEND),
  },
  {
    ...{ file: "latency.svg", title: LATENCIES },
    render: (report) => renderLatencyChart(LATENCIES, measuredOf(report).flatMap(latencyRow)),
  },
  {
    ...{ file: "cpu.svg", title: CPU },
    render: (report) => renderCpu(measuredOf(report).map(({ result }) => result)),
  },
];

const RATIO_LEGEND: Legend = [
  { className: "ours", text: "goal met" },
  { className: "missed", text: "goal missed" },
  { className: "other", text: "no goal" },
  { className: "stroke", text: "the goal" },
];

function ratioBar({ result, goals }: Measured): Bar[] {
  if (result.ratio === undefined) return [];
  const goal = goals.find(({ measure }) => measure?.figure === "ratio");
  const className = goal === undefined ? "other" : goal.isMet ? "ours" : "missed";
  const text = formatRatio(result.ratio) + (goal ? ` of ${formatRatio(goal.measure!.limit)}` : "");
  return [{ label: result.case, parts: [{ value: result.ratio, className }], mark: goal?.measure?.limit, text }];
}

function latencyRow({ result }: Measured): LatencyRow[] {
  const { p50Ms, p99Ms, yardstickP50Ms, yardstickP99Ms } = result;
  if (p50Ms === undefined || p99Ms === undefined) return [];
  const hasYardstick = yardstickP50Ms !== undefined && yardstickP99Ms !== undefined;
  const yardstick = hasYardstick ? { p50Ms: yardstickP50Ms, p99Ms: yardstickP99Ms } : undefined;
  return [{ label: result.case, ours: { p50Ms, p99Ms }, yardstick }];
}

/** A colour each; further processes share the last. */
const COLOURS = 10;

function renderCpu(results: readonly CaseResult[]): string {
  const measured = results.filter(({ cpuMicrosPerOp }) => cpuMicrosPerOp !== undefined);
  const names = [...new Set(measured.flatMap(({ cpuMicrosPerOp }) => Object.keys(cpuMicrosPerOp!).map(kindOf)))];
  const classOf = (name: string) => `c${Math.min(names.indexOf(kindOf(name)), COLOURS - 1)}`;
  const bars = measured.map(({ case: label, cpuMicrosPerOp }) => {
    const parts = Object.entries(cpuMicrosPerOp!).map(([name, value]) => ({ value, className: classOf(name) }));
    const sum = parts.reduce((total, { value }) => total + value, 0);
    return { label, parts, text: `${formatNumber(Math.round(sum))} µs` };
  });
  return renderBarChart(
    CPU,
    bars,
    names.slice(0, COLOURS).map((text) => ({ className: classOf(text), text })),
  );
}

/** The processes of one role, such as `api-1` and `api-2`, have one colour. */
function kindOf(name: string): string {
  return name.replace(/-\d+$/, "");
}
