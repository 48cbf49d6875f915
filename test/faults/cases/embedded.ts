import { execFile } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { startEmbedded } from "../stack/embedded-installation.ts";
import type { FaultCase } from "../trial/fault-case.ts";

const run = promisify(execFile);

/** The most that a process may write to a file before it is as if the disk were full, in bytes. */
const FULL_DISK_BYTES = 4_096;
const FULL_MS = 5_000;

async function limitFiles(pid: number, bytes: number | "unlimited"): Promise<void> {
  await run("prlimit", [`--pid=${pid}`, `--fsize=${bytes}:unlimited`]);
}

export const EMBEDDED_CASES: readonly FaultCase[] = [
  {
    name: "kill-embedded",
    about: "The one process of the embedded default is killed and started again.",
    needs: [],
    start: startEmbedded,
    async fault({ installation, random }) {
      const { parley } = installation.processes;
      await parley!.kill();
      await delay(random.below(500));
      await parley!.start();
    },
  },
  {
    name: "disk-full",
    about: "The embedded default can write nothing more to its files, and later can again.",
    needs: [],
    programs: ["prlimit"],
    start: startEmbedded,
    async fault({ installation, pace, random }) {
      const { pid } = installation.processes.parley!;
      await limitFiles(pid, FULL_DISK_BYTES);
      await delay(pace.scale(FULL_MS) + random.below(500));
      await limitFiles(pid, "unlimited");
    },
  },
];
