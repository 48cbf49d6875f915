import { setTimeout as delay } from "node:timers/promises";
import type { Arrival } from "./arrivals.ts";

/** What came of a schedule. */
export type LoopReport<Kind extends string> = {
  /** How long calls took that went well, from the time that the schedule has for them, in milliseconds, by kind. */
  timesMs: Record<Kind, number[]>;
  /** How much later than that they were sent, by this process's own fault. */
  lagsMs: number[];
  /** Messages of the errors of the others. */
  errors: string[];
};

/**
 * Makes each call at its time, whether those before it are answered or not. Resolves when all are over.
 *
 * @param beginMs when the schedule begins, in milliseconds since 1970
 */
export async function runArrivals<Kind extends string>(
  arrivals: readonly Arrival[],
  beginMs: number,
  {
    call,
    kinds,
    kindOf,
  }: { call(arrival: Arrival): Promise<void>; kinds: readonly Kind[]; kindOf(arrival: Arrival): Kind },
): Promise<LoopReport<Kind>> {
  const timesMs = Object.fromEntries(kinds.map((kind) => [kind, []])) as unknown as Record<Kind, number[]>;
  const report: LoopReport<Kind> = { timesMs, lagsMs: [], errors: [] };
  const begin = performance.now() + beginMs - Date.now();
  const make = async (arrival: Arrival) => {
    const scheduled = begin + arrival.atMs;
    report.lagsMs.push(performance.now() - scheduled);
    try {
      await call(arrival);
      report.timesMs[kindOf(arrival)].push(performance.now() - scheduled);
    } catch (error) {
      report.errors.push((error as Error).message);
    }
  };
  const calls: Promise<void>[] = [];
  for (const arrival of arrivals) {
    const early = begin + arrival.atMs - performance.now();
    if (early > 0) await delay(early);
    calls.push(make(arrival));
  }
  await Promise.all(calls);
  return report;
}
