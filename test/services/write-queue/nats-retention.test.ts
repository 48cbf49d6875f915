import { expect, test } from "vitest";
import type { NatsWriteQueue } from "../../../services/write-queue/nats-write-queue.ts";
import { QueueFullError, type QueueRecord } from "../../../services/write-queue/write-queue.ts";
import { describeOnNats, newInstallation, openQueueAt } from "./nats-scene.ts";

const MAX_BYTES = 1_048_576;
const RECORD = new Uint8Array(10_000);
/** More records than fit. */
const MANY = 200;

describeOnNats("what NATS keeps", (nats) => {
  /** A queue in which the first record is that of an epoch. */
  async function openWithEpoch(persisted = async () => 0): Promise<NatsWriteQueue> {
    const options = { installation: newInstallation(), maxBytes: MAX_BYTES, persisted };
    const queue = await openQueueAt(nats.server.url, options);
    await queue.beginEpoch(0);
    return queue;
  }

  /** Whether a record was stored; false where the queue is full. */
  async function appendIfRoom(queue: NatsWriteQueue): Promise<boolean> {
    const outcome = await queue.append(RECORD).catch((error) => error);
    if (typeof outcome !== "number") expect(outcome).toBeInstanceOf(QueueFullError);
    return typeof outcome === "number";
  }

  async function readUpTo(queue: NatsWriteQueue, last: number): Promise<number[]> {
    const records: QueueRecord[] = [];
    while ((records.at(-1)?.sequence ?? 0) < last) {
      const limit = { records: 100, bytes: MAX_BYTES };
      records.push(...(await queue.read(records.at(-1)?.sequence ?? 0, limit, new AbortController().signal)));
    }
    return records.map(({ sequence }) => sequence);
  }

  test("records go on through a nearly full stream as they are persisted; what is young and persisted stays", async () => {
    const queue = await openWithEpoch();
    const epoch = await queue.currentEpoch();
    for (let count = 0; count < MANY; count++) {
      await expect.poll(() => appendIfRoom(queue), { interval: 20 }).toBe(true);
      queue.persisted((await queue.end()) - 5);
    }
    const kept = await readUpTo(queue, await queue.end());
    expect(kept[0]).toBe(1);
    expect(kept.length).toBeGreaterThan(50);
    expect(kept.slice(1)).toEqual(kept.slice(1).map((_, index) => kept[1]! + index));
    expect(await queue.currentEpoch()).toEqual(epoch);
  });

  test("no room is made of what is not persisted", async () => {
    const queue = await openWithEpoch();
    const appends = await Promise.allSettled(Array.from({ length: MANY }, () => queue.append(RECORD)));
    const stored = appends.filter(({ status }) => status === "fulfilled").length;
    queue.persisted(4);
    await expect.poll(() => appendIfRoom(queue)).toBe(true);
    expect(await queue.end()).toBeGreaterThan(stored);
    const kept = await readUpTo(queue, await queue.end());
    expect(kept.slice(0, 3)).toEqual([1, 5, 6]);
  });

  test("a trim asks the database how far it is, in a process that does not write", async () => {
    let persisted = 0;
    const queue = await openWithEpoch(async () => persisted);
    for (let count = 0; count < 5; count++) await queue.append(RECORD);
    persisted = 3;
    expect(await queue.trim(Date.now() + 1_000)).toBe(2);
    expect(await readUpTo(queue, 6)).toEqual([1, 4, 5, 6]);
  });
});
