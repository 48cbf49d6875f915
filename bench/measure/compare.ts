import type { CaseResult, Sample } from "../bench-case.ts";
import { median } from "./percentile.ts";

export type Comparison = {
  rounds: number;
  /** Each gives one sample a round. */
  ours(): Promise<Sample>;
  yardstick?(): Promise<Sample>;
  /** Told of each round. */
  tell(line: string): void;
};

type Measured = Omit<CaseResult, "case" | "unit">;

/**
 * Lets both sides take turns, so that what disturbs the machine meets both, and which goes first changes with each round.
 * Figures are medians; the ratio is the median of each round's own.
 */
export async function compare({ rounds, ours, yardstick, tell }: Comparison): Promise<Measured> {
  const [mine, theirs]: Sample[][] = [[], []];
  for (let round = 0; round < rounds; round++) {
    const turns = [async () => mine!.push(await ours()), async () => yardstick && theirs!.push(await yardstick())];
    for (const turn of round % 2 === 0 ? turns : turns.reverse()) await turn();
    tell(`  round ${round + 1}: ${describe(mine![round]!)}${yardstick ? ` beside ${describe(theirs![round]!)}` : ""}`);
  }
  return { ...summarize(mine!), ...(yardstick && beside(mine!, theirs!)) };
}

/** A case without a yardstick, or its own side of it. */
export function summarize(samples: readonly Sample[]): Measured {
  const rates = samples.map(({ rate }) => rate);
  return {
    ours: median(rates),
    spread: { ours: rangeOf(rates) },
    ...timesOf(samples),
    ...(samples[0]!.cpuMicrosPerOp && { cpuMicrosPerOp: medianCpu(samples) }),
  };
}

function beside(mine: readonly Sample[], theirs: readonly Sample[]): Partial<Measured> {
  const rates = theirs.map(({ rate }) => rate);
  const ratios = mine.map(({ rate }, round) => rate / rates[round]!);
  const { p50Ms, p99Ms } = timesOf(theirs);
  return {
    yardstick: median(rates),
    ratio: median(ratios),
    spread: { ours: rangeOf(mine.map(({ rate }) => rate)), yardstick: rangeOf(rates), ratio: rangeOf(ratios) },
    ...(p50Ms !== undefined && { yardstickP50Ms: p50Ms, yardstickP99Ms: p99Ms }),
  };
}

function timesOf(samples: readonly Sample[]): { p50Ms?: number; p99Ms?: number } {
  if (samples[0]!.p50Ms === undefined) return {};
  return { p50Ms: median(samples.map(({ p50Ms }) => p50Ms!)), p99Ms: median(samples.map(({ p99Ms }) => p99Ms!)) };
}

function medianCpu(samples: readonly Sample[]): Record<string, number> {
  const names = Object.keys(samples[0]!.cpuMicrosPerOp!);
  return Object.fromEntries(names.map((name) => [name, median(samples.map((each) => each.cpuMicrosPerOp![name]!))]));
}

function rangeOf(values: readonly number[]): [number, number] {
  return [Math.min(...values), Math.max(...values)];
}

function describe({ rate, p50Ms, p99Ms, cpuMicrosPerOp }: Sample): string {
  const times = p50Ms === undefined ? "" : `, p50 ${p50Ms.toFixed(1)} ms, p99 ${p99Ms!.toFixed(1)} ms`;
  const cpu = Object.entries(cpuMicrosPerOp ?? {}).map(([name, micros]) => ` ${name} ${micros.toFixed(1)}`);
  return `${Math.round(rate)}/s${times}${cpu.length > 0 ? `, CPU µs${cpu.join("")}` : ""}`;
}
