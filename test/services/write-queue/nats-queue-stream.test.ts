import { jetstreamManager, type StreamConfig } from "@nats-io/jetstream";
import { beforeEach, describe, expect, test } from "vitest";
import type { NatsLink } from "../../../services/nats/nats-link.ts";
import { EpochOverError, READ_LIMIT } from "../../../services/write-queue/write-queue.ts";
import { connectFor, describeOnNats, newInstallation, openQueueAt } from "./nats-scene.ts";

const DATA = new Uint8Array([1]);
const MAX_BYTES = 1_048_576;
/** How many sequences a stream of MAX_BYTES can have given at most. */
const SKIPPED = MAX_BYTES / 32;

describeOnNats(
  "the stream in NATS",
  (nats) => {
    let link: NatsLink;
    let installation: string;
    let stream: string;

    beforeEach(async () => {
      installation = newInstallation();
      stream = `${installation}-writes`;
      link = await connectFor(nats.server.url);
    });

    const open = (persisted = 0) =>
      openQueueAt(nats.server.url, { installation, link, maxBytes: MAX_BYTES, persisted: async () => persisted });
    const streams = async () => (await jetstreamManager(link.client)).streams;

    describe("a stream", () => {
      test("keeps all on disk, however old, and takes nothing more at its limit", async () => {
        await open();
        const { config } = await (await streams()).info(stream);
        expect(config).toMatchObject({
          subjects: [`${installation}.writes`, `${installation}.epochs`],
          storage: "file",
          retention: "limits",
          discard: "new",
          max_age: 0,
          max_bytes: MAX_BYTES,
          num_replicas: 1,
          duplicate_window: 120_000_000_000,
        });
      });

      test.each<[string, Partial<StreamConfig>, RegExp]>([
        ["of another limit", { max_bytes: 5 }, /max_bytes is 5; QUEUE_BYTES_MAX says 1048576/],
        ["that drops old records", { discard: "old" as never }, /discard is "old"; it must be "new"/],
        ["that forgets with time", { max_age: 3_600_000_000_000 }, /max_age is 3600000000000; it must be 0/],
        ["that does not answer", { no_ack: true }, /no_ack is set; it must not be/],
      ])("%s is refused, with what differs and what to do", async (_, change, message) => {
        const queue = await open();
        await queue.close();
        const { config } = await (await streams()).info(stream);
        await (await streams()).update(stream, { ...config, ...change });
        const opening = open();
        await expect(opening).rejects.toThrow(message);
        await expect(opening).rejects.toThrow(`nats stream edit ${stream}`);
      });

      test("can be opened by many processes at once that find none", async () => {
        const queues = await Promise.all(
          Array.from({ length: 8 }, () => openQueueAt(nats.server.url, { installation })),
        );
        expect(await queues[0]!.append(DATA)).toBe(1);
        expect(await queues[7]!.end()).toBe(1);
      });

      test("of more replicas than the server can have is refused with what to do", async () => {
        await expect(openQueueAt(nats.server.url, { installation, link, replicas: 3 })).rejects.toThrow(
          /replicas > 1 not supported.*set NATS_REPLICAS to 1/,
        );
      });

      test("for which the server has no room is refused with what to do", async () => {
        const opening = openQueueAt(nats.server.url, { installation, link, maxBytes: 2 ** 40 });
        await expect(opening).rejects.toThrow(/max_file_store.*QUEUE_BYTES_MAX/);
      });
    });

    describe("a stream made anew", () => {
      test("begins above all that the one before can have given, and is empty until then", async () => {
        const queue = await open(500);
        expect(await queue.end()).toBe(0);
        const epoch = (await queue.beginEpoch(0))!;
        expect(epoch.epoch).toBe(500 + SKIPPED + 1);
        expect(await queue.end()).toBe(epoch.epoch);
        const [record] = await queue.read(500, READ_LIMIT, new AbortController().signal);
        expect(record!.sequence).toBe(epoch.epoch);
      });

      test("is accepted again by later processes, unless the database is older than it", async () => {
        await (await open(500)).append(DATA);
        await open(500);
        await open(500 + SKIPPED + 1);
        await expect(open(499)).rejects.toThrow("the database has taken records up to 499 only");
      });

      test("is made by the processes that run, which go on; epochs of the old one are over", async () => {
        const [one, other] = [await open(), await open()];
        const first = (await one.beginEpoch(0))!;
        await one.append(DATA, { epoch: first.epoch });
        await (await streams()).delete(stream);
        const appends = await Promise.allSettled(
          [one, other].map((queue) => queue.append(DATA, { epoch: first.epoch })),
        );
        for (const append of appends) {
          expect(append).toMatchObject({ status: "rejected", reason: expect.any(EpochOverError) });
        }
        expect(await one.currentEpoch()).toBeUndefined();
        const second = (await other.beginEpoch(0))!;
        expect(second.epoch).toBeGreaterThan(SKIPPED);
        expect(await one.append(DATA, { epoch: second.epoch })).toBe(second.epoch + 1);
      });

      test("is made by the one that asks for its end", async () => {
        const queue = await open();
        await queue.append(DATA);
        await (await streams()).delete(stream);
        expect(await queue.end()).toBe(0);
        expect(await queue.append(DATA)).toBeGreaterThan(SKIPPED);
      });
    });

    test("a check of the queue tells that a stream is missing, and makes none", async () => {
      const queue = await open();
      await queue.check();
      await (await streams()).delete(stream);
      await expect(queue.check()).rejects.toMatchObject({ cause: { message: `there is no stream ${stream} in NATS` } });
      await expect((await streams()).info(stream)).rejects.toThrow("stream not found");
    });

    test("a stream that lost its end does not get an append answered that the writer would never look at", async () => {
      const queue = await open();
      await queue.append(DATA);
      queue.persisted(1_000);
      await expect(queue.append(DATA)).rejects.toMatchObject({
        name: "QueueUnavailableError",
        cause: { message: expect.stringContaining("the stream has lost its end") },
      });
    });

    test("dead letters set aside after their stream was deleted are kept in a new one", async () => {
      const queue = await open();
      await (await streams()).delete(`${installation}-dead-letters`);
      expect(await queue.deadLetters(0, 10)).toEqual([]);
      await queue.bury({ mark: 4_096, write: DATA, reason: "too long", timeMs: 1 });
      expect(await queue.deadLetters(0, 10)).toMatchObject([{ mark: 4_096 }]);
    });
  },
  { maxFileStore: 2 ** 32 },
);
