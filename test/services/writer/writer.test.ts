import { create, fromBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { type Mutation, RecordSchema, type Write, WriteSchema } from "../../../gen/parley/queue/v1/record_pb.ts";
import { formatApplicationName } from "../../../services/aip/resource-name.ts";
import { commitMark, endOfRecord, sequenceBefore } from "../../../services/write-queue/commit-mark.ts";
import { QueueUnavailableError, type WriteQueue } from "../../../services/write-queue/write-queue.ts";
import type { Writer, WriterOptions } from "../../../services/writer/writer.ts";
import { PositionMovedError, WriterPosition } from "../../../services/writer/writer-position.ts";
import { recentBatch } from "../message/recent-batch.ts";
import {
  appendRecord,
  deleteApplicationWrite,
  deleteChatWrite,
  deleteMessageWrite,
  editWrite,
  messagesWrite,
  messageWrite,
  mutationWrite,
  newMessage,
  verdictsAfter,
} from "../writes.ts";
import { messageNameOf, nameOf, summaryOf, WriterScene } from "./writer-scene.ts";

const NEVER = new AbortController().signal;

let scene: WriterScene;
beforeAll(async () => {
  scene = await WriterScene.open();
});
afterAll(() => scene.close());
afterEach(() => {
  scene.letters.length = 0;
  vi.restoreAllMocks();
});

const loadPosition = () => new WriterPosition(scene.stores.database).load();

/** A queue, with some of its methods replaced. */
function queueWith(overrides: Partial<WriteQueue>, { queue } = scene.stores): WriteQueue {
  return {
    append: (data, options) => queue.append(data, options),
    read: (after, limit, signal) => queue.read(after, limit, signal),
    end: () => queue.end(),
    persisted: (sequence) => queue.persisted(sequence),
    trim: (beforeMs) => queue.trim(beforeMs),
    bury: (letter) => queue.bury(letter),
    deadLetters: (after, limit) => queue.deadLetters(after, limit),
    dropDeadLetter: (mark) => queue.dropDeadLetter(mark),
    backlog: () => queue.backlog(),
    close: () => queue.close(),
    ...overrides,
  };
}

/** Runs a writer's loop until a condition holds, and stops it. */
async function runUntil(writer: Writer, condition: () => Promise<void> | void): Promise<void> {
  writer.start();
  await vi.waitFor(condition, { timeout: 10_000, interval: 5 });
  await writer.stop(AbortSignal.timeout(5_000));
}

describe("the position", () => {
  test("moves to the end of what was taken, and who waits for it is told", async () => {
    const chat = await scene.createChat();
    const writer = await scene.createWriter();
    const sequence = await appendRecord(scene.stores.queue, messageWrite(chat, 1), messageWrite(chat, 2));
    const reached = scene.horizon.reached(sequence, NEVER);
    await writer.drain();
    await reached;
    expect(scene.horizon.position).toBe(endOfRecord(sequence));
    expect(await loadPosition()).toBe(endOfRecord(sequence));
    expect(scene.persisted.at(-1)).toBe(sequence);
    expect(await scene.stores.queue.backlog()).toEqual({ records: 0, bytes: 0 });
  });

  test("is taken up by the next writer, over a reopening too", async () => {
    const chat = await scene.createChat();
    await scene.apply(messageWrite(chat, 1));
    await scene.stores.reopen();
    await scene.apply(messageWrite(chat, 2));
    expect(await scene.numbers(chat)).toEqual([1, 2]);
    expect(await loadPosition()).toBe(endOfRecord(await scene.stores.queue.end()));
  });

  test("in the middle of a record is where a writer goes on", async () => {
    const chat = await scene.createChat();
    await scene.apply(messageWrite(chat, 1));
    const sequence = await appendRecord(
      scene.stores.queue,
      messageWrite(chat, 1),
      messagesWrite(chat, [newMessage(chat, 2), newMessage(chat, 3)]),
      messageWrite(chat, 4),
    );
    await scene.stores.database.positions.update({ mark: commitMark(sequence, 2) }, { where: { lane: 0 } });
    await (await scene.createWriter()).drain();
    expect(await scene.numbers(chat)).toEqual([1, 4]);
    expect(scene.letters).toEqual([]);
    expect(await loadPosition()).toBe(endOfRecord(sequence));
  });

  test("moved by another writer stops this one, and nothing is written twice or set aside", async () => {
    const chat = await scene.createChat();
    const [first, second] = [await scene.createWriter(), await scene.createWriter()];
    await first.drain();
    await second.drain();
    await appendRecord(scene.stores.queue, messageWrite(chat, 1), editWrite(messageNameOf(chat, 1), "new"));
    await first.drain();
    const stale = scene.createWriter({ position: positionOf(0) });
    await expect((await stale).drain()).rejects.toThrow(PositionMovedError);
    expect(await scene.findMessage(chat, 1)).toMatchObject({ body: "new", revision: 2 });
    expect(scene.letters).toEqual([]);
    await second.drain();
    expect(await scene.numbers(chat)).toEqual([1]);
  });

  test("moved by another writer lets nothing of a transaction stand", async () => {
    const chat = await scene.createChat();
    const before = await loadPosition();
    await appendRecord(scene.stores.queue, messageWrite(chat, 1));
    const stale = await scene.createWriter({ position: positionOf(before - 1) });
    await expect(stale.drain()).rejects.toThrow(PositionMovedError);
    expect(await scene.numbers(chat)).toEqual([]);
    expect(await loadPosition()).toBe(before);
    await (await scene.createWriter()).drain();
  });

  /** The real position, for a writer that believes it to be another. */
  function positionOf(believed: number): WriterPosition {
    const position = new WriterPosition(scene.stores.database);
    vi.spyOn(position, "load").mockResolvedValue(believed);
    return position;
  }
});

describe("a poison write", () => {
  test("anywhere in any batch is set aside alone, and all else is stored in order", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(fc.boolean(), { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 5 }),
        async (records) => {
          scene.letters.length = 0;
          const chat = await scene.createChat();
          await scene.apply(messageWrite(chat, 1, { body: "first" }));
          let number = 1;
          const marks: number[] = [];
          let sequence = await scene.stores.queue.end();
          const writes = records.map((poisonous) => {
            sequence++;
            return poisonous.map((poison, index): Write => {
              if (poison) marks.push(commitMark(sequence, index));
              return poison ? messageWrite(chat, 1, { body: "poison" }) : messageWrite(chat, ++number);
            });
          });
          await scene.applyAll(writes);
          expect(await scene.numbers(chat)).toEqual(Array.from({ length: number }, (_, index) => index + 1));
          expect(scene.letters.map(({ mark }) => mark)).toEqual(marks);
          expect(await scene.findMessage(chat, 1)).toMatchObject({ body: "first" });
          expect(await loadPosition()).toBe(endOfRecord(sequence));
        },
      ),
      { numRuns: 15 },
    );
  }, 60_000);

  test("behind a create and its edit lets that edit be applied once", async () => {
    const chat = await scene.createChat();
    await scene.apply(messageWrite(chat, 1));
    const writes = [messageWrite(chat, 2), editWrite(messageNameOf(chat, 2), "new"), messageWrite(chat, 1)];
    await scene.apply(...writes);
    expect(await scene.findMessage(chat, 2)).toMatchObject({ body: "new", revision: 2 });
  });

  test("keeps its numbers, is told of, and leaves nothing to be read", async () => {
    const chat = await scene.createChat();
    await scene.apply(messageWrite(chat, 1));
    const batch = [newMessage(chat, 1), newMessage(chat, 2), newMessage(chat, 3)];
    await scene.recents.add([recentBatch(chat, batch)], 1);
    const onDeadLetter = vi.fn();
    await appendRecord(scene.stores.queue, messagesWrite(chat, batch));
    await (await scene.createWriter({ onDeadLetter })).drain();
    expect(onDeadLetter).toHaveBeenCalledTimes(1);
    expect(await scene.findChat(chat)).toMatchObject({ lastNumber: 3 });
    expect(await scene.recent(chat)).toBeUndefined();
  });

  test("is set aside once where the process ended in between", async () => {
    const chat = await scene.createChat();
    await scene.apply(messageWrite(chat, 1));
    await appendRecord(scene.stores.queue, messageWrite(chat, 1), messageWrite(chat, 2));
    const bury = vi.fn(async () => {
      throw new Error("the process ends");
    });
    await expect((await scene.createWriter({ queue: queueWith({ bury }) })).drain()).rejects.toThrow(
      "the process ends",
    );
    expect(await scene.numbers(chat)).toEqual([1]);
    await (await scene.createWriter()).drain();
    expect(await scene.numbers(chat)).toEqual([1, 2]);
    expect(scene.letters).toHaveLength(1);
  });
});

describe("verdicts", () => {
  const verdictIds = async (after: number) => (await verdictsAfter(scene.stores.queue, after)).map(({ id }) => id);

  /** A writer that ends with the process: its verdicts are committed and never told. */
  const createDying = () =>
    scene.createWriter({ queue: queueWith({ append: () => Promise.reject(new Error("the process ends")) }) });

  test("come in the order of the mutations, and are marked as told", async () => {
    const chat = await scene.createChat();
    const name = messageNameOf(chat, 1);
    const verdicts = await scene.applyAll([
      [messageWrite(chat, 1), editWrite(name, "a", { id: "z" })],
      [editWrite(name, "b", { id: "y" }), editWrite(name, "c", { id: "x" })],
    ]);
    expect(verdicts.map(({ id }) => id)).toEqual(["z", "y", "x"]);
    expect(await scene.stores.database.outbox.count({ where: { published: 0 } })).toBe(0);
  });

  test("that a crash left untold are told by the next writer, in order, and once", async () => {
    const chat = await scene.createChat();
    const name = messageNameOf(chat, 1);
    const end = await appendRecord(
      scene.stores.queue,
      messageWrite(chat, 1),
      editWrite(name, "a", { id: "crash-2" }),
      editWrite(name, "b", { id: "crash-1" }),
    );
    await expect((await createDying()).drain()).rejects.toThrow("the process ends");
    expect(await scene.findMessage(chat, 1)).toMatchObject({ body: "b" });
    expect(await verdictIds(end)).toEqual([]);
    await appendRecord(scene.stores.queue, editWrite(name, "c", { id: "crash-0" }));
    await (await scene.createWriter()).drain();
    await (await scene.createWriter()).drain();
    expect(await verdictIds(end)).toEqual(["crash-2", "crash-1", "crash-0"]);
  });

  test("that are in the queue and not marked yet are not told again; those behind them are", async () => {
    const chat = await scene.createChat();
    const name = messageNameOf(chat, 1);
    const { queue, database } = scene.stores;
    const end = await appendRecord(queue, messageWrite(chat, 1), editWrite(name, "a", { id: "told" }));
    const read: WriteQueue["read"] = async (after, limit, signal) =>
      (await queue.read(after, limit, signal)).filter(({ sequence }) => sequence <= end);
    const stopped = queueWith({ read, end: async () => end });
    await (await scene.createWriter({ queue: stopped })).drain();
    expect(await verdictIds(end)).toEqual(["told"]);
    expect(await database.outbox.count({ where: { published: 0 } })).toBe(1);
    await appendRecord(queue, editWrite(name, "b", { id: "a-later" }));
    await (await scene.createWriter()).drain();
    expect(await verdictIds(end)).toEqual(["told", "a-later"]);
    expect(await database.outbox.count({ where: { published: 0 } })).toBe(0);
  });

  test("on a mutation that is queued twice are given once", async () => {
    const chat = await scene.createChat();
    const edit = editWrite(messageNameOf(chat, 1), "new", { id: "twice" });
    const remove = deleteMessageWrite(messageNameOf(chat, 1), { id: "deletion" });
    const verdicts = await scene.applyAll([[messageWrite(chat, 1), edit, edit], [remove], [edit]]);
    expect(verdicts.map(summaryOf)).toEqual(["new", "tombstone"]);
    expect((await scene.apply(edit)).map(summaryOf)).toEqual([]);
    expect(await scene.findMessage(chat, 1)).toMatchObject({ revision: 3 });
  });

  test("are put into several records where there are many", async () => {
    const chat = await scene.createChat();
    const name = messageNameOf(chat, 1);
    const edits = Array.from({ length: 2_100 }, (_, index) => editWrite(name, "x".repeat(index % 700)));
    const before = await scene.stores.queue.end();
    const verdicts = await scene.applyAll([[messageWrite(chat, 1), ...edits.slice(0, 1_000)], edits.slice(1_000)]);
    const ids = edits.map(({ kind }) => (kind.value as { id: string }).id);
    expect(verdicts.map(({ id }) => id)).toEqual(ids);
    const records = await scene.stores.queue.read(before + 2, { records: 1_000, bytes: 100_000_000 }, NEVER);
    expect(records.length).toBeGreaterThan(2);
    for (const { data } of records) expect(fromBinary(RecordSchema, data).writes.length).toBeLessThanOrEqual(1_000);
  });

  test("are told after what readers see is changed", async () => {
    const chat = await scene.createChat();
    const messages = [newMessage(chat, 1), newMessage(chat, 2)];
    await scene.recents.add([recentBatch(chat, messages)], 1);
    const bodies = async () => (await scene.recent(chat))?.map(({ content }) => content.value);
    const seen: unknown[] = [];
    const append: WriteQueue["append"] = async (data, options) => {
      seen.push(await bodies());
      return scene.stores.queue.append(data, options);
    };
    await appendRecord(scene.stores.queue, messagesWrite(chat, messages), editWrite(messageNameOf(chat, 2), "new"));
    await (await scene.createWriter({ queue: queueWith({ append }) })).drain();
    expect(seen).toEqual([["message 1", "new"]]);
    await scene.apply(deleteMessageWrite(messageNameOf(chat, 1)));
    expect(await bodies()).toEqual([undefined, "new"]);
    await scene.apply(deleteChatWrite(nameOf(chat), { force: true }));
    expect(await bodies()).toBeUndefined();
  });

  test("on deletions are told after the numbering is: which counters are gone, and which deletions are over", async () => {
    const chat = await scene.createChat();
    const application = { application: chat.application };
    const told: unknown[] = [];
    const numbering: WriterOptions["numbering"] = {
      persisted: () => undefined,
      remove: async (counter) => void told.push(counter),
      reopen: async (ids) => void (ids.length > 0 && told.push(ids)),
    };
    const append: WriteQueue["append"] = async (data, options) => {
      told.push("verdicts");
      return scene.stores.queue.append(data, options);
    };
    const refused = deleteChatWrite(nameOf(chat), { etag: "old" });
    const edited = editWrite(messageNameOf(chat, 1), "new", { id: "an edit that is refused" });
    const deletions = [
      deleteChatWrite(nameOf(chat)),
      deleteApplicationWrite(formatApplicationName(application), { force: true }),
    ];
    await appendRecord(scene.stores.queue, refused, edited, ...deletions);
    await (await scene.createWriter({ numbering, queue: queueWith({ append }) })).drain();
    const ids = [refused, edited, ...deletions].map(({ kind }) => (kind.value as Mutation).id);
    expect(told).toEqual([chat, application, ids, "verdicts"]);
  });

  test("on an application's deletion let nothing of it be read", async () => {
    const chat = await scene.createChat();
    await scene.recents.add([recentBatch(chat, [newMessage(chat, 1)])], 1);
    await scene.apply(messageWrite(chat, 1), deleteApplicationWrite(formatApplicationName(chat), { force: true }));
    expect(await scene.recent(chat)).toBeUndefined();
  });
});

describe("the loop", () => {
  test("takes what is queued while it runs, and all of it before it stops", async () => {
    const chat = await scene.createChat();
    const writer = await scene.createWriter();
    writer.start();
    await appendRecord(scene.stores.queue, messageWrite(chat, 1));
    await vi.waitFor(async () => expect(await scene.numbers(chat)).toEqual([1]), { interval: 5 });
    for (const number of [2, 3, 4]) await appendRecord(scene.stores.queue, messageWrite(chat, number));
    await writer.stop(AbortSignal.timeout(5_000));
    expect(await scene.numbers(chat)).toEqual([1, 2, 3, 4]);
  });

  test("waits errors of the database out, says so, and sets nothing aside", async () => {
    const chat = await scene.createChat();
    const error = vi.fn();
    const writer = await scene.createWriter({ log: { error } as unknown as WriterOptions["log"] });
    await appendRecord(scene.stores.queue, messageWrite(chat, 1));
    let failures = 2;
    onTransaction((work) => (failures-- > 0 ? Promise.reject(new Error("the database is away")) : work()));
    await runUntil(writer, async () => expect(await scene.numbers(chat)).toEqual([1]));
    expect(error.mock.calls.map(([{ err, waitMs }]) => [err.message, waitMs])).toEqual([
      ["the database is away", 50],
      ["the database is away", 100],
    ]);
    expect(scene.letters).toEqual([]);
  });

  test("goes on where a commit was taken for failed: its verdicts are told, and readers see it", async () => {
    const chat = await scene.createChat();
    const messages = [newMessage(chat, 1)];
    await scene.recents.add([recentBatch(chat, messages)], 1);
    const writer = await scene.createWriter();
    const edit = editWrite(messageNameOf(chat, 1), "new");
    const end = await appendRecord(scene.stores.queue, messagesWrite(chat, messages), edit);
    let failures = 1;
    onTransaction(async (work) => {
      const result = await work();
      if (failures-- > 0) throw new Error("the connection is lost");
      return result;
    });
    await runUntil(writer, async () => {
      expect((await verdictsAfter(scene.stores.queue, end)).map(summaryOf)).toEqual(["new"]);
    });
    expect((await scene.recent(chat))![0]!.content.value).toBe("new");
    expect(scene.letters).toEqual([]);
    expect(sequenceBefore(scene.horizon.position)).toBeGreaterThanOrEqual(end);
  });

  test("ends at the deadline of its stop where the database does not come back", async () => {
    const chat = await scene.createChat();
    const writer = await scene.createWriter();
    await appendRecord(scene.stores.queue, messageWrite(chat, 1));
    const spy = onTransaction(() => Promise.reject(new Error("the database is away")));
    writer.start();
    await vi.waitFor(() => expect(spy).toHaveBeenCalled());
    await writer.stop(AbortSignal.timeout(20));
    spy.mockRestore();
    await (await scene.createWriter()).drain();
    expect(await scene.numbers(chat)).toEqual([1]);
  });

  /** Stands around the transactions that the writer opens; those without a callback are Sequelize's own. */
  function onTransaction(around: (work: () => Promise<unknown>) => Promise<unknown>) {
    const { sequelize } = scene.stores.database;
    const transaction = sequelize.transaction.bind(sequelize) as (...values: unknown[]) => Promise<unknown>;
    const stand = (...values: unknown[]) => {
      const work = () => transaction(...values);
      return typeof values[0] === "function" ? around(work) : work();
    };
    return vi.spyOn(sequelize, "transaction").mockImplementation(stand as never);
  }
});

test.each<[string, Write]>([
  ["write", create(WriteSchema)],
  ["mutation", mutationWrite({ case: undefined })],
])("a %s of a kind that the writer does not know stops it: nothing is passed over", async (kind, unknown) => {
  const other = await WriterScene.open();
  try {
    const chat = await other.createChat();
    await appendRecord(other.stores.queue, messageWrite(chat, 1), unknown, messageWrite(chat, 2));
    await expect((await other.createWriter()).drain()).rejects.toThrow(`a ${kind} in the write queue is of a kind`);
    expect(await other.numbers(chat)).toEqual([]);
    expect(other.letters).toEqual([]);
  } finally {
    await other.close();
  }
});

test.each<[string, () => AbortSignal]>([
  ["is over", () => AbortSignal.abort()],
  ["is left", () => AbortSignal.timeout(5_000)],
])("a writer whose queue does not answer stops all the same, where its time %s", async (_time, signal) => {
  const chat = await scene.createChat();
  const end = vi.fn(() => Promise.reject(new QueueUnavailableError(new Error("away"))));
  const writer = await scene.createWriter({ queue: queueWith({ end }) });
  writer.start();
  await writer.stop(signal());
  await appendRecord(scene.stores.queue, messageWrite(chat, 1));
  expect(await scene.numbers(chat)).toEqual([]);
  await (await scene.createWriter()).drain();
  expect(await scene.numbers(chat)).toEqual([1]);
});

test("records that hold no write are passed", async () => {
  const chat = await scene.createChat();
  await appendRecord(scene.stores.queue);
  const sequence = await appendRecord(scene.stores.queue);
  await (await scene.createWriter()).drain();
  expect(await loadPosition()).toBe(endOfRecord(sequence));
  await scene.apply(messageWrite(chat, 1));
  expect(await scene.numbers(chat)).toEqual([1]);
});

test("a queue that is full does not keep the writer from emptying it", async () => {
  const small = await WriterScene.open(3_000);
  try {
    const chat = await small.createChat();
    const { queue } = small.stores;
    await appendRecord(queue, messageWrite(chat, 1));
    await appendRecord(queue, editWrite(messageNameOf(chat, 1), "new"));
    let filled = false;
    const append: WriteQueue["append"] = async (data, options) => {
      if (!filled) {
        filled = true;
        await appendRecord(queue, messageWrite(chat, 2, { body: "x".repeat(2_700) }));
      }
      return queue.append(data, options);
    };
    const end = await queue.end();
    const writer = await small.createWriter({ queue: queueWith({ append }, small.stores) });
    await writer.drain();
    expect(await small.numbers(chat)).toEqual([1, 2]);
    expect((await verdictsAfter(queue, end)).map(summaryOf)).toEqual(["new"]);
  } finally {
    await small.close();
  }
});
