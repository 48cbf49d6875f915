import { spawn } from "node:child_process";
import { once } from "node:events";
import { onTestFinished } from "vitest";
import { logLines, type Output } from "../parley-process.ts";
import type { Variables } from "./compose-file.ts";
import type { ImageFolder } from "./image-folder.ts";

/** Nobody's, who can write nowhere. */
const USER = 65_534;

/** A process as a container would run it, without the container. */
export type Container = {
  output: Output;
  /** Resolves with the exit code. */
  ended: Promise<number | null>;
  /** Sends SIGTERM; resolves with the exit code. */
  stop(): Promise<number | null>;
  /** The line of the log that says that it is ready; rejects where it ends before. */
  ready(): Promise<Record<string, string>>;
};

/** Runs a command of the image as a user who cannot write there, where this process may choose one. Ended after the test. */
export function runContainer({ path, node }: ImageFolder, command: readonly string[], env: Variables): Container {
  const user = process.getuid?.() === 0 ? { uid: USER, gid: USER } : {};
  const [program, ...parameters] = command;
  const child = spawn(program === "node" ? node : program!, parameters, {
    ...{ env, cwd: path, stdio: ["ignore", "pipe", "pipe"] },
    ...user,
  });
  const output: Output = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name]!.setEncoding("utf8").on("data", (text: string) => {
      output[name] += text;
    });
  }
  const ended = once(child, "close").then(([code]) => code as number | null);
  onTestFinished(() => void child.kill("SIGKILL"));
  const findReady = () => logLines(output).find(({ msg }) => msg === "ready") as Record<string, string> | undefined;
  return {
    ...{ output, ended },
    stop() {
      child.kill("SIGTERM");
      return ended;
    },
    async ready() {
      for (;;) {
        const line = findReady();
        if (line !== undefined) return line;
        const more = await Promise.race([ended.then(() => false), once(child.stdout!, "data")]);
        if (more === false) throw new Error(`${command.join(" ")} ended before it was ready: ${output.stderr}`);
      }
    },
  };
}
