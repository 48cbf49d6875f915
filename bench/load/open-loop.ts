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

/** What tells the time and waits; the real one by default. */
export type LoopClock = {
  /** Milliseconds since any time, which never go back. */
  now(): number;
  /** Milliseconds since 1970. */
  date(): number;
  delay(milliseconds: number): Promise<unknown>;
};

const REAL_CLOCK: LoopClock = { now: () => performance.now(), date: () => Date.now(), delay };

/** What is done at the times of a schedule. */
export type LoopWork<Kind extends string> = {
  call(arrival: Arrival): Promise<void>;
  kinds: readonly Kind[];
  kindOf(arrival: Arrival): Kind;
};

/**
 * Makes each call at its time, whether those before it are answered or not. Resolves when all are over.
 *
 * @param beginMs when the schedule begins, in milliseconds since 1970
 */
export async function runArrivals<Kind extends string>(
  arrivals: readonly Arrival[],
  beginMs: number,
  { call, kinds, kindOf }: LoopWork<Kind>,
  clock = REAL_CLOCK,
): Promise<LoopReport<Kind>> {
  const timesMs = Object.fromEntries(kinds.map((kind) => [kind, []])) as unknown as Record<Kind, number[]>;
  const report: LoopReport<Kind> = { timesMs, lagsMs: [], errors: [] };
  const begin = clock.now() + beginMs - clock.date();
  const make = async (arrival: Arrival) => {
    const scheduled = begin + arrival.atMs;
    report.lagsMs.push(clock.now() - scheduled);
    try {
      await call(arrival);
      report.timesMs[kindOf(arrival)].push(clock.now() - scheduled);
    } catch (error) {
      report.errors.push((error as Error).message);
    }
  };
  const calls: Promise<void>[] = [];
  for (const arrival of arrivals) {
    const early = begin + arrival.atMs - clock.now();
    if (early > 0) await clock.delay(early);
    calls.push(make(arrival));
  }
  await Promise.all(calls);
  return report;
}
