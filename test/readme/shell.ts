import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";

/** What the server says of a resource, or a list of them. */
export type Answer = { [field: string]: unknown; name: string };

/** What a script wrote; its lines that are JSON, parsed. */
export type ShellResult = { code: number | null; stdout: string; stderr: string; answers: Answer[] };

/** Pastes a script into a shell. */
export async function paste(
  shell: "sh" | "bash",
  script: string,
  { env, cwd }: { env: NodeJS.ProcessEnv; cwd: string },
): Promise<ShellResult> {
  const child = spawn(shell, [], { env, cwd, stdio: ["pipe", "pipe", "pipe"] });
  child.stdin.end(script);
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  const json = stdout.split("\n").filter((line) => line.startsWith('{"'));
  return { code, stdout, stderr, answers: json.map((line) => JSON.parse(line) as Answer) };
}
