import { expect, test } from "vitest";
import { SharedCall } from "../../../services/process/shared-call.ts";

/** A shared call whose calls the test ends. */
function createScene() {
  const calls: PromiseWithResolvers<number>[] = [];
  const shared = new SharedCall(() => {
    const call = Promise.withResolvers<number>();
    calls.push(call);
    return call.promise;
  });
  return { calls, shared };
}

test("who asks while a call is under way shares the next one, not that one", async () => {
  const { calls, shared } = createScene();
  const first = shared.ask();
  const [second, third] = [shared.ask(), shared.ask()];
  expect(calls).toHaveLength(1);
  calls[0]!.resolve(1);
  expect(await first).toBe(1);
  await expect.poll(() => calls.length).toBe(2);
  const fourth = shared.ask();
  calls[1]!.resolve(2);
  expect(await Promise.all([second, third])).toEqual([2, 2]);
  await expect.poll(() => calls.length).toBe(3);
  calls[2]!.resolve(3);
  expect(await fourth).toBe(3);
});

test("a call begins at once where none is under way", async () => {
  const { calls, shared } = createScene();
  for (const expected of [1, 2]) {
    const asked = shared.ask();
    expect(calls).toHaveLength(expected);
    calls.at(-1)!.resolve(expected);
    expect(await asked).toBe(expected);
  }
});

test("a failure is that of those who shared the call, not of those who come next", async () => {
  const { calls, shared } = createScene();
  const [first, second] = [shared.ask(), shared.ask()];
  calls[0]!.reject(new Error("away"));
  await expect(first).rejects.toThrow("away");
  await expect.poll(() => calls.length).toBe(2);
  calls[1]!.resolve(2);
  expect(await second).toBe(2);
});
