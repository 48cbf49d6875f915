import { spawnSync } from "node:child_process";

/** A system call that was traced. `start` and `end` are its places in the trace; `result` is negative where it failed. */
export type SystemCall = { name: string; target: string; text: string; start: number; end: number; result: number };

/** Whether a program is on the PATH and starts. */
export function isInstalled(program: string, parameter: string): boolean {
  return spawnSync(program, [parameter]).status === 0;
}

/**
 * The command line that runs a command under strace and writes its calls to a file. The program stays the direct
 * child, so that signals reach it.
 */
export function traced(file: string, calls: readonly string[], command: readonly string[]): string[] {
  return ["strace", "-D", "-f", "-yy", "-s", "16384", "-e", `trace=${calls.join(",")}`, "-o", file, ...command];
}

/** `123 pwrite64(27</data/queue.sqlite-wal>, "…", 4096, 56) = 4096`, or its first half up to `<unfinished ...>`. */
const CALL = /^(\d+) +(\w+)\(\d+<([^>]*(?:->[^>]*)?)>(.*)$/s;
const RESULT = /\) += (-?\d+)[^=]*$/;
const RESUMED = /^(\d+) +<\.\.\. (\w+) resumed>/;

function resultOf(line: string): number {
  return Number(RESULT.exec(line)?.[1] ?? Number.NaN);
}

/** Reads a trace of strace. Calls that were under way at its end are left out. */
export function parseTrace(trace: string): SystemCall[] {
  const calls: SystemCall[] = [];
  const unfinished = new Map<string, SystemCall>();
  trace.split("\n").forEach((line, index) => {
    const resumed = RESUMED.exec(line);
    const waiting = resumed && unfinished.get(`${resumed[1]} ${resumed[2]}`);
    if (waiting) calls.push({ ...waiting, end: index, result: resultOf(line) });
    const [, thread, name = "", target = "", text = ""] = CALL.exec(line) ?? [];
    if (thread === undefined) return;
    const call = { name, target, text, start: index, end: index, result: resultOf(line) };
    if (text.endsWith("<unfinished ...>")) unfinished.set(`${thread} ${name}`, call);
    else calls.push(call);
  });
  return calls;
}
