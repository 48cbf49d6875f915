import { spawn } from "node:child_process";
import { once } from "node:events";

/**
 * Runs a program of an installer, whose output goes to stderr.
 *
 * @throws where it is not there, or fails
 */
export async function runInstaller(
  program: string,
  parameters: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): Promise<void> {
  const child = spawn(program, parameters, { env: { ...process.env, ...environment }, stdio: ["ignore", 2, 2] });
  const [code] = await once(child, "exit").catch((error: NodeJS.ErrnoException) => {
    throw error.code === "ENOENT" ? new Error(`${program} is not on the PATH`) : error;
  });
  if (code !== 0) throw new Error(`${[program, ...parameters].join(" ")} ended with ${code}`);
}
