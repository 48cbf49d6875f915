import { randomUUID } from "node:crypto";
import { jetstreamManager } from "@nats-io/jetstream";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import type { NatsWriteQueue } from "../../../services/write-queue/nats-write-queue.ts";
import { QueueUnavailableError, READ_LIMIT } from "../../../services/write-queue/write-queue.ts";
import { TcpProxy } from "../../faults/tcp-proxy.ts";
import { connectFor, describeOnNats, newInstallation, openQueueAt } from "./nats-scene.ts";

describeOnNats(
  "readers of NATS",
  (nats) => {
    let installation: string;
    let queue: NatsWriteQueue;

    beforeEach(async () => {
      installation = newInstallation();
      queue = await openQueueAt(nats.server.url, { installation });
    });

    /** Follows a queue until a record with this sequence came; failures are tried again. The sequences read, in order. */
    async function follow(from: NatsWriteQueue, until: number): Promise<number[]> {
      const sequences: number[] = [];
      while ((sequences.at(-1) ?? 0) < until) {
        const read = from.read(sequences.at(-1) ?? 0, READ_LIMIT, new AbortController().signal);
        const records = await read.catch((error) => {
          expect(error).toBeInstanceOf(QueueUnavailableError);
          return [];
        });
        sequences.push(...records.map(({ sequence }) => sequence));
      }
      return sequences;
    }

    async function appendMany(count: number): Promise<void> {
      const appends = Array.from({ length: count }, (_, index) => queue.append(new Uint8Array(index % 2_000)));
      await Promise.all(appends);
    }

    const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1);

    async function countConsumers(): Promise<number> {
      const manager = await jetstreamManager((await connectFor(nats.server.url)).client);
      return (await manager.streams.info(`${installation}-writes`)).state.consumer_count;
    }

    test("several followers of a process each go on with a consumer of their own", async () => {
      const followers = [1, 2, 3].map(() => follow(queue, 600));
      for (let round = 0; round < 3; round++) await appendMany(200);
      for (const sequences of await Promise.all(followers)) expect(sequences).toEqual(upTo(600));
      expect(await countConsumers()).toBe(3);
    });

    test("who reads from ever new places leaves few consumers behind, and a closed queue none", async () => {
      await appendMany(50);
      for (let after = 0; after < 40; after++) {
        await queue.read(after, { records: 2, bytes: 1 }, new AbortController().signal);
      }
      await expect.poll(countConsumers).toBeLessThanOrEqual(8);
      await queue.close();
      await expect.poll(countConsumers).toBe(0);
    });

    test("records larger than what is asked for at a time come alone", async () => {
      const sizes = [10, 5_000_000, 10, 6_000_000, 5_000_000, 10];
      for (const size of sizes) await queue.append(new Uint8Array(size));
      let last = 0;
      for (const size of sizes) {
        const [record] = await queue.read(last, { records: 1, bytes: 1 }, new AbortController().signal);
        expect(record!.data.byteLength).toBe(size);
        last = record!.sequence;
      }
    });

    test("a follower misses nothing over lost answers, cuts and a kill of the server", async () => {
      const proxy = await TcpProxy.open(nats.server.port);
      onTestFinished(() => proxy.close());
      const behind = await openQueueAt(`nats://127.0.0.1:${proxy.port}`, { installation });
      const followed = follow(behind, 1_000);
      await appendMany(200);
      proxy.cut();
      await appendMany(200);
      proxy.dropAnswers();
      await appendMany(200);
      proxy.passAnswers();
      await appendMany(200);
      await nats.server.kill();
      const afterKill = appendMany(200);
      await nats.server.start();
      await afterKill;
      expect(await followed).toEqual(upTo(1_000));
    });

    test("a waiting read ends as unavailable where the stream is deleted, and the next one reads the new stream", async () => {
      await queue.append(new Uint8Array(1));
      const waiting = queue.read(1, READ_LIMIT, new AbortController().signal);
      const deleted = expect(waiting).rejects.toThrow(QueueUnavailableError);
      const manager = await jetstreamManager((await connectFor(nats.server.url)).client);
      await expect.poll(countConsumers).toBe(1);
      await manager.streams.delete(`${installation}-writes`);
      await deleted;
      const next = queue.read(1, READ_LIMIT, new AbortController().signal);
      const sequence = await queue.append(new Uint8Array(2), { id: randomUUID() });
      expect((await next).map((record) => record.sequence)).toEqual([sequence]);
    });

    test("a read that waits ends as unavailable where the queue is closed", async () => {
      const waiting = queue.read(0, READ_LIMIT, new AbortController().signal);
      const closed = expect(waiting).rejects.toThrow(QueueUnavailableError);
      await queue.close();
      await closed;
    });
  },
  { settings: ["max_payload: 8MB"] },
);
