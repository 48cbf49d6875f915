import { abortableDelay } from "./abortable-delay.ts";

const FIRST_MS = 50;
const LAST_MS = 5_000;

/**
 * Repeats a step until the signal aborts. After a failure it waits, 50 ms at first and twice as long each time up to the
 * longest, until a step succeeds again.
 *
 * @param failed told of each failure and of the wait that follows, in milliseconds
 * @param longestMs the longest wait; 5 s by default
 */
export async function repeatWithBackOff(
  step: () => Promise<void>,
  signal: AbortSignal,
  failed: (error: unknown, waitMs: number) => void | Promise<void>,
  longestMs = LAST_MS,
): Promise<void> {
  let wait = FIRST_MS;
  while (!signal.aborted) {
    try {
      await step();
      wait = FIRST_MS;
    } catch (error) {
      if (signal.aborted) return;
      await failed(error, wait);
      await abortableDelay(wait, signal);
      wait = Math.min(2 * wait, longestMs);
    }
  }
}
