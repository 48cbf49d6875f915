import { expect, test } from "vitest";
import { until } from "../../../bench/measure/until.ts";

test("a condition is looked at until it holds", async () => {
  let looks = 0;
  expect(await until("three looks", async () => ++looks === 3)).toBeGreaterThan(0);
  expect(looks).toBe(3);
});

test("one that fails to tell ends the wait", async () => {
  await expect(until("it", () => Promise.reject(new Error("away")))).rejects.toThrow("away");
});
