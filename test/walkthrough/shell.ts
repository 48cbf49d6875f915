import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";

/** What the server says of a resource, or a list of them. */
export type Answer = { [field: string]: unknown; name: string };

export type ShellResult = { code: number | null; stdout: string; stderr: string };

/** The lines of JSON that a script printed. */
export function answersIn(stdout: string): Answer[] {
  const json = stdout.split("\n").filter((line) => line.startsWith('{"'));
  return json.map((line) => JSON.parse(line) as Answer);
}

/** Pastes a script into a shell. What it leaves running is ended with it, and all of it after `timeout`, in milliseconds. */
export async function paste(
  shell: "sh" | "bash",
  script: string,
  options: { env: NodeJS.ProcessEnv; cwd: string; timeout?: number },
): Promise<ShellResult> {
  const child = spawn(shell, [], { ...options, stdio: ["pipe", "pipe", "pipe"], detached: true });
  child.once("exit", () => endGroup(child.pid!));
  child.stdin.end(script);
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  return { code, stdout, stderr };
}

function endGroup(leader: number): void {
  try {
    process.kill(-leader, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
