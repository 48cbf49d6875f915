import type { CaseResult } from "../bench-case.ts";
import type { ReportedCase, ReportedGoal } from "./bench-report.ts";
import { formatCpu, formatDistance, formatMs, formatNumber, formatRange, formatRatio } from "./figures.ts";

/** What was reached: the median, with the lowest and highest of the rounds. */
export function describeOurs({ ours, unit, spread }: CaseResult): string {
  return withSpread(`${formatNumber(ours)} ${unit}`, spread.ours);
}

/** Of the yardstick, the same; nothing where there is none. */
export function describeYardstick({ yardstick, spread }: CaseResult): string {
  return yardstick === undefined ? "" : withSpread(formatNumber(yardstick), spread.yardstick);
}

export function describeRatio({ ratio, spread }: CaseResult): string {
  return ratio === undefined ? "" : withSpread(formatRatio(ratio), spread.ratio, formatRatio);
}

export function describeTimes({ p50Ms, p99Ms }: Pick<CaseResult, "p50Ms" | "p99Ms">): string {
  return [p50Ms, p99Ms]
    .filter((ms) => ms !== undefined)
    .map(formatMs)
    .join(" / ");
}

export function describeGoal({ text, isMet, measure }: ReportedGoal): string {
  return `${isMet ? "✓" : "✗"} ${text}${measure ? ` (${formatDistance(measure)})` : ""}`;
}

/** CPU time of both sides. */
export function describeCpu({ cpuMicrosPerOp, yardstickCpuMicrosPerOp }: CaseResult): string {
  if (cpuMicrosPerOp === undefined) return "";
  const ours = `CPU µs an operation: ${formatCpu(cpuMicrosPerOp)}`;
  return yardstickCpuMicrosPerOp ? `${ours}, of the yardstick ${formatCpu(yardstickCpuMicrosPerOp)}` : ours;
}

/** Further figures, in their order, by their names. */
export function describeFigures({ figures = {} }: CaseResult): string {
  return Object.entries(figures)
    .map(([name, value]) => `${name} ${formatNumber(value)}`)
    .join(", ");
}

/** A case in some lines, for a terminal. */
export function describeCase(reported: ReportedCase): string {
  if ("error" in reported) return `${reported.case} failed: ${reported.error}`;
  const { result, goals } = reported;
  const [yardstick, ratio] = [describeYardstick(result), describeRatio(result)];
  const times = describeTimes(result);
  const yardstickTimes = describeTimes({ p50Ms: result.yardstickP50Ms, p99Ms: result.yardstickP99Ms });
  const [cpu, figures] = [describeCpu(result), describeFigures(result)];
  return [
    `${result.case}: ${describeOurs(result)}`,
    ...(yardstick ? [`  beside ${yardstick} of the yardstick`] : []),
    ...(ratio ? [`  ratio ${ratio}`] : []),
    ...(times ? [`  p50 / p99: ${times}${yardstickTimes && `, of the yardstick ${yardstickTimes}`}`] : []),
    ...(cpu ? [`  ${cpu}`] : []),
    ...(figures ? [`  ${figures}`] : []),
    ...goals.map((goal) => `  ${describeGoal(goal)}`),
  ].join("\n");
}

/** A single round has no spread. */
function withSpread(text: string, range: readonly [number, number] | undefined, format = formatNumber): string {
  return range === undefined || range[0] === range[1] ? text : `${text} (${formatRange(range, format)})`;
}
