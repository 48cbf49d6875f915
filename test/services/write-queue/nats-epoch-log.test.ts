import { beforeEach, expect, test } from "vitest";
import type { NatsWriteQueue } from "../../../services/write-queue/nats-write-queue.ts";
import { EpochOverError } from "../../../services/write-queue/write-queue.ts";
import { describeOnNats, fillQueue, newInstallation, openQueueAt } from "./nats-scene.ts";

const UUID = /^[0-9a-f-]{36}$/;
const DATA = new Uint8Array([1]);

describeOnNats("epochs in NATS", (nats) => {
  let installation: string;
  let one: NatsWriteQueue;
  let other: NatsWriteQueue;

  beforeEach(async () => {
    installation = newInstallation();
    one = await openQueueAt(nats.server.url, { installation });
    other = await openQueueAt(nats.server.url, { installation });
  });

  test("there is no epoch before the first; then every process sees it as a record of the queue", async () => {
    expect(await one.currentEpoch()).toBeUndefined();
    await one.append(DATA);
    const epoch = await one.beginEpoch(0);
    expect(epoch).toEqual({ epoch: 2, life: expect.stringMatching(UUID) });
    expect(await other.currentEpoch()).toEqual(epoch);
    expect(await other.end()).toBe(2);
  });

  test("an epoch for which there is no room is not begun, and it is said what to do", async () => {
    const options = { installation: newInstallation(), maxBytes: 1_048_576 };
    const full = await openQueueAt(nats.server.url, options);
    await fillQueue(full);
    await expect(full.beginEpoch(0)).rejects.toMatchObject({
      name: "QueueUnavailableError",
      cause: { message: expect.stringMatching(/no room .* see that a writer runs .* raise QUEUE_BYTES_MAX$/) },
    });
    expect(await full.currentEpoch()).toBeUndefined();
  });

  test("one process wins each epoch, the others learn that they did not", async () => {
    for (let after = 0, round = 0; round < 20; round++) {
      const begun = await Promise.all([one.beginEpoch(after), other.beginEpoch(after), one.beginEpoch(after)]);
      const won = begun.filter((epoch) => epoch !== undefined);
      expect(won).toHaveLength(1);
      expect(await other.currentEpoch()).toEqual(won[0]);
      after = won[0]!.epoch;
    }
  });

  test("no record of an epoch is stored once the next has begun, however many are under way", async () => {
    const first = (await one.beginEpoch(0))!;
    const appends = Promise.allSettled(Array.from({ length: 200 }, () => one.append(DATA, { epoch: first.epoch })));
    const second = (await other.beginEpoch(first.epoch))!;
    const late = Array.from({ length: 20 }, () => one.append(DATA, { epoch: first.epoch }));
    for (const outcome of await appends) {
      if (outcome.status === "fulfilled") expect(outcome.value).toBeLessThan(second.epoch);
      else expect(outcome.reason).toBeInstanceOf(EpochOverError);
    }
    for (const outcome of await Promise.allSettled(late)) {
      expect(outcome).toMatchObject({ status: "rejected", reason: expect.any(EpochOverError) });
    }
    expect(await one.append(DATA, { epoch: second.epoch })).toBeGreaterThan(second.epoch);
  });

  test("an epoch that was never begun is over, and records without one are stored in any", async () => {
    await expect(one.append(DATA, { epoch: 7 })).rejects.toThrow(EpochOverError);
    const { epoch } = (await one.beginEpoch(0))!;
    await expect(one.append(DATA, { epoch: 7 })).rejects.toThrow(EpochOverError);
    expect(await one.append(DATA)).toBe(epoch + 1);
  });

  test("the epoch stays when all records before and after it are trimmed, and over a kill of the server", async () => {
    await one.append(DATA);
    const epoch = (await one.beginEpoch(0))!;
    const last = await one.append(DATA, { epoch: epoch.epoch });
    one.persisted(last);
    expect(await one.trim(Date.now() + 1_000)).toBe(2);
    await nats.server.kill();
    await nats.server.start();
    await expect.poll(() => one.currentEpoch().catch(() => undefined)).toEqual(epoch);
    expect(await one.end()).toBe(last);
    expect(await one.append(DATA, { epoch: epoch.epoch })).toBe(last + 1);
  });
});
