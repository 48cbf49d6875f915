import { getHeapStatistics } from "node:v8";
import { afterEach, expect, test, vi } from "vitest";
import { releaseIdleMemory } from "../../../services/process/idle-memory.ts";

afterEach(() => vi.restoreAllMocks());

const megabytes = () => getHeapStatistics().total_heap_size / 1e6;

/** Objects of about 100 MB, to be forgotten. */
const makeGarbage = () => Array.from({ length: 1_000_000 }, (_, index) => ({ index, text: `number ${index}` })).length;

/** The look at whether the process is idle, to be called by hand; it finds the event loop at work for such a share. */
function takeLook(utilization: number): () => void {
  const interval = vi.spyOn(globalThis, "setInterval").mockReturnValue({ unref: () => undefined } as never);
  vi.spyOn(performance, "eventLoopUtilization").mockReturnValue({ idle: 0, active: 0, utilization });
  releaseIdleMemory();
  return interval.mock.calls[0]![0] as () => void;
}

test("an idle process gives the heap back that it grew by", () => {
  const look = takeLook(0.001);
  look();
  const before = megabytes();
  makeGarbage();
  expect(megabytes()).toBeGreaterThan(before + 20);
  look();
  expect(megabytes()).toBeLessThan(before + 10);
});

test("a process at work keeps it", () => {
  const look = takeLook(0.5);
  makeGarbage();
  const before = megabytes();
  look();
  expect(megabytes()).toBeGreaterThanOrEqual(before);
});
