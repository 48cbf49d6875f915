import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";

/** What a process wrote so far. */
export type Output = { stdout: string; stderr: string };

/** A program that was started, which may not be ready. */
export type LaunchedProgram = {
  child: ChildProcess;
  output: Output;
  /** Resolves once it ended, with its exit code, or null where a signal killed it. */
  ended: Promise<number | null>;
};

/** Starts a program without waiting for it. The environment is this one alone, but for PATH. */
export function launchProgram(command: readonly string[], environment: Record<string, string>): LaunchedProgram {
  const [program, ...parameters] = command;
  const env = { PATH: process.env.PATH, ...environment };
  const child = spawn(program!, parameters, { env, stdio: ["ignore", "pipe", "pipe"] });
  const output: Output = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text: string) => {
      output[name] += text;
    });
  }
  return { child, output, ended: once(child, "close").then(([code]) => code as number | null) };
}
