import { describe, expect, test } from "vitest";
import { commitMark, endOfRecord } from "../../../services/write-queue/commit-mark.ts";
import { Horizon } from "../../../services/writer/horizon.ts";

const NEVER = new AbortController().signal;

/** Resolves when all that could settle by now has. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

/** Names what has resolved so far. */
function track(waits: Record<string, Promise<void>>): string[] {
  const done: string[] = [];
  for (const [name, wait] of Object.entries(waits)) wait.then(() => done.push(name));
  return done;
}

describe("a horizon", () => {
  test("tells who waits for a record when all its writes are in the database", async () => {
    const horizon = new Horizon(endOfRecord(2));
    const done = track({
      first: horizon.reached(2, NEVER),
      second: horizon.reached(3, NEVER),
      third: horizon.reached(4, NEVER),
    });
    horizon.advance(commitMark(3, 5));
    await settled();
    expect(done).toEqual(["first"]);
    horizon.advance(endOfRecord(3));
    await settled();
    expect(done).toEqual(["first", "second"]);
    horizon.advance(endOfRecord(9));
    await settled();
    expect(done).toEqual(["first", "second", "third"]);
    expect(horizon.position).toBe(endOfRecord(9));
  });

  test("at 0 has reached the end of an empty queue", async () => {
    await new Horizon(0).reached(0, NEVER);
  });

  test("tells who waits for the next change", async () => {
    const horizon = new Horizon(7);
    await horizon.passed(6, NEVER);
    const done = track({ next: horizon.passed(7, NEVER) });
    await settled();
    expect(done).toEqual([]);
    horizon.advance(8);
    await settled();
    expect(done).toEqual(["next"]);
  });

  test("lets go of who gives up, with the signal's reason", async () => {
    const horizon = new Horizon(0);
    const stop = new AbortController();
    const waiting = horizon.reached(1, stop.signal);
    const other = horizon.reached(1, NEVER);
    stop.abort(new Error("enough"));
    await expect(waiting).rejects.toThrow("enough");
    await expect(horizon.passed(5, stop.signal)).rejects.toThrow("enough");
    horizon.advance(endOfRecord(1));
    await other;
    await horizon.reached(1, stop.signal);
  });

  test("ends every wait where it cannot be known whether it advances, and those that follow go on", async () => {
    const horizon = new Horizon(0);
    const waiting = [horizon.reached(1, NEVER), horizon.passed(5, NEVER)];
    horizon.interrupt(new Error("the database is away"));
    for (const wait of waiting) await expect(wait).rejects.toThrow("the database is away");
    const next = horizon.reached(1, NEVER);
    horizon.advance(endOfRecord(1));
    await next;
  });

  test("tells when somebody waits for it, and when nobody will be", async () => {
    const horizon = new Horizon(0);
    const stop = new AbortController();
    const done = track({ wanted: horizon.wanted(NEVER), stopped: horizon.wanted(stop.signal) });
    await settled();
    expect([horizon.isWanted, done]).toEqual([false, []]);
    stop.abort();
    await settled();
    expect(done).toContain("stopped");
    const wanted = horizon.wanted(NEVER);
    const waiting = horizon.reached(1, NEVER);
    await wanted;
    expect(horizon.isWanted).toBe(true);
    await horizon.wanted(NEVER);
    horizon.advance(endOfRecord(1));
    await waiting;
    expect(horizon.isWanted).toBe(false);
  });
});
