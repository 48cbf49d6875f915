import { readFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { measureCpu } from "./cpu-time.ts";

/** How often a process that should come to rest is looked at, and how little it may do in between. */
const LOOK_MS = 500;
const LITTLE_MICROS = 20_000;
const PATIENCE_MS = 120_000;

/** What a process holds in memory once it does nothing any more, in MB of 10⁶ bytes. Linux only. */
export async function memoryAtRest(pid: number): Promise<number> {
  for (const limit = performance.now() + PATIENCE_MS; ; ) {
    const { cpuMicros } = await measureCpu({ it: pid }, () => delay(LOOK_MS));
    if (cpuMicros.it! <= LITTLE_MICROS) return residentMemory(pid);
    if (performance.now() > limit) throw new Error(`the process ${pid} does not come to rest`);
  }
}

async function residentMemory(pid: number): Promise<number> {
  const kibibytes = /^VmRSS:\s*(\d+) kB$/m.exec(await readFile(`/proc/${pid}/status`, "utf8"))![1];
  return (Number(kibibytes) * 1_024) / 1e6;
}
