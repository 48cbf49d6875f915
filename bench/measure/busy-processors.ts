import { cpus } from "node:os";

/** Of all processors, in milliseconds since the machine began. */
function readTimes(): { all: number; idle: number } {
  const times = cpus().map(({ times: each }) => ({
    all: Object.values(each).reduce((sum, ms) => sum + ms, 0),
    idle: each.idle,
  }));
  return times.reduce((sum, each) => ({ all: sum.all + each.all, idle: sum.idle + each.idle }), { all: 0, idle: 0 });
}

/** Does work, and resolves with how many processors were busy meanwhile, whoever kept them busy, and with what it made. */
export async function measureBusy<T>(work: () => Promise<T>): Promise<{ result: T; busy: number }> {
  const before = readTimes();
  const result = await work();
  const after = readTimes();
  const all = after.all - before.all;
  return { result, busy: ((all - (after.idle - before.idle)) / all) * cpus().length };
}
