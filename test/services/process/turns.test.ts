import { expect, test } from "vitest";
import { Turns } from "../../../services/process/turns.ts";

test("work is done one at a time, in the order of asking, also after a failure", async () => {
  const turns = new Turns();
  const first = Promise.withResolvers<string>();
  const order: string[] = [];
  const work = (name: string, done: Promise<string>) => async () => {
    order.push(name);
    return done;
  };
  const results = [
    turns.take(work("a", first.promise)),
    turns.take(work("b", Promise.reject(new Error("b failed")))),
    turns.take(work("c", Promise.resolve("c"))),
  ];
  const settled = Promise.allSettled(results);
  await Promise.resolve();
  expect(order).toEqual(["a"]);
  first.resolve("a");
  expect(await settled).toMatchObject([{ value: "a" }, { status: "rejected" }, { value: "c" }]);
  expect(order).toEqual(["a", "b", "c"]);
});

test("work that was given up before its turn is not done", async () => {
  const turns = new Turns();
  const first = Promise.withResolvers<void>();
  const caller = new AbortController();
  let done = false;
  const running = turns.take(() => first.promise);
  const waiting = turns.take(async () => {
    done = true;
  }, caller.signal);
  caller.abort(new Error("gone"));
  first.resolve();
  await running;
  await expect(waiting).rejects.toThrow("gone");
  expect(done).toBe(false);
});
