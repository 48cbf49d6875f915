import { ConnectionError, DatabaseError } from "sequelize";
import { expect, onTestFinished, test, vi } from "vitest";
import { ifKnown } from "../../../services/facts/soon.ts";
import { storeUnavailable } from "../../../services/rpc/errors.ts";
import { QueueUnavailableError } from "../../../services/write-queue/write-queue.ts";
import { openStores } from "../stores.ts";

const faultOfMysql = (message: string, sqlState?: string) =>
  new DatabaseError(Object.assign(new Error(message), { sql: "", sqlState }));

test("what there is another way without is had at once where it is known", async () => {
  expect(ifKnown(7)).toBe(7);
  expect(await ifKnown(Promise.resolve(7))).toBe(7);
});

test.each([
  new ConnectionError(new Error("refused")),
  faultOfMysql("the connection was lost"),
  faultOfMysql("the server shuts down", "08S01"),
  storeUnavailable("the database", undefined),
  new QueueUnavailableError(new Error("closed")),
])("it is not had while a store is away: %s", async (error) => {
  expect(await ifKnown(Promise.reject(error))).toBeUndefined();
});

test("it is not had where it does not come in time", async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const known = ifKnown(new Promise<number>(() => undefined));
  await vi.advanceTimersByTimeAsync(1_000);
  expect(await known).toBeUndefined();
});

test("a fault of the code, or of a statement, is one", async () => {
  for (const error of [new TypeError("not a function"), faultOfMysql("unknown column", "42S22")]) {
    await expect(ifKnown(Promise.reject(error))).rejects.toBe(error);
  }
  const { database, close } = await openStores();
  onTestFinished(close);
  const asked = database.sequelize.query("SELECT nothing FROM users").then(() => undefined);
  await expect(ifKnown(asked)).rejects.toThrow("nothing");
});
