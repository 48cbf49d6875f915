import { parseArgs } from "node:util";
import type { BenchCase, Pace } from "./bench-case.ts";

/** A mistake in the command's arguments; the message says what to do. */
export class UsageError extends Error {}

/** What the command is to do. */
export type BenchArguments =
  | { does: "help" }
  | { does: "readme" }
  | {
      does: "run";
      cases: readonly BenchCase[];
      pace: Pace;
      json: boolean;
      /** Whether bench/results is written: where every case runs, and in earnest, or where `--renew` says so. */
      isWritten: boolean;
    };

const USUAL = { seconds: "5", rounds: "5" };
/** Whether everything works, not how fast. */
export const SMOKE: Pace = { seconds: 0.5, rounds: 1, scale: 0.01 };
const SECONDS_MAX = 3_600;
const ROUNDS_MAX = 1_000;

export function describeUsage(all: readonly BenchCase[]): string {
  const longest = Math.max(...all.map(({ name }) => name.length));
  return `npm run bench                runs every case, and writes bench/results
npm run bench -- CASE...     runs these

  --seconds N  how long each side of each round is loaded, roughly (${USUAL.seconds})
  --rounds N   how often both sides take turns (${USUAL.rounds}); less often in cases whose rounds take long
  --json       the last line of a case is its figures as JSON
  --renew      puts the figures of these cases into the last report in bench/results
  --smoke      briefly and with little data: whether everything works; the figures mean nothing
  --readme     writes the table of bench/results/report.json into README.md; runs nothing

  BENCH_GROWTH_MAX=10000000 npm run bench -- growth
               messages that the case growth goes up to, a power of ten (1000000); ten million take long to store

Each case measures Parley beside a yardstick, on real servers that it starts, and checks what was answered and stored.
Load comes from h2load (on Debian in the package nghttp2-client). What is told on the way goes to stderr. The exit code is
1 where a case failed, which a goal that is missed does not.

${all.map(({ name, about }) => `  ${name.padEnd(longest + 2)}${about}`).join("\n")}
`;
}

/** @throws UsageError */
export function readArguments(parameters: readonly string[], all: readonly BenchCase[]): BenchArguments {
  const { values, positionals } = parse(parameters);
  if (values.help) return { does: "help" };
  if (values.readme) {
    if (parameters.length > 1) throw new UsageError("--readme stands alone: it runs nothing");
    return { does: "readme" };
  }
  const cases = positionals.length > 0 ? positionals.map((name) => findCase(name, all)) : all;
  if (values.renew && values.smoke) throw new UsageError("--renew is of figures, and those of --smoke mean nothing");
  const isWritten = values.renew || (positionals.length === 0 && !values.smoke);
  return { does: "run", cases, pace: readPace(values), json: values.json, isWritten };
}

function parse(parameters: readonly string[]) {
  const flag = { type: "boolean", default: false } as const;
  try {
    return parseArgs({
      args: [...parameters],
      allowPositionals: true,
      options: {
        ...{ seconds: { type: "string" }, rounds: { type: "string" } },
        ...{ json: flag, smoke: flag, renew: flag, readme: flag, help: flag },
      },
    });
  } catch (error) {
    if (!String((error as NodeJS.ErrnoException).code).startsWith("ERR_PARSE")) throw error;
    throw new UsageError((error as Error).message);
  }
}

function readPace({ seconds, rounds, smoke }: { seconds?: string; rounds?: string; smoke: boolean }): Pace {
  if (smoke) {
    if (seconds !== undefined || rounds !== undefined)
      throw new UsageError("--smoke has its own --seconds and --rounds");
    return SMOKE;
  }
  return {
    seconds: readNumber("--seconds", seconds ?? USUAL.seconds, /^\d{1,4}(\.\d{1,3})?$/, SECONDS_MAX),
    rounds: readNumber("--rounds", rounds ?? USUAL.rounds, /^\d{1,4}$/, ROUNDS_MAX),
    scale: 1,
  };
}

function readNumber(option: string, text: string, form: RegExp, most: number): number {
  const value = Number(text);
  if (form.test(text) && value > 0 && value <= most) return value;
  const kind = form.test("1.5") ? "number above 0" : "whole number from 1";
  throw new UsageError(`${option} is '${text}': it must be a ${kind} up to ${most}`);
}

function findCase(name: string, all: readonly BenchCase[]): BenchCase {
  const found = all.find((each) => each.name === name);
  if (found) return found;
  throw new UsageError(`there is no case '${name}'; there are: ${all.map((each) => each.name).join(", ")}`);
}
