import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { formatApplicationName } from "../../../services/aip/resource-name.ts";
import { ChangeFeed } from "../../../services/indexer/change-feed.ts";
import { Indexer } from "../../../services/indexer/indexer.ts";
import type { ChangeSpan, SearchChanges, SearchIndex } from "../../../services/search/search-index.ts";
import { endOfRecord } from "../../../services/write-queue/commit-mark.ts";
import { Horizon } from "../../../services/writer/horizon.ts";
import { messageNameOf, nameOf, WriterScene } from "../writer/writer-scene.ts";
import {
  chatWrite,
  deleteApplicationWrite,
  deleteChatWrite,
  deleteMessageWrite,
  editWrite,
  messagesWrite,
  messageWrite,
  newMessage,
} from "../writes.ts";

/** Longer than an indexer that waits leaves its index alone. */
const POLL = { timeout: 10_000 };

const EMPTY: SearchChanges = { upserts: [], removals: [], removedChats: [], removedApplications: [] };

let scene: WriterScene;
beforeAll(async () => {
  scene = await WriterScene.open();
});
afterAll(() => scene.close());

/** The position of a writer that has taken all that is queued. */
const here = async () => endOfRecord(await scene.stores.queue.end());

/** An index that only remembers what it was told. */
class FakeIndex implements SearchIndex {
  readonly applied: { changes: SearchChanges; position: number }[] = [];
  failures = 0;
  resets = 0;
  #position: number;

  constructor(start: number) {
    this.#position = start;
  }

  async position(): Promise<number> {
    return this.#position;
  }

  /** As if another index took its place. */
  replace(position: number): void {
    this.#position = position;
  }

  async reset(): Promise<void> {
    this.resets++;
    this.#position = 0;
  }

  async apply(changes: SearchChanges, { after, upTo }: ChangeSpan): Promise<number> {
    if (this.failures-- > 0) throw new Error("the index is away");
    if (this.#position < after) return this.#position;
    this.applied.push({ changes, position: upTo });
    this.#position = upTo;
    return upTo;
  }

  search = () => Promise.reject(new Error("not searched here"));
  close = async () => undefined;
}

describe("the change feed", () => {
  const feed = () => new ChangeFeed(scene.stores.database);

  test("tells each message that changed as it is now, and those that are gone", async () => {
    const chat = await scene.createChat();
    const from = await here();
    await scene.apply(
      messagesWrite(chat, [newMessage(chat, 1, { user: "ann" }), newMessage(chat, 2), newMessage(chat, 3)]),
      editWrite(messageNameOf(chat, 2), "new"),
      deleteMessageWrite(messageNameOf(chat, 3)),
    );
    const upTo = await here();
    const { changes, position } = await feed().read(from, upTo);
    expect(position).toBe(upTo);
    expect(changes).toEqual({
      ...EMPTY,
      upserts: [
        expect.objectContaining({ ...chat, number: 1, body: "message 1", author: "ann" }),
        expect.objectContaining({ ...chat, number: 2, body: "new", author: "" }),
      ],
      removals: [{ ...chat, number: 3, changeMark: expect.any(Number) }],
    });
    const marks = [...changes.upserts, ...changes.removals].map(({ changeMark }) => changeMark);
    for (const mark of marks) expect(mark).toBeGreaterThan(from);
    expect(await feed().read(upTo, upTo)).toEqual({ changes: EMPTY, position: upTo });
  });

  test("tells which messages are notes, and nothing of what the system wrote", async () => {
    const chat = await scene.createChat();
    const from = await here();
    const note = newMessage(chat, 2, { internal: true });
    await scene.apply(messagesWrite(chat, [newMessage(chat, 1), note, newMessage(chat, 3)]));
    const where = { application: chat.application, chat: chat.chat, number: 3 };
    const systemEvent = '{"type":"TYPE_MEMBERS_LEFT"}';
    await scene.stores.database.messages.update({ body: null, systemEvent }, { where });
    const { changes } = await feed().read(from, await here());
    const told = changes.upserts.map(({ number, internal }) => ({ number, internal }));
    expect(told).toEqual([
      { number: 1, internal: false },
      { number: 2, internal: true },
    ]);
    expect(changes.removals).toEqual([]);
  });

  test("stops at the mark that it is given", async () => {
    const chat = await scene.createChat();
    const from = await here();
    await scene.apply(messageWrite(chat, 1));
    const between = await here();
    await scene.apply(messageWrite(chat, 2));
    const { changes } = await feed().read(from, between);
    expect(changes.upserts.map(({ number }) => number)).toEqual([1]);
  });

  test("tells chats and applications that are gone", async () => {
    const chat = await scene.createChat();
    const second = { ...chat, chat: 2 };
    const from = await here();
    await scene.apply(chatWrite(second), deleteChatWrite(nameOf(chat)));
    const between = await here();
    expect((await feed().read(from, between)).changes).toEqual({ ...EMPTY, removedChats: [chat] });
    await scene.apply(deleteApplicationWrite(formatApplicationName(chat), { force: true }));
    expect((await feed().read(between, await here())).changes).toEqual({
      ...EMPTY,
      removedApplications: [chat.application],
    });
  });

  test("leaves the messages of deleted chats out, which may be gone before their deletion is read", async () => {
    const chat = await scene.createChat();
    const from = await here();
    await scene.apply(messageWrite(chat, 1), messageWrite(chat, 2));
    const between = await here();
    await scene.apply(deleteMessageWrite(messageNameOf(chat, 2)), deleteChatWrite(nameOf(chat), { force: true }));
    expect((await feed().read(from, between)).changes).toEqual(EMPTY);
    expect((await feed().read(from, await here())).changes).toEqual({ ...EMPTY, removedChats: [chat] });
  });

  test("comes in pages that leave nothing out and repeat nothing", async () => {
    const chat = await scene.createChat();
    const from = await here();
    const all = Array.from({ length: 2_300 }, (_, index) => newMessage(chat, index + 1));
    await scene.apply(messagesWrite(chat, all.slice(0, 1_500)), messagesWrite(chat, all.slice(1_500)));
    const upTo = await here();
    const sizes: number[] = [];
    const numbers: number[] = [];
    for (let position = from; position < upTo; ) {
      const page = await feed().read(position, upTo);
      sizes.push(page.changes.upserts.length);
      numbers.push(...page.changes.upserts.map(({ number }) => number));
      position = page.position;
    }
    expect(sizes).toEqual([2_000, 300]);
    expect(numbers).toEqual(all.map(({ number }) => number));
  });
});

describe("the indexer", () => {
  async function start(index: FakeIndex, log = pino({ level: "silent" })) {
    const horizon = new Horizon(await index.position());
    const indexer = new Indexer({ feed: new ChangeFeed(scene.stores.database), index, horizon, log });
    indexer.start();
    return { indexer, horizon };
  }

  test("brings the index to where the writer is, from where it was", async () => {
    const chat = await scene.createChat();
    await scene.apply(messageWrite(chat, 1));
    const index = new FakeIndex(await here());
    const { indexer, horizon } = await start(index);
    await scene.apply(messageWrite(chat, 2));
    horizon.advance(await here());
    await expect.poll(() => indexer.position).toBe(await here());
    await scene.apply(deleteMessageWrite(messageNameOf(chat, 2)));
    horizon.advance(await here());
    await expect.poll(() => indexer.position).toBe(await here());
    await indexer.stop();
    expect(index.resets).toBe(0);
    expect(index.applied.flatMap(({ changes }) => changes.upserts.map(({ number }) => number))).toEqual([2]);
    expect(index.applied.at(-1)).toEqual({
      changes: { ...EMPTY, removals: [{ ...chat, number: 2, changeMark: expect.any(Number) }] },
      position: await here(),
    });
  });

  test("makes an index anew that is ahead of the database", async () => {
    const chat = await scene.createChat();
    await scene.apply(messageWrite(chat, 1));
    const index = new FakeIndex((await here()) + 1);
    const warn = vi.fn();
    const horizon = new Horizon(await here());
    const feed = new ChangeFeed(scene.stores.database);
    const indexer = new Indexer({ feed, index, horizon, log: { warn } as never });
    indexer.start();
    await expect.poll(() => indexer.position).toBe(await here());
    await indexer.stop();
    expect(index.resets).toBe(1);
    expect(warn).toHaveBeenCalledTimes(1);
    const indexed = index.applied.flatMap(({ changes }) => changes.upserts);
    expect(indexed).toContainEqual(expect.objectContaining({ ...chat, number: 1 }));
  });

  test("gives an index that is ahead its time, as of a database that failed over to a copy", async () => {
    const chat = await scene.createChat();
    const index = new FakeIndex((await here()) + 4_096);
    const horizon = new Horizon(await here());
    const feed = new ChangeFeed(scene.stores.database);
    const log = pino({ level: "silent" });
    const indexer = new Indexer({ feed, index, horizon, log, aheadMaxMs: 60_000 });
    indexer.start();
    await scene.apply(messageWrite(chat, 1));
    await scene.apply(messageWrite(chat, 2));
    horizon.advance(await here());
    await expect.poll(() => indexer.position, POLL).toBe(await here());
    await indexer.stop();
    expect(index.resets).toBe(0);
    expect(index.applied.flatMap(({ changes }) => changes.upserts.map(({ number }) => number))).toEqual([2]);
  });

  test("does not take an index for ahead that another process fed further than it knows of", async () => {
    const horizon = new Horizon(await here());
    const chat = await scene.createChat();
    const index = new FakeIndex(await here());
    const feed = new ChangeFeed(scene.stores.database);
    const indexer = new Indexer({ feed, index, horizon, log: pino({ level: "silent" }) });
    indexer.start();
    await expect.poll(() => indexer.position, POLL).toBe(await here());
    await scene.apply(messageWrite(chat, 1));
    horizon.advance(await here());
    await expect.poll(() => index.applied.length, POLL).toBe(1);
    await indexer.stop();
    expect(index.resets).toBe(0);
  });

  test.each(["while it waits", "while it works"])(
    "feeds an index that was replaced %s from where that is",
    async (when) => {
      const chat = await scene.createChat();
      await scene.apply(messageWrite(chat, 1));
      const before = await here();
      await scene.apply(messageWrite(chat, 2));
      const index = new FakeIndex(await here());
      const { indexer, horizon } = await start(index);
      await expect.poll(() => indexer.position, POLL).toBe(await here());
      index.replace(before);
      if (when === "while it works") {
        await scene.apply(messageWrite(chat, 3));
        horizon.advance(await here());
      }
      await expect.poll(() => index.position(), POLL).toBe(await here());
      await indexer.stop();
      const numbers = index.applied.flatMap(({ changes }) => changes.upserts.map(({ number }) => number));
      expect(numbers).toEqual(when === "while it works" ? [2, 3] : [2]);
    },
  );

  test("reads what follows while a page is applied, and again where that page failed", async () => {
    const index = new FakeIndex(0);
    const [applying, applied] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const apply = index.apply.bind(index);
    index.apply = async (changes, span) => {
      applying.resolve();
      if (span.after === 0) await applied.promise;
      return apply(changes, span);
    };
    const reads: number[] = [];
    const read = async (after: number, upTo: number) => {
      reads.push(after);
      return { changes: EMPTY, position: Math.min(after + 10, upTo) };
    };
    const feed = { read, end: async () => 25 } as Partial<ChangeFeed> as ChangeFeed;
    const indexer = new Indexer({ feed, index, horizon: new Horizon(25), log: pino({ level: "silent" }) });
    indexer.start();
    await applying.promise;
    expect(reads).toEqual([0, 10]);
    index.failures = 1;
    applied.resolve();
    await expect.poll(() => indexer.position, POLL).toBe(25);
    await indexer.stop();
    expect(reads).toEqual([0, 10, 0, 10, 20]);
    expect(index.applied.map(({ position }) => position)).toEqual([10, 20, 25]);
  });

  test("waits an index that is away out, says so, and leaves nothing out", async () => {
    const index = new FakeIndex(await here());
    index.failures = 2;
    const error = vi.fn();
    const { indexer, horizon } = await start(index, { error } as never);
    const chat = await scene.createChat();
    await scene.apply(messageWrite(chat, 1));
    horizon.advance(await here());
    await expect.poll(() => index.applied.length).toBe(1);
    await indexer.stop();
    expect(index.applied[0]!.changes.upserts).toMatchObject([{ ...chat, number: 1 }]);
    expect(error.mock.calls.map(([{ waitMs }]) => waitMs)).toEqual([50, 100]);
  });
});
