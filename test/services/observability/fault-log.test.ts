import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createFaultLog } from "../../../services/observability/fault-log.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A log of faults, and what came into it. */
function open() {
  const error = vi.fn();
  return { logFault: createFaultLog({ error } as never), lines: () => error.mock.calls.map(([fields]) => fields) };
}

const away = (detail = "disk full") => new Error("the database is unavailable", { cause: new Error(detail) });
const call = (requestId: string, err: unknown = away()) => ({
  err,
  method: "/parley.v1.ChatService/GetChat",
  requestId,
});

describe("the log of faults", () => {
  test("has each call that failed, as it was reported", () => {
    const { logFault, lines } = open();
    const faults = [call("1"), call("2", "a text"), call("3", new Error("other"))];
    for (const fault of faults) logFault(fault);
    expect(lines()).toEqual(faults);
  });

  test("has a few lines a second for the same error, and says how many were left out", () => {
    const { logFault, lines } = open();
    const faults = Array.from({ length: 1_000 }, (_, index) => call(String(index)));
    for (const fault of faults) logFault(fault);
    expect(lines()).toEqual(faults.slice(0, 3));
    vi.advanceTimersByTime(1_000);
    expect(lines().slice(3)).toEqual([{ err: faults[0]!.err, leftOut: 997 }]);
    logFault(call("next"));
    expect(lines().at(-1)).toMatchObject({ requestId: "next" });
    vi.advanceTimersByTime(1_000);
    expect(lines()).toHaveLength(5);
  });

  test("tells errors apart by their causes", () => {
    const { logFault, lines } = open();
    for (let calls = 0; calls < 10; calls++) for (const detail of ["full", "locked"]) logFault(call("r", away(detail)));
    expect(lines()).toHaveLength(6);
    vi.advanceTimersByTime(1_000);
    expect(
      lines()
        .slice(6)
        .map(({ leftOut }) => leftOut),
    ).toEqual([7, 7]);
  });

  test("stays small where every error is another", () => {
    const { logFault, lines } = open();
    for (let calls = 0; calls < 1_000; calls++) logFault(call("r", new Error(`error ${calls}`)));
    expect(lines().length).toBeLessThan(30);
    vi.advanceTimersByTime(1_000);
    expect(lines().at(-1)).toMatchObject({ leftOut: 1_000 - 20 - 3 });
    expect(vi.getTimerCount()).toBe(0);
  });
});
