import { spawn } from "node:child_process";
import { once } from "node:events";

/**
 * Holds the last line that it was sent until its input ends, as it does when its parent is killed; then runs that line
 * and removes the folder, which a program that is just ending may still write to.
 */
const SCRIPT = `
trap '' HUP INT TERM
last=:
while IFS= read -r line; do last=$line; done
eval "$last"
left=100
until rm -rf "$1" 2>/dev/null || [ $left = 0 ]; do left=$((left - 1)); sleep 0.1; done
`;

/** Ends what runs in a folder and removes it. */
export type FolderGuard = {
  /** What ends the program that runs there now, as a command of `sh`; it takes the place of what was said before. */
  expect(ending: string): void;
  /** Does it now. Resolves when the folder is gone. */
  release(): Promise<void>;
};

/** Guards a folder: nothing of it is left where this process ends, however it ends. */
export function guardFolder(folder: string): FolderGuard {
  const guard = spawn("/bin/sh", ["-c", SCRIPT, "guard", folder], {
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  const exited = once(guard, "exit");
  guard.unref();
  return {
    expect: (ending) => {
      guard.stdin.write(`${ending}\n`);
    },
    release: async () => {
      guard.ref();
      guard.stdin.end();
      await exited;
    },
  };
}
