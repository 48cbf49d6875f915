import { spawn } from "node:child_process";
import { delimiter, join } from "node:path";

/** What a command came to: its exit code, or null where a signal ended it, and what it wrote to stdout and stderr. */
export type CommandResult = { code: number | null; stdout: Buffer; output: string };

/** Runs a program of the system or of node_modules in the current folder, without a shell and without input. */
export function runCommand(program: string, parameters: readonly string[]): Promise<CommandResult> {
  const PATH = [join("node_modules", ".bin"), process.env.PATH].join(delimiter);
  return new Promise((resolve, reject) => {
    const child = spawn(program, parameters, { env: { ...process.env, PATH }, stdio: ["ignore", "pipe", "pipe"] });
    const stdout: Buffer[] = [];
    const output: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => {
      stdout.push(chunk);
      output.push(chunk);
    });
    child.stderr.on("data", (chunk: Buffer) => output.push(chunk));
    child.once("error", reject);
    child.once("close", (code) =>
      resolve({ code, stdout: Buffer.concat(stdout), output: Buffer.concat(output).toString() }),
    );
  });
}
