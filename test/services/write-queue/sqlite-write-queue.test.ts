import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { openSqliteWriteQueue } from "../../../services/write-queue/sqlite-write-queue.ts";
import { QueueFullError } from "../../../services/write-queue/write-queue.ts";
import { temporaryFolder } from "../../temporary-folder.ts";
import { describeWriteQueue, type QueuePlace } from "./write-queue-contract.ts";

const PLENTY = 100_000_000;
const LIMIT = { records: 100, bytes: 1_000_000_000 };
const NEVER = new AbortController().signal;

async function createPlace(): Promise<QueuePlace & { path: string }> {
  const path = join(await temporaryFolder(), "queue.sqlite");
  return {
    path,
    open: ({ persisted = 0, maxBytes = PLENTY } = {}) =>
      openSqliteWriteQueue({ path, persisted: async () => persisted, maxBytes }),
  };
}

describeWriteQueue("SQLite", createPlace);

describe("SQLite write queue", () => {
  test("is locked while it is open: another opening is busy", async () => {
    const place = await createPlace();
    const first = await place.open();
    await expect(place.open()).rejects.toMatchObject({ code: "SQLITE_BUSY" });
    await first.append(new Uint8Array([1]));
    await first.close();
    const second = await place.open();
    onTestFinished(() => second.close());
    expect(await second.end()).toBe(1);
  });

  test("is not left open where the database's position cannot be had", async () => {
    const { path, open } = await createPlace();
    const persisted = () => Promise.reject(new Error("the database is away"));
    await expect(openSqliteWriteQueue({ path, persisted, maxBytes: 1 })).rejects.toThrow("the database is away");
    const queue = await open();
    await queue.close();
  });

  test("counts the bytes that wait to the last one", async () => {
    const { open } = await createPlace();
    const queue = await open({ maxBytes: 10 });
    onTestFinished(() => queue.close());
    await queue.append(new Uint8Array(5));
    await queue.append(new Uint8Array(5));
    await expect(queue.append(new Uint8Array(1))).rejects.toThrow(QueueFullError);
    expect(await queue.backlog()).toEqual({ records: 2, bytes: 10 });
    queue.persisted(1);
    expect(await queue.backlog()).toEqual({ records: 1, bytes: 5 });
    await queue.append(new Uint8Array(5));
    await expect(queue.append(new Uint8Array(1))).rejects.toThrow(QueueFullError);
  });

  test("hands records on from the file where memory holds too many of them", async () => {
    const { open } = await createPlace();
    const queue = await open({ maxBytes: 200_000_000 });
    onTestFinished(() => queue.close());
    const data = new Uint8Array(10_000_000);
    for (let record = 1; record <= 9; record++) await queue.append(data);
    const read = await queue.read(0, LIMIT, NEVER);
    expect(read.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    const rest = await queue.read(7, LIMIT, NEVER);
    expect(rest.map(({ sequence }) => sequence)).toEqual([8, 9]);
  });
});
