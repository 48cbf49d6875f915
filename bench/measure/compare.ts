import { loadavg } from "node:os";
import type { CaseResult, Sample } from "../bench-case.ts";
import { describeSample } from "../report/figures.ts";
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
    const beside = yardstick ? ` beside ${describeSample(theirs![round]!)}` : "";
    // The load of the last minute, this one's own with it: one that is far above shows that the machine is shared.
    tell(`  round ${round + 1}: ${describeSample(mine![round]!)}${beside}; load ${loadavg()[0]!.toFixed(1)}`);
  }
  return { ...summarize(mine!), ...(yardstick && setBeside(mine!, theirs!)) };
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

function setBeside(mine: readonly Sample[], theirs: readonly Sample[]): Partial<Measured> {
  const rates = theirs.map(({ rate }) => rate);
  const ratios = mine.map(({ rate }, round) => rate / rates[round]!);
  const { p50Ms, p99Ms } = timesOf(theirs);
  return {
    yardstick: median(rates),
    ratio: median(ratios),
    spread: { ours: rangeOf(mine.map(({ rate }) => rate)), yardstick: rangeOf(rates), ratio: rangeOf(ratios) },
    ...(p50Ms !== undefined && { yardstickP50Ms: p50Ms, yardstickP99Ms: p99Ms }),
    ...(theirs[0]!.cpuMicrosPerOp && { yardstickCpuMicrosPerOp: medianCpu(theirs) }),
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
