import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";

/** Code that was compiled before is not compiled again at every start. */
const COMPILE_CACHE = fileURLToPath(new URL("../../node_modules/.cache/parley-tests", import.meta.url));
const PATIENCE_MS = 120_000;
const POLL_MS = 20;
const LOG_BYTES = 4_000;
/** After how long a process that ended by itself is started again, as a supervisor would. */
const RESTART_MS = 200;

/** How a process of Parley is started. */
export type ProcessPlan = {
  name: string;
  /** What Node runs. */
  parameters: readonly string[];
  environment: Record<string, string>;
  /** `http://host:port` at which /readyz says that it is ready. */
  address: string;
  /** Where its log goes. */
  logFile: string;
};

/** A process of Parley that can be ended and started again on the same ports. One that ends by itself is restarted. */
export class NativeProcess {
  readonly plan: ProcessPlan;
  /** How it ended without being told to. */
  readonly ownEnds: string[] = [];
  #child: ChildProcess | undefined;
  /** Whether it should run. */
  #wanted = false;
  readonly #endAtExit = () => this.#child?.kill("SIGKILL");

  constructor(plan: ProcessPlan) {
    this.plan = plan;
    process.on("exit", this.#endAtExit);
  }

  /** Starts it; resolves when it is ready. Rejects with its log where it is not in time. */
  async start(): Promise<void> {
    this.#wanted = true;
    this.#spawn();
    for (const limit = Date.now() + PATIENCE_MS; !(await this.isReady()); await delay(POLL_MS)) {
      if (Date.now() > limit) {
        throw new Error(`${this.plan.name} was not ready within ${PATIENCE_MS} ms:\n${await this.#logEnd()}`);
      }
    }
  }

  /** Sends a signal that ends it; resolves when it is gone, with its exit code, or null where the signal killed it. */
  async kill(signal: NodeJS.Signals = "SIGKILL"): Promise<number | null> {
    this.#wanted = false;
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return child?.exitCode ?? null;
    const ended = once(child, "exit");
    child.kill(signal);
    await ended;
    return child.exitCode;
  }

  /** SIGSTOP: it stands still until `resume`. */
  pause(): void {
    this.#child?.kill("SIGSTOP");
  }

  resume(): void {
    this.#child?.kill("SIGCONT");
  }

  /** Ends it for good. */
  async close(): Promise<void> {
    await this.kill();
    process.off("exit", this.#endAtExit);
  }

  /** Of the process now running. */
  get pid(): number {
    return this.#child!.pid!;
  }

  async isReady(): Promise<boolean> {
    const answer = await fetch(`${this.plan.address}/readyz`, { signal: AbortSignal.timeout(1_000) }).catch(
      () => undefined,
    );
    await answer?.body?.cancel();
    return answer?.ok ?? false;
  }

  #spawn(): void {
    const { parameters, environment, logFile } = this.plan;
    const env = { PATH: process.env.PATH, NODE_COMPILE_CACHE: COMPILE_CACHE, ...environment };
    const child = spawn(process.execPath, parameters, { env, stdio: ["ignore", "pipe", "pipe"] });
    // By pipes, so that a limit of what the process may write to files does not end its log.
    for (const output of [child.stdout, child.stderr]) output.pipe(createWriteStream(logFile, { flags: "a" }));
    this.#child = child;
    child.once("exit", (code, signal) => {
      if (this.#wanted) void this.#restart(`ended with ${signal ?? code}`);
    });
  }

  async #restart(end: string): Promise<void> {
    this.ownEnds.push(`${this.plan.name} ${end}: ${(await this.#logEnd()).split("\n").at(-1)}`);
    await delay(RESTART_MS);
    if (this.#wanted) this.#spawn();
  }

  async #logEnd(): Promise<string> {
    return (await readFile(this.plan.logFile, "utf8")).slice(-LOG_BYTES).trimEnd();
  }
}
