import { spawn } from "node:child_process";
import { once } from "node:events";
import { open } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Command } from "../server-plan.ts";
import { giveAway, NOBODY } from "./nobody.ts";
import { type FoundProgram, programFolders } from "./program.ts";
import type { LaunchedProgram, ServerHost } from "./server-host.ts";

const POLL_MS = 10;
const COLLECTION_POLLS = 200;

/** Signals the whole group, since a program may be a script that starts another. */
function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** Resolves once a group whose first process has ended is gone, or is left to a parent that does not collect it. */
async function groupGone(pid: number): Promise<void> {
  for (let polls = COLLECTION_POLLS; polls > 0; polls--) {
    try {
      process.kill(-pid, 0);
    } catch {
      return;
    }
    await delay(POLL_MS);
  }
}

/**
 * Runs a program of this machine.
 *
 * @param refusesRoot whether it does not run as root; a root of this process then becomes `nobody` for it
 */
export function nativeHost(program: FoundProgram, environment: NodeJS.ProcessEnv, refusesRoot: boolean): ServerHost {
  const user = refusesRoot && process.getuid?.() === 0 ? NOBODY : undefined;
  const PATH = programFolders(environment).join(delimiter);
  return {
    program,
    give: async (folder) => {
      if (user) await giveAway(folder);
    },
    launch: async (command: Command, folder: string): Promise<LaunchedProgram> => {
      const log = await open(join(folder, "server.log"), "a");
      try {
        const child = spawn(command.program, command.parameters, {
          ...user,
          cwd: folder,
          env: { PATH, HOME: folder, TMPDIR: join(folder, "tmp"), ...command.environment },
          detached: true,
          stdio: ["ignore", log.fd, log.fd],
        });
        const exited = once(child, "exit");
        exited.catch(() => undefined);
        await once(child, "spawn");
        const pid = child.pid!;
        const ended = exited.then(([code]) => groupGone(pid).then(() => code as number | null));
        const signal = async (name: NodeJS.Signals) => signalGroup(pid, name);
        return { pid, ended, signal, ending: `kill -s KILL -- -${pid}` };
      } finally {
        await log.close();
      }
    },
  };
}
