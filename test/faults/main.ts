import { parseArgs } from "node:util";
import { FAULT_CASES } from "./cases/index.ts";
import { ServerSet } from "./stack/server-set.ts";
import { type CaseReport, describeTrial, runCase } from "./trial/case-report.ts";
import type { FaultCase } from "./trial/fault-case.ts";
import { findMissingNeed } from "./trial/missing-needs.ts";
import { IN_EARNEST } from "./trial/pace.ts";

const USAGE = `npm run faults                runs every case once
npm run faults -- CASE...     runs these

  --runs N    how often each is run, each time from another seed (1)
  --seed S    the seed of the first run, a whole number (the time)
  --json      the last line of a case is its figures as JSON

Each case starts Parley on real servers, calls it over 32 connections, lets something go wrong, and holds what callers
were told, what subscribers saw and what is stored against what Parley promises. The exit code is 1 where a promise was
broken.

${FAULT_CASES.map(({ name, about }) => `  ${name.padEnd(32)}${about}`).join("\n")}
`;

type Arguments = { cases: readonly FaultCase[]; runs: number; seed: number; json: boolean };

/** A mistake in the command's arguments; the message says what to do. */
class UsageError extends Error {}

function readArguments(): Arguments | undefined {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      runs: { type: "string", default: "1" },
      seed: { type: "string", default: String(Date.now() % 1_000_000) },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return undefined;
  const [runs, seed] = [wholeNumber("--runs", values.runs, 1), wholeNumber("--seed", values.seed, 0)];
  const cases = positionals.map(findCase);
  return { cases: cases.length > 0 ? cases : FAULT_CASES, runs, seed, json: values.json };
}

function wholeNumber(option: string, text: string, least: number): number {
  if (/^\d{1,9}$/.test(text) && Number(text) >= least) return Number(text);
  throw new UsageError(`${option} is '${text}': it must be a whole number from ${least} on`);
}

function findCase(name: string): FaultCase {
  const found = FAULT_CASES.find((each) => each.name === name);
  if (found) return found;
  const names = FAULT_CASES.map((each) => each.name).join(", ");
  throw new UsageError(`there is no case '${name}'; there are: ${names}`);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

function describeReport({ case: name, runs, seed, ...figures }: CaseReport): string {
  const words = Object.entries(figures).map(([figure, value]) => `${figure} ${value}`);
  return `${name}: ${runs} ${runs === 1 ? "run" : "runs"} from seed ${seed}: ${words.join(", ")}`;
}

/** Runs the cases; resolves with whether all kept the promises. One whose servers are missing did not. */
async function runAll({ cases, json, ...options }: Arguments, servers: ServerSet): Promise<boolean> {
  let allFine = true;
  for (const faultCase of cases) {
    print(`${faultCase.name}: ${faultCase.about}`);
    const missing = await findMissingNeed(faultCase, servers);
    if (missing !== undefined) print(`${faultCase.name} cannot run: ${missing}`);
    const onTrial = (seed: number, result: Parameters<typeof describeTrial>[1]) => print(describeTrial(seed, result));
    const done =
      missing === undefined && (await runCase(faultCase, { ...options, servers, pace: IN_EARNEST, onTrial }));
    if (done) print(json ? JSON.stringify(done.report) : describeReport(done.report));
    allFine &&= done !== false && done.isFine;
  }
  return allFine;
}

async function main(): Promise<number> {
  const servers = new ServerSet();
  try {
    const given = readArguments();
    if (!given) print(USAGE);
    else if (!(await runAll(given, servers))) return 1;
    return 0;
  } catch (error) {
    const isUsage = error instanceof UsageError || String((error as { code?: string }).code).startsWith("ERR_PARSE");
    process.stderr.write(`${isUsage ? (error as Error).message : (error as Error).stack}\n`);
    if (isUsage) process.stderr.write("npm run faults -- --help tells what can be given\n");
    return isUsage ? 2 : 1;
  } finally {
    await servers.close();
  }
}

// So that what was started ends with this process.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => process.exit(1));
process.exit(await main());
