import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { abortableDelay } from "../../../services/process/abortable-delay.ts";
import { repeatWithBackOff } from "../../../services/process/back-off.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("a delay", () => {
  test("resolves after its time", async () => {
    const done = vi.fn();
    void abortableDelay(1_000, new AbortController().signal).then(done);
    await vi.advanceTimersByTimeAsync(999);
    expect(done).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(done).toHaveBeenCalled();
  });

  test("ends at once where the signal aborts, and leaves no timer", async () => {
    const stop = new AbortController();
    const delay = abortableDelay(1_000, stop.signal);
    stop.abort();
    await delay;
    await abortableDelay(1_000, stop.signal);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("a step with back-off", () => {
  /** Runs steps that fail where `outcomes` says so; gives the waits after failures. */
  async function waitsOf(outcomes: boolean[]): Promise<number[]> {
    const stop = new AbortController();
    const waits: number[] = [];
    const step = async () => {
      const succeeds = outcomes.shift();
      if (outcomes.length === 0) stop.abort();
      if (!succeeds) throw new Error("away");
    };
    const running = repeatWithBackOff(step, stop.signal, (error, waitMs) => {
      expect(error).toMatchObject({ message: "away" });
      waits.push(waitMs);
    });
    await vi.runAllTimersAsync();
    await running;
    return waits;
  }

  test("waits twice as long after each failure, up to 5 s", async () => {
    expect(await waitsOf([...Array(9).fill(false), true])).toEqual([
      50, 100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000,
    ]);
  });

  test("begins anew after a success", async () => {
    expect(await waitsOf([false, false, true, false, true])).toEqual([50, 100, 50]);
  });

  test("ends without a word where it failed because it was stopped", async () => {
    expect(await waitsOf([true, false])).toEqual([]);
  });
});
