import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { type Check, commandCheck, listCheck } from "./checks/check.ts";
import { findBreakage } from "./checks/contract-breakage.ts";
import { findLicenseFaults } from "./checks/dependency-licenses.ts";
import { findForbiddenText } from "./checks/forbidden-text.ts";
import { findStaleFiles } from "./checks/generated-files.ts";
import { findUnlocked, readLockedPackages } from "./checks/package-lock.ts";
import { readSourceFiles } from "./checks/source-files.ts";

const CHECKS: readonly Check[] = [
  commandCheck("types", "tsc", "-p", "."),
  commandCheck("lint and format", "biome", "check", "--error-on-warnings", "--max-diagnostics=100"),
  commandCheck("contract lint", "buf", "lint"),
  commandCheck("contract format", "buf", "format", "proto", "--diff", "--exit-code"),
  { name: "contract compatible with the last release", run: findBreakage },
  { name: "generated files current", run: findStaleFiles },
  commandCheck("dead code", "knip", "--config", "tools/knip.json", "--no-progress"),
  listCheck("dependency licenses", async () => findLicenseFaults(await readLockedPackages())),
  listCheck("package lock complete", async () => findUnlocked(await readLockedPackages())),
  listCheck("forbidden text", async () => findForbiddenText(await readSourceFiles())),
];

/** Runs every check and tells of each in a line, with what is wrong below. The names of those that failed. */
async function runChecks(): Promise<string[]> {
  const failed: string[] = [];
  for (const { name, run } of CHECKS) {
    const complaint = await run().catch((error: Error) => error.stack ?? String(error));
    if (complaint) failed.push(name);
    process.stdout.write(complaint ? `failed  ${name}\n${complaint}\n` : `ok      ${name}\n`);
  }
  return failed;
}

const { values } = parseArgs({ options: { report: { type: "string" } } });
const failed = await runChecks();
const report = { passed: CHECKS.length - failed.length, failed };
if (values.report) await writeFile(values.report, JSON.stringify(report));
process.exitCode = failed.length > 0 ? 1 : 0;
