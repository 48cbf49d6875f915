import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { CALL_CLASSES, type WorkerPlan, type WorkerReport, type WorkerRun } from "./load-worker.ts";

const PROGRAM = fileURLToPath(new URL("./load-worker.ts", import.meta.url));
/** So that the order to begin has arrived everywhere. */
const HEAD_START_MS = 200;

/** Processes that share the users of a load. */
export class LoadWorkers {
  readonly #workers: readonly ChildProcess[];

  private constructor(workers: readonly ChildProcess[]) {
    this.#workers = workers;
  }

  /** Resolves when all are connected. Rejects where one ends before. */
  static async start(count: number, plan: WorkerPlan): Promise<LoadWorkers> {
    const share = { ...plan, users: plan.users / count, rate: plan.rate / count };
    const workers = Array.from({ length: count }, () => fork(PROGRAM, [JSON.stringify(share)]));
    await Promise.all(workers.map(receive));
    return new LoadWorkers(workers);
  }

  /** Resolves with what came of the calls of all users. Each seed is of other calls. */
  async run(seed: number, seconds: number): Promise<WorkerReport> {
    const beginMs = Date.now() + HEAD_START_MS;
    const reports = this.#workers.map((worker, index) => {
      const order: WorkerRun = { seed: seed * this.#workers.length + index, seconds, beginMs };
      worker.send(order);
      return receive(worker) as Promise<WorkerReport>;
    });
    return mergeReports(await Promise.all(reports));
  }

  close(): void {
    for (const worker of this.#workers) if (worker.connected) worker.disconnect();
  }
}

/** The reports of processes, or of runs, as one. */
export function mergeReports(reports: readonly WorkerReport[]): WorkerReport {
  const times = CALL_CLASSES.map((kind) => [kind, reports.flatMap(({ timesMs }) => timesMs[kind])]);
  return {
    timesMs: Object.fromEntries(times) as WorkerReport["timesMs"],
    lagsMs: reports.flatMap(({ lagsMs }) => lagsMs),
    errors: reports.flatMap(({ errors }) => errors),
  };
}

async function receive(worker: ChildProcess): Promise<unknown> {
  const [first] = await Promise.race([
    once(worker, "message"),
    once(worker, "exit").then(([code]) => Promise.reject(new Error(`a process of the load ended with ${code}`))),
  ]);
  return first;
}
