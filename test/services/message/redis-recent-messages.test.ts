import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ChatName } from "../../../services/aip/resource-name.ts";
import type {
  RecentBatch,
  RecentChange,
  RecentMessages,
  RecentQuery,
} from "../../../services/message/recent-messages.ts";
import { type RealServerOf, startServer } from "../../servers/real-server.ts";
import { describeOn, describeWithOwn } from "../../servers/shared-server.ts";
import { newMessage } from "../writes.ts";
import { recentBatch } from "./recent-batch.ts";
import { describeRecentMessages } from "./recent-messages-contract.ts";
import { RecentsModel, type RecentsStep } from "./recents-model.ts";
import { RedisRecentsScene } from "./redis-recents-scene.ts";

const APPLICATION = "0123456789abcdefghjkmnpqrs";
const chatOf = (chat: number): ChatName => ({ application: APPLICATION, chat });
const CHAT = chatOf(1);
const ALL: RecentQuery = { after: 0, before: 2 ** 31, newestFirst: false, limit: 10_000 };

const batchOf = (chat: ChatName, ...numbers: number[]): RecentBatch =>
  recentBatch(
    chat,
    numbers.map((number) => newMessage(chat, number)),
  );

function editOf(sequence: number, number: number, body = "edited", chat = CHAT): RecentChange {
  const message = newMessage(chat, number, { body, revision: sequence });
  return { kind: "changed", sequence, name: { ...chat, message: number }, message };
}

async function bodiesOf(recents: RecentMessages, chat = CHAT): Promise<unknown[] | undefined> {
  return (await recents.read(chat, ALL))?.messages.map(({ message }) => message.content.value);
}

const scenes: RedisRecentsScene[] = [];
afterEach(() => {
  for (const scene of scenes.splice(0)) scene.close();
});

async function openSceneAt(url: string, options: { maxBytes?: number } = {}): Promise<RedisRecentsScene> {
  const scene = await RedisRecentsScene.open(url, options);
  scenes.push(scene);
  return scene;
}

describeOn("redis", "redis", (server) => {
  const openScene = (options?: { maxBytes?: number }) => openSceneAt(server.url, options);

  describeRecentMessages("in Redis", async () => {
    const scene = await openScene();
    const recents: RecentMessages = {
      read: (chat, query) => scene.recents.read(chat, query),
      change: (changes) => scene.recents.change(changes),
      add: async (batches, sequence, epoch) => {
        for (const { chat, messages } of batches) await scene.number(chat, messages.at(-1)!.number);
        return scene.recents.add(batches, sequence, epoch);
      },
    };
    return { recents, epoch: scene.epoch };
  });

  describe("what the writer has changed", () => {
    test("does not come back as it was by a record that is told of later", async () => {
      const scene = await openScene();
      const { recents, epoch } = scene;
      await scene.number(CHAT, 3);
      await recents.change([editOf(6, 1)]);
      expect(await recents.add([batchOf(CHAT, 1)], 5, epoch)).toBe(false);
      expect(await bodiesOf(recents)).toBeUndefined();
      expect(await recents.add([batchOf(CHAT, 3)], 7, epoch)).toBe(true);
      expect(await recents.add([batchOf(CHAT, 1, 2)], 5, epoch)).toBe(false);
      expect(await bodiesOf(recents)).toEqual(["message 3"]);
    });

    test("stays where a writer that stood still tells of an earlier change", async () => {
      const scene = await openScene();
      await scene.number(CHAT, 1);
      await scene.recents.add([batchOf(CHAT, 1)], 5, scene.epoch);
      await scene.recents.change([editOf(10, 1, "first"), editOf(20, 1, "second")]);
      await scene.recents.change([editOf(10, 1, "first")]);
      expect(await bodiesOf(scene.recents)).toEqual(["second"]);
      await scene.recents.change([editOf(30, 1, "third")]);
      expect(await bodiesOf(scene.recents)).toEqual(["third"]);
    });

    test("and is not held yet is waited for by those who read it, as far as its record", async () => {
      const scene = await openScene();
      const { recents, epoch } = scene;
      await scene.number(CHAT, 2);
      await recents.change([editOf(6, 1)]);
      await recents.add([batchOf(CHAT, 1)], 5, epoch);
      await recents.add([batchOf(CHAT, 2)], 7, epoch);
      expect(await recents.read(CHAT, ALL)).toMatchObject({ from: 2, sequence: 7 });
    });

    test("in another chat keeps nothing out", async () => {
      const scene = await openScene();
      const { recents, epoch } = scene;
      await scene.number(CHAT, 1);
      await recents.change([editOf(6, 1, "edited", chatOf(2))]);
      expect(await recents.add([batchOf(CHAT, 1)], 5, epoch)).toBe(true);
    });

    test.each<[string, RecentChange]>([
      ["its chat's deletion", { kind: "chatDeleted", sequence: 6, chat: CHAT }],
      ["its application's deletion", { kind: "applicationDeleted", sequence: 6, application: APPLICATION }],
    ])("by %s is held no more, whatever is told of later", async (_, deletion) => {
      const scene = await openScene();
      const { recents, epoch } = scene;
      await scene.number(CHAT, 2);
      await recents.add([batchOf(CHAT, 1)], 4, epoch);
      await recents.change([deletion]);
      for (const sequence of [5, 7]) expect(await recents.add([batchOf(CHAT, 2)], sequence, epoch)).toBe(false);
      expect(await recents.read(CHAT, ALL)).toBeUndefined();
    });

    test("is seen by every process", async () => {
      const scene = await openScene();
      const other = await scene.startProcess();
      await scene.number(CHAT, 2);
      await scene.recents.add([batchOf(CHAT, 1, 2)], 5, scene.epoch);
      expect(await bodiesOf(other.recents)).toEqual(["message 1", "message 2"]);
      await other.recents.change([editOf(6, 2)]);
      expect(await bodiesOf(scene.recents)).toEqual(["message 1", "edited"]);
    });
  });

  describe("after a chat was forgotten", () => {
    test("it does not begin below what was shown before and may be missing from the database", async () => {
      const scene = await openScene();
      const { recents, epoch } = scene;
      await scene.number(CHAT, 8);
      await recents.add([batchOf(CHAT, 4, 6)], 10, epoch);
      await recents.change([{ kind: "stale", sequence: 8, chat: CHAT }]);
      expect(await recents.add([batchOf(CHAT, 5)], 11, epoch)).toBe(true);
      expect(await recents.read(CHAT, ALL)).toMatchObject({ from: 7, sequence: 11, messages: [] });
      expect(await recents.add([batchOf(CHAT, 8)], 12, epoch)).toBe(true);
      expect(await recents.read(CHAT, ALL)).toMatchObject({ from: 7, sequence: 11, whole: false });
      expect(await bodiesOf(recents)).toEqual(["message 8"]);
    });
  });

  describe("what is not shown", () => {
    test("are numbers of an earlier try: its first may have been changed already", async () => {
      const scene = await openScene();
      const { recents, epoch } = scene;
      await scene.number(CHAT, 2);
      await recents.add([batchOf(CHAT, 1)], 5, epoch);
      const batches = [batchOf(CHAT, 2), { ...batchOf(CHAT, 1), repeated: true }];
      expect(await recents.add(batches, 6, epoch)).toBe(false);
      expect(await bodiesOf(recents)).toEqual(["message 1", "message 2"]);
    });

    test("are messages of a chat whose numbers come from nowhere", async () => {
      const { recents, epoch } = await openScene();
      expect(await recents.add([batchOf(CHAT, 1)], 5, epoch)).toBe(false);
    });

    test("are messages of another epoch than the one in force", async () => {
      const scene = await openScene();
      const { recents, epoch } = scene;
      await scene.number(CHAT, 1);
      for (const other of [epoch - 1, epoch + 1, undefined]) {
        expect(await recents.add([batchOf(CHAT, 1)], 5, other)).toBe(false);
      }
      expect(await recents.read(CHAT, ALL)).toBeUndefined();
    });
  });

  describe("a part of which some is missing", () => {
    test("says so, where that may belong to what is asked for", async () => {
      const scene = await openScene();
      const { recents, epoch } = scene;
      await scene.number(CHAT, 300);
      await recents.add([batchOf(CHAT, 10, 11)], 5, epoch);
      await recents.add([batchOf(CHAT, 13, 300)], 6, epoch);
      const read = async (query: Partial<RecentQuery>) => {
        const part = (await recents.read(CHAT, { ...ALL, ...query }))!;
        return [part.messages.map(({ number }) => number), part.whole];
      };
      expect(await read({})).toEqual([[10, 11, 13, 300], false]);
      expect(await read({ after: 9, before: 12 })).toEqual([[10, 11], true]);
      expect(await read({ before: 12 })).toEqual([[10, 11], true]);
      expect(await read({ limit: 2 })).toEqual([[10, 11], true]);
      expect(await read({ limit: 3 })).toEqual([[10, 11, 13], false]);
      expect(await read({ after: 11, before: 13 })).toEqual([[], false]);
      expect(await read({ newestFirst: true, limit: 1 })).toEqual([[300], true]);
      expect(await read({ newestFirst: true, limit: 2 })).toEqual([[300, 13], false]);
      expect(await read({ after: 300 })).toEqual([[], true]);
    });

    test("also where a number is given and its record is not told of", async () => {
      const scene = await openScene();
      await scene.number(CHAT, 2);
      await scene.recents.add([batchOf(CHAT, 1)], 5, scene.epoch);
      expect(await scene.recents.read(CHAT, ALL)).toMatchObject({ whole: false });
    });

    test("is not begun with where the highest number is far above", async () => {
      const scene = await openScene();
      await scene.number(CHAT, 20_000);
      expect(await scene.recents.add([batchOf(CHAT, 1)], 5, scene.epoch)).toBe(false);
      expect(await scene.recents.read(CHAT, ALL)).toBeUndefined();
      expect(await scene.recents.add([batchOf(CHAT, 20_000)], 6, scene.epoch)).toBe(true);
      expect(await scene.recents.read(CHAT, ALL)).toMatchObject({ from: 20_000, sequence: 6 });
    });
  });

  describe("in another life", () => {
    test("nothing is held of what was before it, and a reader who does not know of it gets nothing", async () => {
      const scene = await openScene();
      const { recents, epoch } = scene;
      const other = await scene.startProcess();
      await scene.number(CHAT, 1);
      await recents.add([batchOf(CHAT, 1)], 5, epoch);
      expect(await bodiesOf(other.recents)).toEqual(["message 1"]);
      await other.lives.end(await other.lives.current());
      expect(scene.epoch).toBeGreaterThan(epoch);
      for (const each of [recents, other.recents]) expect(await each.read(CHAT, ALL)).toBeUndefined();
    });
  });

  test("a reader never finds less than callers were told, however records, changes and losses interleave", async () => {
    const step: fc.Arbitrary<RecentsStep> = fc.oneof(
      {
        weight: 4,
        arbitrary: fc.record({ kind: fc.constant("number" as const), count: fc.integer({ min: 1, max: 3 }) }),
      },
      { weight: 4, arbitrary: fc.record({ kind: fc.constant("store" as const), group: fc.nat(3) }) },
      {
        weight: 4,
        arbitrary: fc.record({
          kind: fc.constant("add" as const),
          group: fc.nat(3),
          again: fc.nat(5).map((chance) => chance === 0),
        }),
      },
      { weight: 2, arbitrary: fc.record({ kind: fc.constant("edit" as const), message: fc.nat(50) }) },
      {
        weight: 3,
        arbitrary: fc.record({
          kind: fc.constant("persist" as const),
          records: fc.integer({ min: 1, max: 3 }),
          refuses: fc.nat(4).map((chance) => chance === 0),
        }),
      },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant("tell" as const), group: fc.nat(3) }) },
      { weight: 1, arbitrary: fc.constant({ kind: "crowd" as const }) },
    );
    const scene = await openScene({ maxBytes: 20_000 });
    const { recents, epoch } = scene;
    let chats = 10;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 80, size: "max" }), async (steps) => {
        const chat = chatOf(++chats);
        const model = new RecentsModel({
          ...{ recents, epoch, chat },
          number: (last) => scene.number(chat, last),
          crowd: async (sequence) => {
            const other = chatOf(++chats);
            await scene.number(other, 1);
            const messages = [newMessage(other, 1, { body: "x".repeat(19_900) })];
            await recents.add([recentBatch(other, messages)], sequence, epoch);
          },
        });
        for (const current of steps) {
          await model.take(current);
          expect(await model.staleReads()).toEqual([]);
        }
      }),
      { numRuns: 80 },
    );
  }, 60_000);

  describe("the bytes that are held", () => {
    const body = "x".repeat(1_000);
    const add = async (scene: RedisRecentsScene, chat: number, sequence: number, number = 1) => {
      await scene.number(chatOf(chat), number);
      const messages = [newMessage(chatOf(chat), number, { body })];
      return scene.recents.add([recentBatch(chatOf(chat), messages)], sequence, scene.epoch);
    };
    const held = async (scene: RedisRecentsScene) => {
      const parts = await Promise.all([1, 2, 3, 4, 5].map((chat) => scene.recents.read(chatOf(chat), ALL)));
      return parts.flatMap((part, index) => (part ? [index + 1] : []));
    };

    test("are bounded: the chats that were written to the longest ago go first", async () => {
      const scene = await openScene({ maxBytes: 4_500 });
      for (const [index, chat] of [1, 2, 3].entries()) await add(scene, chat, index + 1);
      expect(await held(scene)).toEqual([1, 2, 3]);
      await add(scene, 1, 4, 2);
      expect(await held(scene)).toEqual([1, 3]);
      await scene.recents.change([editOf(5, 1, "x".repeat(2_500), chatOf(1))]);
      await add(scene, 4, 6);
      expect(await held(scene)).toEqual([4]);
    });

    test("are bounded also where somebody deleted a chat's counter", async () => {
      const scene = await openScene({ maxBytes: 4_500 });
      for (const chat of [1, 2, 3]) await add(scene, chat, chat);
      const { redis, lives } = scene.processes[0]!;
      await redis.del(`${(await lives.current()).prefix}c:${APPLICATION}/1`);
      await add(scene, 4, 4);
      expect(await held(scene)).toEqual([3, 4]);
    });

    test("may be none", async () => {
      const scene = await openScene({ maxBytes: 0 });
      await add(scene, 1, 1);
      expect(await held(scene)).toEqual([]);
    });

    test("are counted right, whatever happens", async () => {
      const chat = fc.constantFrom(1, 2, 3);
      const step = fc.oneof(
        {
          weight: 6,
          arbitrary: fc.record({ kind: fc.constant("add" as const), chat, count: fc.integer({ min: 1, max: 400 }) }),
        },
        {
          weight: 2,
          arbitrary: fc.record({ kind: fc.constant("again" as const), chat, count: fc.integer({ min: 1, max: 9 }) }),
        },
        { weight: 3, arbitrary: fc.record({ kind: fc.constant("edit" as const), chat, count: fc.nat(600) }) },
        {
          weight: 1,
          arbitrary: fc.record({ kind: fc.constant("skip" as const), chat, count: fc.constantFrom(1, 300, 15_000) }),
        },
        {
          weight: 1,
          arbitrary: fc.record({
            kind: fc.constantFrom("stale" as const, "chatDeleted" as const),
            chat,
            count: fc.nat(1),
          }),
        },
      );
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 30 }), async (steps) => {
          const scene = await openScene({ maxBytes: 150_000 });
          const last = [0, 0, 0, 0];
          let sequence = 1;
          for (const { kind, chat, count } of steps) {
            sequence++;
            const name = chatOf(chat);
            if (kind === "edit") await scene.recents.change([editOf(sequence, count, "e".repeat(count), name)]);
            else if (kind === "stale") await scene.recents.change([{ kind, sequence, chat: name }]);
            else if (kind === "chatDeleted" && count === 1)
              await scene.recents.change([{ kind, sequence, chat: name }]);
            else if (kind === "skip") last[chat]! += count;
            else if (kind === "add" || kind === "again") {
              const first = kind === "again" ? Math.max(1, last[chat]! - 1) : last[chat]! + 1;
              last[chat] = first + count - 1;
              await scene.number(name, last[chat]!).catch(() => undefined);
              const numbers = Array.from({ length: count }, (_, index) => first + index);
              await scene.recents.add([batchOf(name, ...numbers)], sequence, scene.epoch);
            }
            expect(await scene.countedBytes()).toEqual(await scene.measuredBytes());
          }
        }),
        { numRuns: 30 },
      );
    }, 60_000);
  });
});

describeWithOwn(["redis"], "recent messages in a Redis that forgets", () => {
  let server: RealServerOf<"redis">;
  beforeEach(async () => {
    server = await startServer("redis");
  });
  afterEach(() => server.stop());
  const openScene = () => openSceneAt(server.url);

  test("the writer tells of its changes there, and begins it where Redis forgot the one before", async () => {
    const scene = await openScene();
    const { epoch, processes } = scene;
    const writer = await scene.startProcess();
    await processes[0]!.redis.script("FLUSH");
    await scene.number(CHAT, 1);
    await writer.recents.change([editOf(6, 1)]);
    expect(scene.epoch).toBeGreaterThan(epoch);
    expect(await scene.recents.add([batchOf(CHAT, 1)], 5, scene.epoch)).toBe(false);
    await processes[0]!.redis.script("FLUSH");
    await writer.recents.change([editOf(7, 1)]);
    expect(scene.numbering.queue.epochs).toHaveLength(3);
  });

  test("a record of a life that Redis forgot is not shown, and its readers get nothing", async () => {
    const scene = await openScene();
    const { recents, epoch, processes } = scene;
    await scene.number(CHAT, 2);
    await recents.add([batchOf(CHAT, 1)], 5, epoch);
    await processes[0]!.redis.script("FLUSH");
    expect(await recents.add([batchOf(CHAT, 2)], 6, epoch)).toBe(false);
    expect(await recents.read(CHAT, ALL)).toBeUndefined();
  });

  test("where Redis is away, nothing is shown, readers get nothing, and the writer is told", async () => {
    const scene = await openScene();
    const { recents, epoch } = scene;
    await scene.number(CHAT, 1);
    await server.kill();
    expect(await recents.add([batchOf(CHAT, 1)], 5, epoch)).toBe(false);
    expect(await recents.read(CHAT, ALL)).toBeUndefined();
    await expect(recents.change([editOf(6, 1)])).rejects.toThrow();
    await recents.change([]);
  });
});
