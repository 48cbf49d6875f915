import { once } from "node:events";
import { type LaunchedProgram, launchProgram } from "../launched-program.ts";
import { type Environment, parametersOf } from "./role-processes.ts";

/** What a role says when it is ready. */
export type ReadyLine = { role: string; grpcAddress?: string; address?: string; privateAddress?: string };

/** A process of a role. */
export type LaunchedRole = LaunchedProgram & {
  /** Resolves once it says that it is ready; rejects with its output where it ends before. */
  ready: Promise<ReadyLine>;
};

/** Starts a process of a role without waiting for it. Its environment is this one alone, but for PATH. */
export function launchRole(role: string, environment: Environment): LaunchedRole {
  const launched = launchProgram([process.execPath, ...parametersOf(role)], environment);
  const ready = readReadyLine(launched);
  ready.catch(() => undefined);
  return { ...launched, ready };
}

async function readReadyLine({ child, output, ended }: LaunchedProgram): Promise<ReadyLine> {
  const over = ended.then(() => undefined);
  for (;;) {
    const line = output.stdout.split("\n").find((text) => text.includes('"msg":"ready"'));
    if (line !== undefined) return JSON.parse(line) as ReadyLine;
    const more = await Promise.race([over, once(child.stdout!, "data")]);
    if (!more) throw new Error(`ended with ${child.exitCode} before it was ready: ${output.stdout}${output.stderr}`);
  }
}
