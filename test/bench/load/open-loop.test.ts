import { describe, expect, test } from "vitest";
import type { Arrival } from "../../../bench/load/arrivals.ts";
import { type LoopClock, runArrivals } from "../../../bench/load/open-loop.ts";

const STALL_MS = 120;
const at = (atMs: number): Arrival => ({ atMs, user: 1, kind: "get", chat: 1 });
const kinds = ["get", "list", "create"] as const;
const kindOf = ({ kind }: Arrival) => kind;

/** A clock that stands still but for those who wait: it goes on to the next of them when all else has been done. */
class FakeClock implements LoopClock {
  #nowMs = 0;
  readonly #waiting: { untilMs: number; resolve: () => void }[] = [];

  now(): number {
    return this.#nowMs;
  }

  date(): number {
    return 1_000_000 + this.#nowMs;
  }

  /** What works without giving way takes this time. */
  work(milliseconds: number): void {
    this.#nowMs += milliseconds;
  }

  delay(milliseconds: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push({ untilMs: this.#nowMs + milliseconds, resolve });
    setImmediate(() => this.#goOn());
    return promise;
  }

  #goOn(): void {
    this.#waiting.sort((a, b) => a.untilMs - b.untilMs);
    const next = this.#waiting.shift()!;
    this.#nowMs = Math.max(this.#nowMs, next.untilMs);
    next.resolve();
  }
}

function run(arrivals: Arrival[], call: (arrival: Arrival) => Promise<void>, clock = new FakeClock()) {
  return runArrivals(arrivals, clock.date(), { call, kinds, kindOf }, clock);
}

describe("an open loop", () => {
  test("sends calls at their times while others wait for their answers", async () => {
    const clock = new FakeClock();
    let [underWay, most] = [0, 0];
    const call = async () => {
      most = Math.max(most, ++underWay);
      await clock.delay(STALL_MS);
      underWay--;
    };
    const report = await run([at(0), at(5), at(10)], call, clock);
    expect(most).toBe(3);
    const timesMs = { get: [STALL_MS, STALL_MS, STALL_MS], list: [], create: [] };
    expect(report).toEqual({ timesMs, lagsMs: [0, 0, 0], errors: [] });
  });

  test("counts from the scheduled time: what stands still meanwhile is part of every call that it delays", async () => {
    const clock = new FakeClock();
    let isFirst = true;
    const call = async () => {
      if (isFirst) clock.work(STALL_MS);
      isFirst = false;
    };
    const { timesMs, lagsMs } = await run([at(0), at(10), at(20)], call, clock);
    expect(timesMs.get).toEqual([STALL_MS, STALL_MS - 10, STALL_MS - 20]);
    expect(lagsMs).toEqual([0, STALL_MS - 10, STALL_MS - 20]);
  });

  test("tells of calls that fail, and goes on", async () => {
    const call = async ({ atMs }: Arrival) => {
      if (atMs === 0) throw new Error("refused");
    };
    const { timesMs, errors } = await run([at(0), at(1)], call);
    expect([errors, timesMs.get.length]).toEqual([["refused"], 1]);
  });
});
