import type { Logger } from "pino";

/** A call that failed by a fault of the server. */
export type Fault = { err: unknown; method: string; requestId: string };

const WINDOW_MS = 1_000;
/** Lines of one window for the same error. */
const MAX_LINES = 3;
/** Errors told apart in one window; those beyond count as one. */
const MAX_ERRORS = 20;

type Seen = { err: unknown; calls: number };

/**
 * Logs calls that failed by a fault of the server, with the causes: at most three a second with the same message, so
 * that an outage does not fill the disk. How many were left out is told at the end of that second.
 */
export function createFaultLog(log: Logger): (fault: Fault) => void {
  const seen = new Map<string, Seen>();
  const closeWindow = () => {
    for (const { err, calls } of seen.values()) {
      if (calls > MAX_LINES) log.error({ err, leftOut: calls - MAX_LINES }, "more calls failed in this way");
    }
    seen.clear();
  };
  return (fault) => {
    if (seen.size === 0) setTimeout(closeWindow, WINDOW_MS).unref();
    const text = describe(fault.err);
    const key = seen.has(text) || seen.size < MAX_ERRORS ? text : "";
    const entry = seen.get(key) ?? { err: fault.err, calls: 0 };
    seen.set(key, entry);
    entry.calls++;
    if (entry.calls <= MAX_LINES) log.error(fault, "a call failed by a fault of the server");
  };
}

/** The messages of an error and its causes. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message}: ${describe(error.cause)}`;
}
