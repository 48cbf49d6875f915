import { describe, expect, test } from "vitest";
import { inTime, LateError } from "../../../services/process/in-time.ts";

describe("a promise that is waited for some time", () => {
  test("settles as it does", async () => {
    expect(await inTime(Promise.resolve(7), 60_000)).toBe(7);
    await expect(inTime(Promise.reject(new Error("failed")), 60_000)).rejects.toThrow("failed");
  });

  test("is given up where that takes longer, whatever becomes of it", async () => {
    const { promise, reject } = Promise.withResolvers<never>();
    await expect(inTime(promise, 5)).rejects.toThrow(new LateError(5));
    reject(new Error("nobody hears of it"));
  });
});
