import { readdir, readFile } from "node:fs/promises";

/** Linux counts the CPU time of processes in hundredths of a second, whatever the kernel's own tick is. */
const TICK_MICROS = 10_000;
/** Of /proc/pid/stat, counted from the field behind the program's name. */
const [PARENT, USER, SYSTEM, USER_OF_ENDED, SYSTEM_OF_ENDED] = [1, 11, 12, 13, 14] as const;

type ProcessTimes = { parent: number; micros: number };

async function readTimes(pid: number): Promise<ProcessTimes | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
  if (stat === undefined) return undefined;
  // The name may have blanks and brackets in it.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const ticks = [USER, SYSTEM, USER_OF_ENDED, SYSTEM_OF_ENDED].reduce((sum, index) => sum + Number(fields[index]), 0);
  return { parent: Number(fields[PARENT]), micros: ticks * TICK_MICROS };
}

async function readAllTimes(): Promise<Map<number, ProcessTimes>> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name)).map(Number);
  const times = await Promise.all(pids.map(async (pid) => [pid, await readTimes(pid)] as const));
  return new Map(times.filter((entry): entry is [number, ProcessTimes] => entry[1] !== undefined));
}

/**
 * The CPU time, user and system, that processes and those below them used since they began, in microseconds, by the names
 * given. Linux only.
 */
async function readCpuTimes(pids: Readonly<Record<string, number>>): Promise<Record<string, number>> {
  const all = await readAllTimes();
  const below = (pid: number): number => {
    const children = [...all].filter(([, { parent }]) => parent === pid).map(([child]) => below(child));
    return children.reduce((sum, each) => sum + each, all.get(pid)?.micros ?? 0);
  };
  return Object.fromEntries(Object.entries(pids).map(([name, pid]) => [name, below(pid)]));
}

/** Does work, and resolves with the CPU microseconds that each process used meanwhile, and with what the work made. */
export async function measureCpu<T>(
  pids: Readonly<Record<string, number>>,
  work: () => Promise<T>,
): Promise<{ result: T; cpuMicros: Record<string, number> }> {
  const before = await readCpuTimes(pids);
  const result = await work();
  const after = await readCpuTimes(pids);
  const cpuMicros = Object.fromEntries(Object.keys(pids).map((name) => [name, after[name]! - before[name]!]));
  return { result, cpuMicros };
}
