import { describe, expect, test } from "vitest";
import { unlessAborted } from "../../../services/process/unless-aborted.ts";

describe("a promise that is waited for unless the signal aborts", () => {
  test("settles as it does", async () => {
    const { signal } = new AbortController();
    expect(await unlessAborted(Promise.resolve(7), signal)).toBe(7);
    await expect(unlessAborted(Promise.reject(new Error("failed")), signal)).rejects.toThrow("failed");
  });

  test("is given up with the signal's reason, before or while it is waited for", async () => {
    const stop = new AbortController();
    const waiting = unlessAborted(new Promise(() => undefined), stop.signal);
    stop.abort(new Error("gave up"));
    await expect(waiting).rejects.toThrow("gave up");
    await expect(unlessAborted(Promise.resolve(7), stop.signal)).rejects.toThrow("gave up");
  });
});
