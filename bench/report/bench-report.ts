import type { BenchCase, CaseResult, Measure, Pace } from "../bench-case.ts";
import type { Machine } from "./machine.ts";

export type ReportedGoal = { text: string; isMet: boolean; measure?: Measure };

/** What came of a case: its figures and goals, or why there are none. */
export type ReportedCase = { case: string; about: string; yardstick: string } & (
  | { result: CaseResult; goals: ReportedGoal[] }
  | { error: string }
);

/** What bench/results/report.json holds. */
export type BenchReport = {
  /** The day, as in 2026-11-30. */
  date: string;
  machine: Machine;
  pace: Pick<Pace, "seconds" | "rounds">;
  cases: ReportedCase[];
};

export function reportCase({ name, about, yardstick, goals }: BenchCase, outcome: CaseResult | Error): ReportedCase {
  const head = { case: name, about, yardstick };
  if (outcome instanceof Error) return { ...head, error: firstLine(outcome) };
  return { ...head, result: outcome, goals: goals.map((goal) => judge(goal, outcome)) };
}

function judge({ text, isMet, measure }: BenchCase["goals"][number], result: CaseResult): ReportedGoal {
  return { text, isMet: isMet(result), ...(measure && { measure: measure(result) }) };
}

const ERROR_LENGTH = 200;

/** Without what is only known on this machine. */
function firstLine({ message }: Error): string {
  return message.split("\n")[0]!.replaceAll(process.cwd(), ".").slice(0, ERROR_LENGTH);
}

/** A report with what another has, and what it has alone; the cases are in the order of their names in `order`. */
export function renewReport(last: BenchReport | undefined, news: BenchReport, order: readonly string[]): BenchReport {
  if (!last) return news;
  const cases = new Map([...last.cases, ...news.cases].map((each) => [each.case, each]));
  const servers = { ...last.machine.servers, ...news.machine.servers };
  return {
    ...news,
    machine: { ...news.machine, servers },
    cases: order.flatMap((name) => cases.get(name) ?? []),
  };
}

/** Those that ran and miss a goal. */
export function missesGoal(reported: ReportedCase): boolean {
  return "result" in reported && reported.goals.some(({ isMet }) => !isMet);
}
