import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import type { Arrival } from "../../../bench/load/arrivals.ts";
import { runArrivals } from "../../../bench/load/open-loop.ts";

const STALL_MS = 120;
const at = (atMs: number): Arrival => ({ atMs, user: 1, kind: "get", chat: 1 });
const kinds = ["get", "list", "create"] as const;
const kindOf = ({ kind }: Arrival) => kind;

describe("an open loop", () => {
  test("sends calls at their times while others wait for their answers", async () => {
    let [underWay, most] = [0, 0];
    const call = async () => {
      most = Math.max(most, ++underWay);
      await delay(STALL_MS);
      underWay--;
    };
    const { timesMs, errors } = await runArrivals([at(0), at(5), at(10)], Date.now(), { call, kinds, kindOf });
    expect([most, errors]).toEqual([3, []]);
    expect(timesMs.get.every((ms) => ms >= STALL_MS - 2)).toBe(true);
    expect([timesMs.get.length, timesMs.list, timesMs.create]).toEqual([3, [], []]);
  });

  test("counts from the scheduled time: what stands still meanwhile is part of every call that it delays", async () => {
    let isFirst = true;
    const call = async () => {
      if (isFirst) for (const end = performance.now() + STALL_MS; performance.now() < end; );
      isFirst = false;
    };
    const { timesMs, lagsMs } = await runArrivals([at(0), at(10), at(20)], Date.now(), { call, kinds, kindOf });
    const [, second, third] = timesMs.get as [number, number, number];
    expect(second).toBeGreaterThan(STALL_MS - 20);
    expect(third).toBeGreaterThan(STALL_MS - 30);
    expect(lagsMs[1]).toBeGreaterThan(STALL_MS - 20);
  });

  test("tells of calls that fail, and goes on", async () => {
    const call = async ({ atMs }: Arrival) => {
      if (atMs === 0) throw new Error("refused");
    };
    const { timesMs, errors } = await runArrivals([at(0), at(1)], Date.now(), { call, kinds, kindOf });
    expect([errors, timesMs.get.length]).toEqual([["refused"], 1]);
  });
});
