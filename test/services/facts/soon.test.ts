import { expect, test } from "vitest";
import { ifKnown } from "../../../services/facts/soon.ts";

test("what there is another way without is had at once where it is known, and not had where it cannot be", async () => {
  expect(ifKnown(7)).toBe(7);
  expect(await ifKnown(Promise.resolve(7))).toBe(7);
  expect(await ifKnown(Promise.reject(new Error("the database is away")))).toBeUndefined();
  expect(await ifKnown(new Promise<number>(() => undefined))).toBeUndefined();
});
