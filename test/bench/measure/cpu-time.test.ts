import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, onTestFinished, test } from "vitest";
import { measureBusy } from "../../../bench/measure/busy-processors.ts";
import { measureCpu } from "../../../bench/measure/cpu-time.ts";

/** A shell that does nothing, and above a process that is busy for a while when it is told to. */
function start(): { pid: number; work(): Promise<void> } {
  const burn =
    "process.stdin.once('data', () => { for (const end = Date.now() + 400; Date.now() < end;); process.exit() })";
  const child = spawn("sh", ["-c", `"${process.execPath}" -e "${burn}"; echo over; cat`], {
    stdio: ["pipe", "pipe", "ignore"],
  });
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  return {
    pid: child.pid!,
    async work() {
      child.stdin.write("go\n");
      await once(child.stdout, "data");
    },
  };
}

test("the CPU time of a process has that of those below it, also of those that ended meanwhile", async () => {
  const [busy, idle] = [start(), start()];
  const { result, cpuMicros } = await measureCpu({ busy: busy.pid, idle: idle.pid, gone: 2 ** 30 }, async () => {
    await busy.work();
    return "made";
  });
  expect(result).toBe("made");
  expect(cpuMicros.busy).toBeGreaterThan(20_000);
  expect(cpuMicros.busy).toBeLessThan(2_000_000);
  expect(cpuMicros.gone).toBe(0);
});

test("one who is at work keeps a part of the processors busy", async () => {
  const { work } = start();
  const { busy } = await measureBusy(work);
  expect(busy).toBeGreaterThan(0);
});
