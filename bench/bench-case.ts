import type { ServerSet } from "../test/faults/stack/server-set.ts";
import type { ServerKind } from "../test/servers/real-server.ts";

/** How much a case does. */
export type Pace = {
  /** How long each side of each round is loaded, roughly, in seconds: it sets the count of operations. */
  seconds: number;
  /** How often both sides take turns. */
  rounds: number;
  /** The share of the data that a case stores beforehand, of 1: a smoke test stores less than the case says. */
  scale: number;
};

/** What a case runs with. */
export type BenchContext = {
  pace: Pace;
  servers: ServerSet;
  /** Tells a person how far it is. */
  tell(line: string): void;
};

/** What was measured in one go. */
export type Sample = {
  /** Operations per second, or what else the case's unit says. */
  rate: number;
  p50Ms?: number;
  p99Ms?: number;
  /** CPU microseconds an operation, by the name of the process. */
  cpuMicrosPerOp?: Record<string, number>;
};

/** A case's figures: medians over its rounds. */
export type CaseResult = {
  case: string;
  /** Of `ours` and `yardstick`. */
  unit: string;
  ours: number;
  yardstick?: number;
  /** `ours / yardstick`, the median of the rounds' ratios. */
  ratio?: number;
  /** The lowest and highest of each side's rounds, and of their ratios. */
  spread: { ours: [number, number]; yardstick?: [number, number]; ratio?: [number, number] };
  p50Ms?: number;
  p99Ms?: number;
  yardstickP50Ms?: number;
  yardstickP99Ms?: number;
  cpuMicrosPerOp?: Record<string, number>;
  yardstickCpuMicrosPerOp?: Record<string, number>;
  /** What else the case's goals are about, by name with its unit. */
  figures?: Record<string, number>;
};

/** What a case should reach, and whether it did; goals.ts makes the usual ones. */
export type Goal = {
  text: string;
  isMet(result: CaseResult): boolean;
  /** Where it is about one figure, that figure, so that a report can tell by how much it is missed. */
  measure?(result: CaseResult): Measure;
};

/** A figure that a goal is about, by its name in a CaseResult, beside what it may be at most or must be at least. */
export type Measure = { figure: string; value: number; limit: number };

/** A server, or the load generator h2load. */
export type BenchNeed = ServerKind | "h2load";

/** One measurement of Parley beside its yardstick. */
export type BenchCase = {
  name: string;
  /** What is measured, in one line. */
  about: string;
  /** What it is held against, in one line. */
  yardstick: string;
  goals: readonly Goal[];
  /** What it cannot run without. Default: all. */
  needs?: readonly BenchNeed[];
  /** Rejects where what Parley stored or answered was wrong. */
  run(context: BenchContext): Promise<CaseResult>;
};
