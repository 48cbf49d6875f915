import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Refusal_Reason } from "../../../gen/parley/queue/v1/record_pb.ts";
import type { MessageQuery } from "../../../services/message/message-store.ts";
import { nameOf, summaryOf } from "../writer/writer-scene.ts";
import { CREATE_TIME_MS, deleteChatWrite, newMessage } from "../writes.ts";
import { MessageScene } from "./message-scene.ts";

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

describe("while the writer stands still", () => {
  test("what was answered is read from the recent messages", async () => {
    const chat = await scene.createChat();
    await scene.store(chat, [newMessage(chat, 1), newMessage(chat, 2)]);
    await scene.store(chat, [newMessage(chat, 3)]);
    expect((await scene.reader.get({ ...chat, message: 2 }, NEVER))?.number).toBe(2);
    expect(await scene.reader.get({ ...chat, message: 4 }, NEVER)).toBeUndefined();
    expect((await scene.reader.getRange(chat, 2, 2, NEVER))?.map(({ number }) => number)).toEqual([2, 3]);
    expect(await scene.reader.getRange(chat, 3, 2, NEVER)).toBeUndefined();
    const newest = await scene.reader.list(chat, { ...ALL, newestFirst: true, limit: 2 }, NEVER);
    expect(newest?.map(({ number }) => number)).toEqual([3, 2]);
    await scene.persist();
  });

  test("what is not among them waits for the writer, and for no longer than its caller", async () => {
    const chat = await scene.createChat();
    await scene.store(chat, [newMessage(chat, 1)]);
    await scene.writing.recents.drop(chat);
    await scene.store(chat, [newMessage(chat, 2)]);
    await expect(abandoned((signal) => scene.reader.get({ ...chat, message: 1 }, signal))).rejects.toThrow("gave up");
    await expect(abandoned((signal) => scene.reader.list(chat, ALL, signal))).rejects.toThrow("gave up");
    await expect(abandoned((signal) => scene.reader.firstNumberAt(chat, 0, signal))).rejects.toThrow("gave up");
    const waiting = scene.reader.list(chat, ALL, NEVER);
    await scene.persist();
    expect((await waiting)?.map(({ number }) => number)).toEqual([1, 2]);
    expect((await scene.reader.get({ ...chat, message: 1 }, NEVER))?.content.value).toBe("message 1");
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
            newestFirst: fc.boolean(),
            limit: fc.integer({ min: 1, max: 12 }),
          }),
          { minLength: 5, maxLength: 15 },
        ),
        async (written, held, queries) => {
          const chat = await scene.createChat();
          const messages = written.map((user, index) => newMessage(chat, index + 1, { user }));
          const split = Math.min(held, messages.length);
          if (split > 0) await scene.store(chat, messages.slice(0, split));
          await scene.writing.recents.drop(chat);
          if (split < messages.length) await scene.store(chat, messages.slice(split));
          await scene.persist();
          for (const query of queries) {
            const { after, before, author, newestFirst, limit } = query;
            const wanted = messages.filter(
              (message) =>
                message.number > after &&
                message.number < before &&
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
    const fromMemory = await scene.reader.list(chat, ALL, NEVER);
    await scene.writing.recents.drop(chat);
    expect(await scene.reader.list(chat, ALL, NEVER)).toEqual(fromMemory);
    expect(await scene.reader.get({ ...chat, message: 1 }, NEVER)).toEqual(fromMemory![0]);
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
    expect(await scene.reader.getRange(chat, 1, 1, NEVER)).toBeUndefined();
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
