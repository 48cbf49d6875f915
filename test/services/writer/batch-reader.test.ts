import { create, toBinary } from "@bufbuild/protobuf";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { RecordSchema, type Write } from "../../../gen/parley/queue/v1/record_pb.ts";
import { commitMark, endOfRecord } from "../../../services/write-queue/commit-mark.ts";
import type { QueueRecord, ReadLimit } from "../../../services/write-queue/write-queue.ts";
import { BatchReader } from "../../../services/writer/batch-reader.ts";
import { Horizon } from "../../../services/writer/horizon.ts";
import { chatWrite, deleteMessageWrite, messagesWrite, messageWrite, newMessage } from "../writes.ts";

const CHAT = { application: "0123456789abcdefghjkmnpqrs", chat: 1 };
const signal = new AbortController().signal;

/** A queue that a test fills, and lets fail. */
class FakeQueue {
  readonly records: QueueRecord[] = [];
  failure: Error | undefined;
  reads = 0;
  #changed = Promise.withResolvers<void>();

  add(...writes: Write[]): number {
    const sequence = this.records.length + 1;
    this.records.push({ sequence, data: toBinary(RecordSchema, create(RecordSchema, { writes })) });
    this.#changed.resolve();
    return sequence;
  }

  async read(after: number, limit: ReadLimit, stop: AbortSignal): Promise<QueueRecord[]> {
    this.reads++;
    while (this.records.length <= after && !stop.aborted) {
      this.#changed = Promise.withResolvers<void>();
      stop.addEventListener("abort", () => this.#changed.resolve());
      await this.#changed.promise;
    }
    if (this.failure) throw this.failure;
    return stop.aborted ? [] : this.records.slice(after, after + limit.records);
  }
}

let queue: FakeQueue;
let horizon: Horizon;
let reader: BatchReader;
beforeEach(() => {
  queue = new FakeQueue();
  horizon = new Horizon(0);
  reader = new BatchReader({ queue, horizon });
});
afterEach(() => {
  reader.close();
  vi.useRealTimers();
});

/** The marks of the writes that are taken after a position. */
const marksAfter = async (position: number) =>
  (await reader.take(position, signal))?.units.map(({ mark }) => mark) ?? [];

test("the first batch is taken at once, and what comes just after it together", async () => {
  queue.add(messageWrite(CHAT, 1));
  expect(await marksAfter(0)).toEqual([commitMark(1, 0)]);
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  queue.add(messageWrite(CHAT, 2));
  const next = marksAfter(endOfRecord(1));
  setTimeout(() => queue.add(messageWrite(CHAT, 3)), 5);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(await next).toEqual([commitMark(2, 0), commitMark(3, 0)]);
});

test.each([
  ["an edit or a deletion", () => queue.add(deleteMessageWrite("x"))],
  ["a chat", () => queue.add(chatWrite(CHAT))],
  [
    "so much that a batch is full",
    () => queue.add(...Array.from({ length: 8_192 }, (_, n) => messageWrite(CHAT, n + 1))),
  ],
  ["somebody who waits", () => void horizon.reached(9, signal).catch(() => undefined)],
])("%s ends the wait for more", async (_, hurry) => {
  queue.add(messageWrite(CHAT, 1));
  await marksAfter(0);
  vi.useFakeTimers({ toFake: ["setTimeout", "performance"] });
  queue.add(messageWrite(CHAT, 2));
  const next = marksAfter(endOfRecord(1));
  hurry();
  expect((await next)[0]).toBe(commitMark(2, 0));
});

test("the next batch is read while nobody has asked for it", async () => {
  queue.add(messageWrite(CHAT, 1));
  await marksAfter(0);
  queue.add(messageWrite(CHAT, 2));
  await vi.waitFor(() => expect(queue.reads).toBeGreaterThanOrEqual(3));
});

test("a full batch is not read beyond until it is taken", async () => {
  const full = Array.from({ length: 1_024 }, (_, index) => messageWrite(CHAT, index + 1));
  for (let record = 0; record < 100; record++) queue.add(...full);
  const { units, end } = (await reader.take(0, signal))!;
  expect(end).toBeLessThan(endOfRecord(50));
  const next = (await reader.take(end, signal))!;
  expect(next.units[0]!.mark).toBe(units.at(-1)!.end + 1);
  expect(next.units.length).toBeLessThan(50_000);
});

test("where a batch was not written to its end, the rest is read again", async () => {
  const batch = messagesWrite(CHAT, [newMessage(CHAT, 1), newMessage(CHAT, 2)]);
  queue.add(batch, messageWrite(CHAT, 3));
  expect(await marksAfter(0)).toEqual([commitMark(1, 0), commitMark(1, 2)]);
  expect(await marksAfter(commitMark(1, 1))).toEqual([commitMark(1, 2)]);
});

test("records without a write are passed", async () => {
  queue.add();
  expect(await reader.take(0, signal)).toEqual({ units: [], end: endOfRecord(1) });
});

test("a failure is told once, and then all is read anew", async () => {
  queue.add(messageWrite(CHAT, 1));
  queue.failure = new Error("away");
  await expect(reader.take(0, signal)).rejects.toThrow("away");
  queue.failure = undefined;
  expect(await marksAfter(0)).toEqual([commitMark(1, 0)]);
});

test("an aborted wait gives nothing, and loses nothing", async () => {
  expect(await reader.take(0, AbortSignal.timeout(5))).toBeUndefined();
  queue.add(messageWrite(CHAT, 1));
  expect(await marksAfter(0)).toEqual([commitMark(1, 0)]);
});
