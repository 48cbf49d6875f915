import { setTimeout as delay } from "node:timers/promises";

const PATIENCE_MS = 120_000;
const POLL_MS = 10;

/**
 * Resolves once a condition holds, with how long that took, in milliseconds. Rejects where it does not within two minutes.
 *
 * @param wanted what should be, to say that it did not come about
 */
export async function until(wanted: string, isSo: () => boolean | Promise<boolean>): Promise<number> {
  const since = performance.now();
  while (!(await isSo())) {
    if (performance.now() > since + PATIENCE_MS) throw new Error(`not within ${PATIENCE_MS} ms: ${wanted}`);
    await delay(POLL_MS);
  }
  return performance.now() - since;
}
