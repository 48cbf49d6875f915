import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Refusal_Reason } from "../../../gen/parley/queue/v1/record_pb.ts";
import type { Message } from "../../../gen/parley/v1/message_pb.ts";
import type { MessageReader } from "../../../services/message/message-reader.ts";
import type { MessageQuery } from "../../../services/message/message-store.ts";
import type { RecentMessages, RecentPart } from "../../../services/message/recent-messages.ts";
import { nameOf, summaryOf } from "../writer/writer-scene.ts";
import { CREATE_TIME_MS, deleteChatWrite, newMessage } from "../writes.ts";
import { MessageScene } from "./message-scene.ts";
import { contentsOf, readMessage } from "./recent-batch.ts";

const NEVER = new AbortController().signal;
const ALL: MessageQuery = { after: 0, before: 2 ** 31, newestFirst: false, limit: 1_000 };

let scene: MessageScene;
beforeAll(async () => {
  scene = await MessageScene.open();
});
afterAll(() => scene.close());

/** A signal that aborts when `waits` is known to wait: after the event loop went round. */
async function abandoned<T>(call: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const stop = new AbortController();
  const waits = call(stop.signal);
  setImmediate(() => stop.abort(new Error("gave up")));
  return waits;
}

/** Recent messages that hold some messages of every chat; without a part, nothing of any. */
function partOf(part: Omit<RecentPart, "messages"> | undefined, held: readonly Message[]): RecentMessages {
  return {
    add: async () => true,
    change: async () => undefined,
    read: async (_chat, { after, before, newestFirst, limit }) => {
      const asked = held.filter(({ number }) => number > after && number < before);
      const messages = (newestFirst ? asked.reverse() : asked).slice(0, limit).map(readMessage);
      return part && { ...part, messages };
    },
  };
}

describe("while the writer stands still", () => {
  test("what was answered is read from the recent messages", async () => {
    const chat = await scene.createChat();
    await scene.store(chat, [newMessage(chat, 1), newMessage(chat, 2)]);
    await scene.store(chat, [newMessage(chat, 3)]);
    expect((await scene.reader.get({ ...chat, message: 2 }, NEVER))?.number).toBe(2);
    expect(await scene.reader.get({ ...chat, message: 4 }, NEVER)).toBeUndefined();
    expect((await scene.reader.getRepeated(chat, 2, 2, NEVER))?.map(({ number }) => number)).toEqual([2, 3]);
    const absent = (signal: AbortSignal) => scene.reader.getRepeated(chat, 3, 2, signal);
    await expect(abandoned(absent)).rejects.toThrow("gave up");
    const newest = await scene.reader.list(chat, { ...ALL, newestFirst: true, limit: 2 }, NEVER);
    expect(newest?.map(({ number }) => number)).toEqual([3, 2]);
    await scene.persist();
    expect(await absent(NEVER)).toBeUndefined();
  });

  test("a read is a hit where the database was not asked, else a miss", async () => {
    const chat = await scene.createChat();
    await scene.store(chat, [newMessage(chat, 1)]);
    await scene.persist();
    await scene.forget(chat);
    await scene.store(chat, [newMessage(chat, 2), newMessage(chat, 3)]);
    await scene.persist();
    const countOf = async (read: (reader: MessageReader) => Promise<unknown>) => {
      const reader = scene.readerOf(scene.writing.recents);
      await read(reader);
      return reader.reads;
    };
    const [hit, miss] = [
      { hit: 1, miss: 0 },
      { hit: 0, miss: 1 },
    ];
    const newest = { ...ALL, newestFirst: true };
    expect(await countOf((reader) => reader.get({ ...chat, message: 2 }, NEVER))).toEqual(hit);
    expect(await countOf((reader) => reader.get({ ...chat, message: 1 }, NEVER))).toEqual(miss);
    expect(await countOf((reader) => reader.list(chat, { ...newest, limit: 2 }, NEVER))).toEqual(hit);
    expect(await countOf((reader) => reader.list(chat, { ...newest, limit: 3 }, NEVER))).toEqual(miss);
    await scene.forget(chat);
    expect(await countOf((reader) => reader.list(chat, newest, NEVER))).toEqual(miss);
  });

  test("what is not among them waits for the writer, and for no longer than its caller", async () => {
    const chat = await scene.createChat();
    await scene.store(chat, [newMessage(chat, 1)]);
    await scene.forget(chat);
    await scene.store(chat, [newMessage(chat, 2)]);
    await expect(abandoned((signal) => scene.reader.get({ ...chat, message: 1 }, signal))).rejects.toThrow("gave up");
    await expect(abandoned((signal) => scene.reader.list(chat, ALL, signal))).rejects.toThrow("gave up");
    await expect(abandoned((signal) => scene.reader.firstNumberAt(chat, 0, signal))).rejects.toThrow("gave up");
    const waiting = scene.reader.list(chat, ALL, NEVER);
    await scene.persist();
    expect((await waiting)?.map(({ number }) => number)).toEqual([1, 2]);
    expect((await scene.reader.get({ ...chat, message: 1 }, NEVER))?.message.content.value).toBe("message 1");
  });

  test("a chat of which nothing is held waits too: it may be new", async () => {
    const chat = await scene.createChat();
    const other = await scene.createChat();
    await scene.store(other, [newMessage(other, 1)]);
    await expect(abandoned((signal) => scene.reader.get({ ...chat, message: 1 }, signal))).rejects.toThrow("gave up");
    await scene.persist();
    expect(await scene.reader.get({ ...chat, message: 1 }, NEVER)).toBeUndefined();
  });
});

describe("a list", () => {
  test("merges the recent messages and the database, in both directions, whatever is asked for", async () => {
    const authors = ["ann", "bob", ""];
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(...authors), { minLength: 1, maxLength: 30 }),
        fc.nat(30),
        fc.array(
          fc.record({
            after: fc.nat(32),
            before: fc.integer({ min: 0, max: 33 }),
            author: fc.constantFrom(undefined, "ann", "bob"),
            withoutNotes: fc.boolean(),
            newestFirst: fc.boolean(),
            limit: fc.integer({ min: 1, max: 12 }),
          }),
          { minLength: 5, maxLength: 15 },
        ),
        async (written, held, queries) => {
          const chat = await scene.createChat();
          const messages = written.map((user, index) =>
            newMessage(chat, index + 1, { user, internal: index % 4 === 1 }),
          );
          const split = Math.min(held, messages.length);
          if (split > 0) await scene.store(chat, messages.slice(0, split));
          await scene.forget(chat);
          if (split < messages.length) await scene.store(chat, messages.slice(split));
          await scene.persist();
          for (const query of queries) {
            const { after, before, author, withoutNotes, newestFirst, limit } = query;
            const wanted = messages.filter(
              (message) =>
                message.number > after &&
                message.number < before &&
                !(withoutNotes && message.internal) &&
                (author === undefined || message.author!.user === author),
            );
            const numbers = wanted.map(({ number }) => number);
            const expected = (newestFirst ? numbers.reverse() : numbers).slice(0, limit);
            const listed = await scene.reader.list(chat, query, NEVER);
            expect(listed?.map(({ number }) => number)).toEqual(expected);
          }
        },
      ),
      { numRuns: 25 },
    );
  }, 60_000);

  test("is the same from memory as from the database", async () => {
    const chat = await scene.createChat();
    await scene.store(chat, [newMessage(chat, 1, { user: "ann", requestId: "" }), newMessage(chat, 2)]);
    await scene.persist();
    const fromMemory = contentsOf(await scene.reader.list(chat, ALL, NEVER));
    await scene.forget(chat);
    expect(contentsOf(await scene.reader.list(chat, ALL, NEVER))).toEqual(fromMemory);
    const first = await scene.reader.get({ ...chat, message: 1 }, NEVER);
    expect(contentsOf([first!])).toEqual(fromMemory!.slice(0, 1));
  });

  test("of a chat that does not exist, or no longer, is undefined; of an empty chat it is empty", async () => {
    const chat = await scene.createChat();
    expect(await scene.reader.list({ ...chat, chat: 9 }, ALL, NEVER)).toBeUndefined();
    expect(await scene.reader.list(chat, ALL, NEVER)).toEqual([]);
    await scene.store(chat, [newMessage(chat, 1)]);
    await scene.persist();
    const verdicts = await scene.writing.apply(
      deleteChatWrite(nameOf(chat)),
      deleteChatWrite(nameOf(chat), { force: true }),
    );
    expect(verdicts.map(summaryOf)).toEqual([Refusal_Reason.HAS_CHILDREN, nameOf(chat)]);
    await scene.persist();
    expect(await scene.reader.list(chat, ALL, NEVER)).toBeUndefined();
    expect(await scene.reader.get({ ...chat, message: 1 }, NEVER)).toBeUndefined();
    expect(await scene.reader.getRepeated(chat, 1, 1, NEVER)).toBeUndefined();
  });
});

describe("where some of what is held is missing", () => {
  test("a message is taken from what is held, or else from the database, and its reader does not wait", async () => {
    const chat = await scene.createChat();
    await scene.queue(
      chat,
      [1, 2, 3].map((number) => newMessage(chat, number)),
    );
    await scene.persist();
    const sequence = await scene.queue(chat, [newMessage(chat, 4)]);
    const reader = scene.readerOf(partOf({ from: 2, sequence, whole: false }, [newMessage(chat, 4)]));
    const get = (message: number) => abandoned((signal) => reader.get({ ...chat, message }, signal));
    expect((await get(4))?.number).toBe(4);
    expect((await get(3))?.message.content.value).toBe("message 3");
    expect(await get(5)).toBeUndefined();
    await expect(get(1)).rejects.toThrow("gave up");
    await scene.persist();
    expect((await get(1))?.number).toBe(1);
  });

  test("a page has both, without a wait, and what is held as every other reader sees it", async () => {
    const chat = await scene.createChat();
    await scene.queue(
      chat,
      [1, 2, 3].map((number) => newMessage(chat, number)),
    );
    await scene.persist();
    const sequence = await scene.queue(chat, [newMessage(chat, 4), newMessage(chat, 5)]);
    const held = [newMessage(chat, 2, { body: "before its edit is told" }), newMessage(chat, 4), newMessage(chat, 5)];
    const reader = scene.readerOf(partOf({ from: 2, sequence, whole: false }, held));
    const list = async (query: Partial<MessageQuery>) =>
      (await abandoned((signal) => reader.list(chat, { ...ALL, ...query }, signal)))?.map(
        ({ message }) => message.content.value,
      );
    expect(await list({ after: 1 })).toEqual(["before its edit is told", "message 3", "message 4", "message 5"]);
    expect(await list({ after: 1, limit: 2 })).toEqual(["before its edit is told", "message 3"]);
    expect(await list({ newestFirst: true, limit: 3 })).toEqual(["message 5", "message 4", "message 3"]);
    await expect(list({})).rejects.toThrow("gave up");
    await expect(list({ newestFirst: true, limit: 4 })).rejects.toThrow("gave up");
    await scene.persist();
    expect(await list({ newestFirst: true, limit: 4 })).toEqual([
      ...[5, 4, 3].map((number) => `message ${number}`),
      "before its edit is told",
    ]);
  });

  test("what a repeated create made is waited for: it is in the queue, though nobody may have been told", async () => {
    const chat = await scene.createChat();
    const sequence = await scene.queue(chat, [newMessage(chat, 1), newMessage(chat, 2)]);
    const reader = scene.readerOf(partOf({ from: 1, sequence, whole: false }, [newMessage(chat, 2)]));
    const get = (signal: AbortSignal) => reader.getRepeated(chat, 1, 1, signal);
    await expect(abandoned(get)).rejects.toThrow("gave up");
    await scene.persist();
    expect((await get(NEVER))?.map(({ number }) => number)).toEqual([1]);
  });

  test("what lies below it is waited for only as far as it may be missing", async () => {
    const chat = await scene.createChat();
    const sequence = await scene.queue(chat, [newMessage(chat, 1)]);
    await scene.persist();
    await scene.queue(chat, [newMessage(chat, 2), newMessage(chat, 3)]);
    for (const whole of [true, false]) {
      const held = [2, 3].map((number) => newMessage(chat, number));
      const reader = scene.readerOf(partOf({ from: 2, sequence, whole }, held));
      const listed = await abandoned((signal) => reader.list(chat, ALL, signal));
      expect(listed?.map(({ number }) => number)).toEqual([1, 2, 3]);
      expect((await abandoned((signal) => reader.get({ ...chat, message: 1 }, signal)))?.number).toBe(1);
    }
    await scene.persist();
  });

  test("a list is the same as from the database, whatever is held and asked for", async () => {
    const chat = await scene.createChat();
    const written = Array.from({ length: 20 }, (_, index) =>
      newMessage(chat, index + 1, { user: ["ann", "bob", ""][index % 3], internal: index % 5 === 2 }),
    );
    const sequence = await scene.queue(chat, written);
    await scene.persist();
    const query = fc.record({
      after: fc.nat(22),
      before: fc.integer({ min: 0, max: 23 }),
      author: fc.constantFrom(undefined, "ann", "bob"),
      withoutNotes: fc.boolean(),
      newestFirst: fc.boolean(),
      limit: fc.integer({ min: 1, max: 12 }),
    });
    const stored = scene.readerOf(partOf(undefined, []));
    await fc.assert(
      fc.asyncProperty(fc.nat(21), fc.subarray(written), query, async (from, some, wanted) => {
        const held = some.filter(({ number }) => number >= from);
        const whole = held.length === written.filter(({ number }) => number >= from).length;
        const reader = scene.readerOf(partOf({ from, sequence, whole }, held));
        const listed = await reader.list(chat, wanted, NEVER);
        expect(contentsOf(listed)).toEqual(contentsOf(await stored.list(chat, wanted, NEVER)));
      }),
      { numRuns: 150 },
    );
  });
});

test("the first number at a time is that of the first message created then or later", async () => {
  const chat = await scene.createChat();
  const times = [0, 10, 10, 20].map((offset) => CREATE_TIME_MS + offset);
  await scene.store(
    chat,
    times.map((createTimeMs, index) => newMessage(chat, index + 1, { createTimeMs })),
  );
  await scene.persist();
  const firstAt = (offset: number) => scene.reader.firstNumberAt(chat, CREATE_TIME_MS + offset, NEVER);
  expect(await Promise.all([-5, 0, 1, 10, 11, 20, 21].map(firstAt))).toEqual([1, 1, 2, 2, 4, 4, undefined]);
});
