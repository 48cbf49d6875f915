import { pino } from "pino";
import { afterEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { endOfRecord } from "../../../services/write-queue/commit-mark.ts";
import { Horizon } from "../../../services/writer/horizon.ts";
import { PositionFollower } from "../../../services/writer/position-follower.ts";

const NEVER = new AbortController().signal;
const silent = pino({ level: "silent" });

afterEach(() => {
  vi.useRealTimers();
});

/** A follower of a position that the test moves. */
function follow(load: () => Promise<number>) {
  const horizon = new Horizon(0);
  const position = { load: vi.fn(load) };
  const follower = new PositionFollower({ horizon, position, log: silent, intervalMs: 1 });
  follower.start();
  onTestFinished(() => follower.stop());
  return { horizon, position, follower };
}

describe("a follower of the writer's position", () => {
  test("reads it for as long as somebody waits for it, and no longer", async () => {
    let mark = 0;
    const { horizon, position } = follow(async () => mark);
    await new Promise((resolve) => setImmediate(resolve));
    expect(position.load).not.toHaveBeenCalled();
    const waiting = horizon.reached(3, NEVER);
    await vi.waitFor(() => expect(position.load.mock.calls.length).toBeGreaterThan(3), { interval: 1 });
    mark = endOfRecord(3);
    await waiting;
    const { length } = position.load.mock.calls;
    expect(horizon.isWanted).toBe(false);
    const other = horizon.reached(4, NEVER);
    mark = endOfRecord(4);
    await other;
    // One that was on its way when nobody waited any more, and those for who did.
    expect(position.load.mock.calls.length).toBeLessThanOrEqual(length + 2);
  });

  test("goes on after the database was away for a moment, and those who wait do not notice", async () => {
    let failures = 2;
    const { horizon } = follow(async () => {
      if (failures-- > 0) throw new Error("the database is away");
      return endOfRecord(1);
    });
    await horizon.reached(1, NEVER);
  });

  test("tells those who wait where the database stays away, and serves them again when it is back", async () => {
    vi.useFakeTimers();
    let away = true;
    const { horizon } = follow(async () => {
      if (away) throw new Error("the database is away");
      return endOfRecord(1);
    });
    const waiting = expect(horizon.reached(1, NEVER)).rejects.toThrow("the database is away");
    await vi.advanceTimersByTimeAsync(15_000);
    await waiting;
    away = false;
    const again = horizon.reached(1, NEVER);
    await vi.advanceTimersByTimeAsync(15_000);
    await again;
  });

  test("ends when told to, whether somebody waits or not", async () => {
    for (const isWanted of [false, true]) {
      const { horizon, follower } = follow(async () => 0);
      const stop = new AbortController();
      if (isWanted) horizon.reached(1, stop.signal).catch(() => undefined);
      await follower.stop();
      stop.abort();
    }
  });
});
