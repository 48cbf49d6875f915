import { spawnSync } from "node:child_process";

/** Commands that succeed where a tool is there that can do what pages ask; by default, it is on the PATH. As in .ci/run. */
const COMMANDS: Record<string, string> = {
  chromium: "command -v chromium || command -v chromium-browser || command -v google-chrome",
  go: "command -v go && go help get | grep -q -e -tool",
  python3: "python3 -c 'import ensurepip, venv'",
};

/** Whether this machine has what a block needs. */
export function hasTool(tool: string): boolean {
  return spawnSync("sh", ["-c", COMMANDS[tool] ?? `command -v ${tool}`]).status === 0;
}
