import { DatabaseError } from "sequelize";
import { expect, test, vi } from "vitest";
import { retryDeadlock } from "../../../services/database/retry-deadlock.ts";

const databaseError = (code: string) => new DatabaseError(Object.assign(new Error(code), { code, sql: "" }));

test("work that was undone for a deadlock is done again", async () => {
  const work = vi.fn().mockRejectedValueOnce(databaseError("ER_LOCK_DEADLOCK")).mockResolvedValueOnce("done");
  expect(await retryDeadlock(work)).toBe("done");
});

test("work that cannot be done is given up", async () => {
  const work = vi.fn().mockRejectedValue(databaseError("ER_LOCK_DEADLOCK"));
  await expect(retryDeadlock(work)).rejects.toThrow("ER_LOCK_DEADLOCK");
  expect(work).toHaveBeenCalledTimes(5);
});

test.each([databaseError("ER_LOCK_WAIT_TIMEOUT"), new Error("anything")])("%s is not a deadlock", async (error) => {
  const work = vi.fn().mockRejectedValue(error);
  await expect(retryDeadlock(work)).rejects.toBe(error);
  expect(work).toHaveBeenCalledTimes(1);
});
