import { jetstreamManager } from "@nats-io/jetstream";
import { beforeEach, expect, test } from "vitest";
import type { NatsWriteQueue } from "../../../services/write-queue/nats-write-queue.ts";
import { connectFor, describeOnNats, newInstallation, openQueueAt } from "./nats-scene.ts";

const RECORD = new Uint8Array(10_000);

describeOnNats("the backlog in NATS", (nats) => {
  let installation: string;
  /** The process that appends. */
  let appending: NatsWriteQueue;
  /** Another one, that neither appends nor persists. */
  let watching: NatsWriteQueue;
  /** What the database says to the one that watches. */
  let position: () => Promise<number>;

  beforeEach(async () => {
    installation = newInstallation();
    position = async () => 0;
    appending = await openQueueAt(nats.server.url, { installation });
    watching = await openQueueAt(nats.server.url, { installation, persisted: () => position() });
  });

  async function append(count: number): Promise<void> {
    for (let done = 0; done < count; done++) await appending.append(RECORD);
  }

  test("is what was stored and is not persisted, with its bytes about right", async () => {
    await append(50);
    appending.persisted(20);
    const about = expect.toSatisfy((bytes) => bytes > 290_000 && bytes < 350_000);
    expect(await appending.backlog()).toEqual({ records: 30, bytes: about });
  });

  test("is told also by a process that neither appends nor persists", async () => {
    await append(3);
    expect((await watching.backlog()).records).toBe(3);
    position = async () => 2;
    expect((await watching.backlog()).records).toBe(1);
  });

  test("grows while the database is away, or does not answer", async () => {
    position = async () => 1;
    await append(2);
    expect((await watching.backlog()).records).toBe(1);
    position = () => Promise.reject(new Error("the database is away"));
    await append(2);
    expect((await watching.backlog()).records).toBe(3);
    position = () => new Promise(() => undefined);
    await append(1);
    expect((await watching.backlog()).records).toBe(4);
  });

  test("is as it was where NATS does not have the stream, which nobody makes anew to look at it", async () => {
    await append(2);
    expect((await watching.backlog()).records).toBe(2);
    const { streams } = await jetstreamManager((await connectFor(nats.server.url)).client);
    await streams.delete(`${installation}-writes`);
    expect((await watching.backlog()).records).toBe(2);
    await expect(streams.info(`${installation}-writes`)).rejects.toThrow("stream not found");
  });

  test("of a stream that was made anew does not have the sequences that it skips", async () => {
    const other = newInstallation();
    const queue = await openQueueAt(nats.server.url, { installation: other, persisted: async () => 500 });
    expect(await queue.backlog()).toEqual({ records: 0, bytes: 0 });
    await queue.append(RECORD);
    expect((await queue.backlog()).records).toBe(1);
  });
});
