import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ServerSet } from "../test/faults/stack/server-set.ts";
import { type BenchArguments, describeUsage, readArguments, UsageError } from "./arguments.ts";
import { BENCH_CASES } from "./cases/index.ts";
import { type ReportedCase, renewReport } from "./report/bench-report.ts";
import { describeCase } from "./report/case-text.ts";
import { readMachine } from "./report/machine.ts";
import { updateReadme } from "./report/readme-table.ts";
import { findReport, MissingReportError, writeResults } from "./report/results-folder.ts";
import { renderTable } from "./report/table.ts";
import { runAll } from "./run/run-all.ts";

type Run = Extract<BenchArguments, { does: "run" }>;

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** As JSON, the figures; of a case that failed, why. */
function printCase(reported: ReportedCase, json: boolean): void {
  if (!json) print(describeCase(reported));
  else print(JSON.stringify("result" in reported ? reported.result : { case: reported.case, error: reported.error }));
}

function caseNames(): string[] {
  return BENCH_CASES.map(({ name }) => name);
}

/** Resolves with whether no case failed. */
async function run({ pace, cases, json, isWritten }: Run, servers: ServerSet): Promise<boolean> {
  const onCase = (reported: ReportedCase) => printCase(reported, json);
  const reported = await runAll({ cases, pace, servers, tell, onCase });
  if (isWritten) {
    const { seconds, rounds } = pace;
    const date = new Date().toISOString().slice(0, 10);
    const machine = await readMachine(servers);
    const report = { date, machine, pace: { seconds, rounds }, cases: reported };
    await writeResults(cases === BENCH_CASES ? report : renewReport(await findReport(), report, caseNames()));
    tell("bench/results is written");
  }
  if (!json && cases.length > 1) print(`\n${renderTable({ cases: reported })}`);
  return reported.every((each) => "result" in each);
}

async function main(): Promise<number> {
  const servers = new ServerSet();
  try {
    const given = readArguments(process.argv.slice(2), BENCH_CASES);
    if (given.does === "help") print(describeUsage(BENCH_CASES));
    else if (given.does === "readme") for (const line of await updateReadme()) tell(line);
    else if (!(await run(given, servers))) return 1;
    return 0;
  } catch (error) {
    if (error instanceof UsageError) tell(`${error.message}\nnpm run bench -- --help tells what can be given`);
    else if (error instanceof MissingReportError) tell(error.message);
    else tell(String((error as Error).stack));
    return error instanceof UsageError ? 2 : 1;
  } finally {
    await servers.close();
  }
}

/** A folder for all that is temporary, of this process and of those that it starts, which goes with it however it ends. */
function keepTemporaryFolder(): void {
  const folder = mkdtempSync(join(tmpdir(), "parley-bench-"));
  // Some servers run as another user.
  chmodSync(folder, 0o711);
  process.env.TMPDIR = folder;
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
}

keepTemporaryFolder();
// So that what was started ends with this process.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => process.exit(1));
process.exit(await main());
