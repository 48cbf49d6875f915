import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Environment } from "./role-processes.ts";

const run = promisify(execFile);

/**
 * Runs a command of services/commands to its end.
 *
 * @throws with what it printed where its exit code is not 0
 */
export async function runCommand(
  name: string,
  parameters: readonly string[],
  environment: Environment,
): Promise<{ stdout: string; stderr: string }> {
  const path = fileURLToPath(new URL(`../../services/commands/${name}.ts`, import.meta.url));
  return run(process.execPath, [path, ...parameters], { env: { PATH: process.env.PATH, ...environment } });
}
