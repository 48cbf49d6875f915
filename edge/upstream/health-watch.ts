import type { ClientHttp2Session } from "node:http2";
import { abortableDelay } from "../../services/process/abortable-delay.ts";
import { checkHealth } from "./health-check.ts";

/** Times in milliseconds. */
export type HealthWatchOptions = {
  /** Between two checks of the server's health. Default: 1,000. */
  checkIntervalMs?: number;
  /** After which a server that does not answer is asked last. Default: 1,000. */
  silentAfterMs?: number;
  /** After which the connection to a server that does not answer is given up, and its calls with it. Default: 10,000. */
  deadAfterMs?: number;
};

/** What a server says of itself, or that it has not answered lately. */
export type Health = "serving" | "refusing" | "silent";

/**
 * Asks a server again and again whether it takes calls, and tells of every answer, until the signal aborts or the session
 * ends. The session is destroyed where the server does not answer at all; then, or where it breaks, this rejects.
 */
export async function watchHealth(
  session: ClientHttp2Session,
  { checkIntervalMs = 1_000, silentAfterMs = 1_000, deadAfterMs = 10_000 }: HealthWatchOptions,
  signal: AbortSignal,
  onHealth: (health: Health) => void,
): Promise<void> {
  while (!signal.aborted) {
    const silence = setTimeout(onHealth, silentAfterMs, "silent");
    const death = setTimeout(() => session.destroy(), deadAfterMs);
    try {
      onHealth((await checkHealth(session)) ? "serving" : "refusing");
    } finally {
      clearTimeout(silence);
      clearTimeout(death);
    }
    await abortableDelay(checkIntervalMs, signal);
  }
}
