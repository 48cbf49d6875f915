import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { describe, expect, onTestFinished, test } from "vitest";
import {
  type DeadLetter,
  QueueFullError,
  type QueueRecord,
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
};

const NEVER = new AbortController().signal;
const PLENTY: ReadLimit = { records: 1_000, bytes: 1_000_000 };
const bytesOf = (text: string) => new TextEncoder().encode(text);
const textOf = (data: Uint8Array) => new TextDecoder().decode(data);

/** So many records after a sequence, in as many reads as it takes. Waits where there are fewer. */
async function readAll(queue: WriteQueue, after: number, count: number): Promise<QueueRecord[]> {
  const records: QueueRecord[] = [];
  while (records.length < count) {
    const limit = { ...PLENTY, records: count - records.length };
    records.push(...(await queue.read(records.at(-1)?.sequence ?? after, limit, NEVER)));
  }
  return records;
}

/** The texts of so many records after a sequence. */
async function readTexts(queue: WriteQueue, after: number, count: number): Promise<string[]> {
  return (await readAll(queue, after, count)).map(({ data }) => textOf(data));
}

/** Letters without the classes of their bytes. */
function toPlain(letters: readonly DeadLetter[]): DeadLetter[] {
  return letters.map((letter) => ({ ...letter, write: Uint8Array.from(letter.write) }));
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
        const records = await readAll(queue, 0, 3);
        expect(records.map(({ sequence, data }) => [sequence, textOf(data)])).toEqual([
          [1, "a"],
          [2, "b"],
          [3, "c"],
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
        const overlapping = await Promise.all([1, 2, 3].map(() => queue.append(bytesOf("a"), { id })));
        expect(new Set(overlapping).size).toBe(1);
        await queue.append(bytesOf("b"));
        expect(await queue.append(bytesOf("a"), { id })).toBe(overlapping[0]);
        expect(await readTexts(queue, 0, 2)).toEqual(["a", "b"]);
        expect((await queue.backlog()).records).toBe(2);
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
              const read = (await queue.read(after, { records, bytes }, NEVER)).map(({ data }) => textOf(data));
              expect(read.length).toBeGreaterThan(0);
              expect(read).toEqual(expected.slice(0, read.length));
            },
          ),
        );
      });

      test("wait for the next record, each reader for its own", async () => {
        const queue = await openNew();
        const first = readTexts(queue, 0, 1);
        const second = readTexts(queue, 1, 1);
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
        const waiting = readTexts(queue, 0, 1);
        await queue.append(bytesOf("b"));
        expect(await waiting).toEqual(["b"]);
      });
    });

    describe("is bounded", () => {
      const record = new Uint8Array(100_000);
      const maxBytes = 1_000_000;

      /** Appends until the queue is full; resolves with how many records fitted. */
      async function fill(queue: WriteQueue): Promise<number> {
        for (let count = 0; ; count++) {
          const error = await queue.append(record).catch((reason) => reason);
          if (error instanceof QueueFullError) return count;
          expect(error).toBeTypeOf("number");
        }
      }

      test("by the bytes that wait to be persisted, and takes more once they are", async () => {
        const queue = await openNew({ maxBytes });
        const count = await fill(queue);
        expect(count).toBeGreaterThan(8);
        expect(count).toBeLessThanOrEqual(10);
        expect(await queue.end()).toBe(count);
        queue.persisted(5);
        await expect.poll(() => queue.append(record).catch(() => 0)).toBe(count + 1);
        await fill(queue);
      });

      test("also while appends overlap", async () => {
        const queue = await openNew({ maxBytes });
        const appends = await Promise.allSettled(Array.from({ length: 20 }, () => queue.append(record)));
        const stored = appends.filter(({ status }) => status === "fulfilled").length;
        expect(stored).toBeGreaterThan(8);
        expect(stored).toBeLessThanOrEqual(10);
        for (const append of appends) {
          if (append.status === "rejected") expect(append.reason).toBeInstanceOf(QueueFullError);
        }
        expect((await queue.backlog()).records).toBe(stored);
      });

      test("and knows after a reopening what waits", async () => {
        const place = await createPlace();
        const first = await place.open();
        for (const text of ["12345", "12345", "12345"]) await first.append(bytesOf(text));
        await first.close();
        const second = await openQueue(place, { persisted: 1 });
        expect(await second.backlog()).toMatchObject({ records: 2, bytes: expect.toSatisfy((bytes) => bytes >= 10) });
        second.persisted(3);
        expect(await second.backlog()).toEqual({ records: 0, bytes: 0 });
      });
    });

    describe("keeps", () => {
      test("its records, sequences and ids over a reopening", async () => {
        const place = await createPlace();
        const first = await place.open();
        await first.append(bytesOf("a"), { id: "id-a" });
        await first.append(bytesOf("b"));
        await first.close();
        const second = await openQueue(place);
        expect(await second.end()).toBe(2);
        expect(await second.append(bytesOf("a"), { id: "id-a" })).toBe(1);
        expect(await second.append(bytesOf("c"))).toBe(3);
        expect(await readTexts(second, 0, 3)).toEqual(["a", "b", "c"]);
        expect(await readTexts(second, 1, 1)).toEqual(["b"]);
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
        expect(await readTexts(queue, 0, 1)).toEqual(["c"]);
      });

      test("persisted records that are young", async () => {
        const queue = await openNew();
        await queue.append(bytesOf("a"));
        queue.persisted(1);
        expect(await queue.trim(Date.now() - 60_000)).toBe(0);
        expect(await readTexts(queue, 0, 1)).toEqual(["a"]);
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
    });

    describe("sets writes aside", () => {
      const letter = (mark: number, reason: string): DeadLetter => ({
        ...{ mark, reason },
        write: new Uint8Array([0, 255, mark % 256]),
        timeMs: 1_700_000_000_000 + mark,
      });
      const marks = (letters: readonly DeadLetter[]) => letters.map(({ mark }) => mark);

      test("once a mark, and lists them by mark, some at a time", async () => {
        const queue = await openNew();
        expect(await queue.deadLetters(0, 10)).toEqual([]);
        for (const mark of [40_960, 4_096, 4_097]) await queue.bury(letter(mark, "first"));
        await queue.bury(letter(4_096, "second"));
        const [one, two, three] = [4_096, 4_097, 40_960].map((mark) => letter(mark, "first"));
        expect(toPlain(await queue.deadLetters(0, 10))).toEqual([one, two, three]);
        expect(toPlain(await queue.deadLetters(0, 2))).toEqual([one, two]);
        expect(toPlain(await queue.deadLetters(4_096, 2))).toEqual([two, three]);
      });

      test("with reasons in any script and of several lines", async () => {
        const queue = await openNew();
        const reason = "größer als\r\nerlaubt: 100 %, \u{1F4A5} \u4E2D\u6587";
        await queue.bury(letter(1, reason));
        expect(await queue.deadLetters(0, 10)).toMatchObject([{ reason }]);
      });

      test("until they are dropped, which can be told from nothing to drop; then they can be set aside again", async () => {
        const queue = await openNew();
        await queue.bury(letter(1, "first"));
        await queue.bury(letter(2, "first"));
        expect(await queue.dropDeadLetter(1)).toBe(true);
        expect(await queue.dropDeadLetter(1)).toBe(false);
        expect(marks(await queue.deadLetters(0, 10))).toEqual([2]);
        await queue.bury(letter(1, "second"));
        expect(await queue.deadLetters(0, 10)).toMatchObject([{ mark: 1, reason: "second" }, { mark: 2 }]);
      });

      test("over a reopening, apart from the records", async () => {
        const place = await createPlace();
        const first = await place.open();
        await first.bury(letter(4_096, "first"));
        await first.close();
        const second = await openQueue(place);
        expect(marks(await second.deadLetters(0, 10))).toEqual([4_096]);
        expect(await second.end()).toBe(0);
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
    });
  });
}
