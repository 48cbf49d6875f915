import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { FolderGuard } from "./host/folder-guard.ts";
import type { LaunchedProgram, ServerHost } from "./host/server-host.ts";
import type { ServerPlan } from "./server-plan.ts";

const PATIENCE_MS = 120_000;
const POLL_MS = 20;
const LOG_LINES = 20;
/** What leaves a process alive. */
const PAUSES: readonly NodeJS.Signals[] = ["SIGSTOP", "SIGCONT"];

/** The end of what the programs in a folder printed, for the message of an error. */
export async function readLogEnd(folder: string): Promise<string> {
  const log = await readFile(join(folder, "server.log"), "utf8").catch(() => "");
  return log.trimEnd().split("\n").slice(-LOG_LINES).join("\n");
}

/** One server in its folder, which can be ended and started again. */
export class RunningServer {
  readonly folder: string;
  readonly #host: ServerHost;
  readonly #plan: Pick<ServerPlan<unknown>, "command" | "answers">;
  readonly #guard: FolderGuard;
  #launched: LaunchedProgram | undefined;

  constructor(
    host: ServerHost,
    plan: Pick<ServerPlan<unknown>, "command" | "answers">,
    folder: string,
    guard: FolderGuard,
  ) {
    this.#host = host;
    this.#plan = plan;
    this.folder = folder;
    this.#guard = guard;
  }

  /** Of the process now running, or of the last one. */
  get pid(): number {
    return this.#launched!.pid;
  }

  /** Starts it on the same port and data; resolves when it answers. Rejects with its log where it ends before. */
  async start(): Promise<void> {
    const launched = await this.#host.launch(this.#plan.command, this.folder);
    this.#launched = launched;
    this.#guard.expect(launched.ending);
    let ended = false;
    launched.ended.then(() => {
      ended = true;
    });
    for (const limit = Date.now() + PATIENCE_MS; !(await this.#answers()); await delay(POLL_MS)) {
      if (ended || Date.now() > limit) {
        const problem = ended ? "ended before it answered" : `did not answer within ${PATIENCE_MS / 1000} s`;
        throw new Error(`${this.#plan.command.program} ${problem}:\n${await readLogEnd(this.folder)}`);
      }
    }
  }

  async kill(signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    await this.#launched?.signal(signal);
    if (!PAUSES.includes(signal)) await this.#launched?.ended;
  }

  /** Ends it at once, and removes its folder. */
  async stop(): Promise<void> {
    await this.#guard.release();
    await this.#launched?.ended;
  }

  #answers(): Promise<boolean> {
    return this.#plan.answers().catch(() => false);
  }
}
