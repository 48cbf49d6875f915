import { readFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { measureCpu } from "./cpu-time.ts";

/** How often a process that should come to rest is looked at, and how little it may do in between. */
const LOOK_MS = 500;
const LITTLE_MICROS = 20_000;
/** It rests once it did so little for so many looks: what a load left may be given back some seconds later. */
const LOOKS = 20;
const PATIENCE_MS = 120_000;

/**
 * What a process holds in memory once it has done nothing for 10 s, in MB of 10⁶ bytes. Linux only.
 *
 * @param scale of a smoke test, the share of those seconds
 */
export async function memoryAtRest(pid: number, scale: number): Promise<number> {
  const limit = performance.now() + PATIENCE_MS;
  for (let looks = 0; looks < LOOKS * scale; ) {
    const { cpuMicros } = await measureCpu({ it: pid }, () => delay(LOOK_MS));
    looks = cpuMicros.it! <= LITTLE_MICROS ? looks + 1 : 0;
    if (performance.now() > limit) throw new Error(`the process ${pid} does not come to rest`);
  }
  return residentMemory(pid);
}

async function residentMemory(pid: number): Promise<number> {
  const kibibytes = /^VmRSS:\s*(\d+) kB$/m.exec(await readFile(`/proc/${pid}/status`, "utf8"))![1];
  return (Number(kibibytes) * 1_024) / 1e6;
}
