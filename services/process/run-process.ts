import type { Logger } from "pino";

/** A role that runs in this process. */
export type RunningRole = {
  log: Logger;
  /** Tells the world that it is ready; called when signals are heeded. */
  announce(): void;
  stop(): Promise<void>;
  stopTimeoutMs: number;
};

const EXIT = { ok: 0, failed: 1 };
/** What a stop may take beyond its own deadline before the process ends anyway. */
const STOP_GRACE_MS = 5_000;

/**
 * Starts a role and ends it on SIGTERM or SIGINT: exit code 0. A start that fails is told on stderr, without a stack:
 * exit code 1. A rejection that nobody handled ends the process, as a state that nobody thought of.
 */
export async function runProcess(start: () => Promise<RunningRole>): Promise<void> {
  let role: RunningRole;
  try {
    role = await start();
  } catch (error) {
    process.stderr.write(`Parley cannot start: ${(error as Error).message}\n`);
    process.exit(EXIT.failed);
  }
  const { log } = role;
  const stopOnce = once(async (signal: string) => {
    log.info({ signal }, "stopping");
    setTimeout(() => process.exit(EXIT.failed), role.stopTimeoutMs + STOP_GRACE_MS).unref();
    await role.stop();
    log.info("stopped");
    process.exit(EXIT.ok);
  });
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => void stopOnce(signal));
  process.on("unhandledRejection", (err) => {
    log.fatal({ err }, "an error that nobody handled; the process ends");
    process.exit(EXIT.failed);
  });
  role.announce();
}

function once<T>(action: (argument: T) => Promise<void>): (argument: T) => Promise<void> {
  let running: Promise<void> | undefined;
  return (argument) => {
    running ??= action(argument);
    return running;
  };
}
