import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { describe, expect, onTestFinished, test } from "vitest";
import {
  QueueFullError,
  QueueUnavailableError,
  type ReadLimit,
  type WriteQueue,
} from "../../../services/write-queue/write-queue.ts";

/** How a queue is opened. */
export type QueueOptions = {
  /** The sequence up to which the database has taken records. Default 0. */
  persisted?: number;
  /** Default: plenty. */
  maxBytes?: number;
};

/** A place for one queue, empty at first. */
export type QueuePlace = {
  /** Opens the queue, with what was stored before. */
  open(options?: QueueOptions): Promise<WriteQueue>;
  /** The dead letters, by their marks. */
  deadLetters(): Promise<{ mark: number; reason: string }[]>;
};

const NEVER = new AbortController().signal;
const PLENTY: ReadLimit = { records: 1_000, bytes: 1_000_000 };
const bytesOf = (text: string) => new TextEncoder().encode(text);
const textOf = (data: Uint8Array) => new TextDecoder().decode(data);

/** What is after a sequence, as texts. Waits where there is nothing. */
async function readTexts(queue: WriteQueue, after: number, limit = PLENTY): Promise<string[]> {
  return (await queue.read(after, limit, NEVER)).map(({ data }) => textOf(data));
}

/** Opens a queue that is closed when the test is over. */
async function openQueue(place: QueuePlace, options?: QueueOptions): Promise<WriteQueue> {
  const queue = await place.open(options);
  onTestFinished(() => queue.close());
  return queue;
}

/**
 * What every adapter of WriteQueue must do.
 *
 * @param createPlace gives a new place for a queue; called within a test
 */
export function describeWriteQueue(adapter: string, createPlace: () => Promise<QueuePlace>): void {
  describe(`write queue: ${adapter}`, () => {
    const openNew = async (options?: QueueOptions) => openQueue(await createPlace(), options);

    describe("stores records", () => {
      test("under sequences from 1, in the order of the calls", async () => {
        const queue = await openNew();
        expect(await queue.end()).toBe(0);
        const sequences = await Promise.all(["a", "b", "c"].map((text) => queue.append(bytesOf(text))));
        expect(sequences).toEqual([1, 2, 3]);
        expect(await queue.end()).toBe(3);
        expect(await queue.read(0, PLENTY, NEVER)).toEqual([
          { sequence: 1, data: bytesOf("a") },
          { sequence: 2, data: bytesOf("b") },
          { sequence: 3, data: bytesOf("c") },
        ]);
      });

      test("with their bytes unchanged, whatever they are", async () => {
        const queue = await openNew();
        await fc.assert(
          fc.asyncProperty(fc.uint8Array({ maxLength: 2_000 }), async (data) => {
            const sequence = await queue.append(data);
            const [record] = await queue.read(sequence - 1, PLENTY, NEVER);
            expect(Buffer.from(record!.data).equals(data)).toBe(true);
          }),
          { numRuns: 30 },
        );
      });

      test("once under an id, also where the appends overlap", async () => {
        const queue = await openNew();
        const id = randomUUID();
        const overlapping = await Promise.all([1, 2, 3].map(() => queue.append(bytesOf("a"), id)));
        expect(new Set(overlapping).size).toBe(1);
        await queue.append(bytesOf("b"));
        expect(await queue.append(bytesOf("a"), id)).toBe(overlapping[0]);
        expect(await readTexts(queue, 0)).toEqual(["a", "b"]);
        expect(queue.backlog()).toEqual({ records: 2, bytes: 2 });
      });
    });

    describe("reads", () => {
      test("from any position, at most as many records and bytes as asked for, and at least one", async () => {
        const queue = await openNew();
        const texts = Array.from({ length: 20 }, (_, index) => `record ${index + 1}`);
        for (const text of texts) await queue.append(bytesOf(text));
        queue.persisted(12);
        await fc.assert(
          fc.asyncProperty(
            fc.integer({ min: 0, max: 19 }),
            fc.integer({ min: 1, max: 30 }),
            fc.integer({ min: 0, max: 150 }),
            async (after, records, bytes) => {
              const expected: string[] = [];
              let size = 0;
              for (const text of texts.slice(after, after + records)) {
                size += text.length;
                if (expected.length > 0 && size > bytes) break;
                expected.push(text);
              }
              expect(await readTexts(queue, after, { records, bytes })).toEqual(expected);
            },
          ),
        );
      });

      test("wait for the next record, each reader for its own", async () => {
        const queue = await openNew();
        const first = readTexts(queue, 0);
        const second = readTexts(queue, 1);
        await queue.append(bytesOf("a"));
        expect(await first).toEqual(["a"]);
        await queue.append(bytesOf("b"));
        expect(await second).toEqual(["b"]);
      });

      test("end empty where the signal aborts, before or while they wait", async () => {
        const queue = await openNew();
        expect(await queue.read(0, PLENTY, AbortSignal.abort())).toEqual([]);
        const stop = new AbortController();
        const waiting = queue.read(0, PLENTY, stop.signal);
        stop.abort();
        expect(await waiting).toEqual([]);
      });

      test("wait too where all up to the end is trimmed", async () => {
        const queue = await openNew();
        await queue.append(bytesOf("a"));
        queue.persisted(1);
        expect(await queue.trim(Date.now() + 1_000)).toBe(1);
        const waiting = readTexts(queue, 0);
        await queue.append(bytesOf("b"));
        expect(await waiting).toEqual(["b"]);
      });
    });

    describe("is bounded", () => {
      test("by the bytes that wait to be persisted, and takes more once they are", async () => {
        const queue = await openNew({ maxBytes: 10 });
        await queue.append(bytesOf("12345"));
        await queue.append(bytesOf("12345"));
        await expect(queue.append(bytesOf("1"))).rejects.toThrow(QueueFullError);
        expect(await queue.end()).toBe(2);
        expect(queue.backlog()).toEqual({ records: 2, bytes: 10 });
        queue.persisted(1);
        expect(queue.backlog()).toEqual({ records: 1, bytes: 5 });
        expect(await queue.append(bytesOf("67890"))).toBe(3);
        await expect(queue.append(bytesOf("1"))).rejects.toThrow(QueueFullError);
      });

      test("also while appends overlap", async () => {
        const queue = await openNew({ maxBytes: 10 });
        const appends = await Promise.allSettled(Array.from({ length: 20 }, () => queue.append(bytesOf("123"))));
        expect(appends.filter(({ status }) => status === "fulfilled")).toHaveLength(3);
        expect(queue.backlog()).toEqual({ records: 3, bytes: 9 });
      });

      test("and knows after a reopening what waits", async () => {
        const place = await createPlace();
        const first = await place.open();
        for (const text of ["12345", "12345", "12345"]) await first.append(bytesOf(text));
        await first.close();
        const second = await openQueue(place, { persisted: 1, maxBytes: 12 });
        expect(second.backlog()).toEqual({ records: 2, bytes: 10 });
        await expect(second.append(bytesOf("123"))).rejects.toThrow(QueueFullError);
        second.persisted(3);
        expect(second.backlog()).toEqual({ records: 0, bytes: 0 });
      });
    });

    describe("keeps", () => {
      test("its records, sequences and ids over a reopening", async () => {
        const place = await createPlace();
        const first = await place.open();
        await first.append(bytesOf("a"), "id-a");
        await first.append(bytesOf("b"));
        await first.close();
        const second = await openQueue(place);
        expect(await second.end()).toBe(2);
        expect(await second.append(bytesOf("a"), "id-a")).toBe(1);
        expect(await second.append(bytesOf("c"))).toBe(3);
        expect(await readTexts(second, 0)).toEqual(["a", "b", "c"]);
        expect(await readTexts(second, 1, { ...PLENTY, records: 1 })).toEqual(["b"]);
      });

      test("records that are not persisted, however old", async () => {
        const queue = await openNew();
        for (const text of ["a", "b", "c"]) await queue.append(bytesOf(text));
        const later = Date.now() + 3_600_000;
        expect(await queue.trim(later)).toBe(0);
        queue.persisted(2);
        queue.persisted(1);
        expect(await queue.trim(later)).toBe(2);
        expect(await queue.trim(later)).toBe(0);
        expect(await readTexts(queue, 0)).toEqual(["c"]);
      });

      test("persisted records that are young", async () => {
        const queue = await openNew();
        await queue.append(bytesOf("a"));
        queue.persisted(1);
        expect(await queue.trim(Date.now() - 60_000)).toBe(0);
        expect(await readTexts(queue, 0)).toEqual(["a"]);
      });

      test("rising sequences where all records were trimmed before a reopening", async () => {
        const place = await createPlace();
        const first = await place.open();
        await first.append(bytesOf("a"));
        await first.append(bytesOf("b"));
        first.persisted(2);
        await first.trim(Date.now() + 1_000);
        await first.close();
        const second = await openQueue(place, { persisted: 2 });
        expect(await second.end()).toBe(2);
        expect(await second.append(bytesOf("c"))).toBe(3);
      });

      test("thousands of records, and trims them all", async () => {
        const queue = await openNew();
        const appends = Array.from({ length: 2_500 }, () => queue.append(bytesOf("x")));
        expect((await Promise.all(appends)).at(-1)).toBe(2_500);
        queue.persisted(2_500);
        expect(await queue.trim(Date.now() + 1_000)).toBe(2_500);
      });

      test("dead letters, once a mark", async () => {
        const place = await createPlace();
        const queue = await openQueue(place);
        const letter = { mark: 4_096, write: bytesOf("x"), reason: "first", timeMs: 1 };
        await queue.bury(letter);
        await queue.bury({ ...letter, reason: "second" });
        await queue.bury({ ...letter, mark: 4_097 });
        await queue.close();
        expect(await place.deadLetters()).toEqual([
          { mark: 4_096, reason: "first" },
          { mark: 4_097, reason: "first" },
        ]);
      });
    });

    test("is refused where it ends before what the database has taken", async () => {
      const place = await createPlace();
      const first = await place.open();
      await first.append(bytesOf("a"));
      await first.close();
      await expect(place.open({ persisted: 2 })).rejects.toThrow("ends at record 1");
      await openQueue(place, { persisted: 1 });
    });

    test("is refused where it begins after what the database has taken: what lies between is lost to it", async () => {
      const place = await createPlace();
      const first = await place.open();
      for (const text of ["a", "b", "c"]) await first.append(bytesOf(text));
      first.persisted(2);
      expect(await first.trim(Date.now() + 3_600_000)).toBe(2);
      await first.close();
      await expect(place.open({ persisted: 1 })).rejects.toThrow("begins at record 3");
      await openQueue(place, { persisted: 2 });
    });

    test("can be closed more than once, and takes nothing afterwards", async () => {
      const queue = await openNew();
      await Promise.all([queue.close(), queue.close()]);
      await queue.close();
      await expect(queue.append(bytesOf("a"))).rejects.toThrow(QueueUnavailableError);
      expect(queue.backlog()).toEqual({ records: 0, bytes: 0 });
    });
  });
}
