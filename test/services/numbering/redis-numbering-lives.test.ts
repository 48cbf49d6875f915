import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { type Numbered, NumberingUnavailableError, type NumberRequest } from "../../../services/numbering/numbering.ts";
import { EpochOverError } from "../../../services/write-queue/write-queue.ts";
import { type OptionsByKind, type RealServerOf, startServer } from "../../servers/real-server.ts";
import { describeWithOwn } from "../../servers/shared-server.ts";
import { recentBatch } from "../message/recent-batch.ts";
import { type RedisProcess, startRedisProcess, WAIT_MS } from "../redis/redis-process.ts";
import { newMessage } from "../writes.ts";
import { NumberingScene } from "./numbering-scene.ts";

const BUSY = { application: "a", chat: 1 };
const QUIET = { application: "a", chat: 2 };
const some = (chat = BUSY, count = 1): NumberRequest => ({ ...chat, count });
const keyed = (requestId: string, chat = BUSY): NumberRequest => ({
  ...some(chat),
  request: { principal: "p", requestId, digest: Uint8Array.of(1) },
});
const newChat = (): NumberRequest => ({ application: "a", count: 1 });

const servers: RealServerOf<"redis">[] = [];
const processes: RedisProcess[] = [];
afterEach(async () => {
  for (const { redis } of processes.splice(0)) redis.disconnect();
  for (const server of servers.splice(0)) await server.stop();
});

async function startOwn(options: OptionsByKind["redis"] = {}): Promise<RealServerOf<"redis">> {
  const server = await startServer("redis", options);
  servers.push(server);
  return server;
}

const processAt = (url: string) => async (stores: Parameters<typeof startRedisProcess>[1]) => {
  const process = await startRedisProcess(url, stores);
  processes.push(process);
  return process.numbering;
};

/** A process that has given numbers 1 to 3 in BUSY and 1 in QUIET. */
async function openScene(url: string): Promise<NumberingScene> {
  const scene = await NumberingScene.open(processAt(url));
  scene.database.create({ application: "a" }, { last: 2, lastTimeMs: 0 });
  for (const chat of [BUSY, QUIET]) scene.database.create(chat);
  expect(await scene.store(some(BUSY, 2), keyed("r"), some(QUIET))).toMatchObject([
    { first: 1 },
    { first: 3 },
    { first: 1 },
  ]);
  return scene;
}

/** Asks until the stores answer. */
const eventually = <T>(ask: () => Promise<T>) => vi.waitFor(ask, { timeout: 10_000, interval: 20 });

/** Resolves when a replica has all that its primary has. */
async function isLinked(url: string): Promise<void> {
  const redis = new Redis(url);
  const check = async () => expect(await redis.info("replication")).toContain("master_link_status:up");
  await vi.waitFor(check, { timeout: 20_000, interval: 50 }).finally(() => redis.disconnect());
}

const epochsOf = ({ queue }: NumberingScene) => queue.epochs.map(({ epoch }) => epoch);

/** What a wish that has to wait waits for. */
function readyOf(numbered: Numbered | undefined) {
  if (numbered?.kind !== "later") throw new Error("it need not wait");
  return numbered.ready;
}

describeWithOwn(["redis"], "numbers in Redis", () => {
  let shared: RealServerOf<"redis">;
  beforeAll(async () => {
    shared = await startServer("redis");
  });
  afterAll(() => shared.stop());

  describe("where Redis forgets, numbers go on above all that were stored", () => {
    type Amnesia = { persistence?: "none" | "aof" | "rdb"; forget(server: RealServerOf<"redis">): Promise<void> };
    const send = async (...command: [string, ...string[]]) => {
      await processes[0]!.redis.call(...command);
    };
    const restart = async (server: RealServerOf<"redis">) => {
      await server.kill();
      await server.start();
    };

    test.each<[string, Amnesia]>([
      ["its scripts alone", { forget: () => send("SCRIPT", "FLUSH") }],
      ["its keys alone", { forget: () => send("FLUSHALL") }],
      [
        "both",
        {
          forget: async () => {
            await send("FLUSHALL");
            await send("SCRIPT", "FLUSH");
          },
        },
      ],
      ["all, by a restart", { forget: restart }],
      ["nothing but its scripts, by a restart with a log of every write", { persistence: "aof", forget: restart }],
      [
        "the last of it, by a restart with an old snapshot",
        {
          persistence: "rdb",
          forget: async (server) => {
            const dump = join(server.folder, "data", "dump.rdb");
            await server.kill();
            await copyFile(`${dump}.old`, dump);
            await server.start();
          },
        },
      ],
    ])("%s", async (_, { persistence, forget }) => {
      const server = await startOwn({ persistence });
      const scene = await openScene(server.url);
      if (persistence === "rdb") {
        await send("SAVE");
        await copyFile(join(server.folder, "data", "dump.rdb"), join(server.folder, "data", "dump.rdb.old"));
      }
      expect(await scene.store(some(), some(QUIET), newChat())).toMatchObject([
        { first: 4 },
        { first: 2 },
        { first: 3 },
      ]);
      await scene.settle(await scene.number(keyed("s")), false);
      const paused = await scene.number(some(), some(QUIET), keyed("s"));
      expect(paused.numbered.numbered).toMatchObject([{ first: 6 }, { first: 3 }, { kind: "repeated", first: 5 }]);
      await forget(server);
      // The other chat of the epoch, which the database may not know yet, and the request of the paused group.
      const numbered = await eventually(() => scene.store(some(), keyed("r"), keyed("s"), some({ ...QUIET, chat: 3 })));
      expect(numbered).toMatchObject([
        { kind: "assigned" },
        { kind: "repeated", first: 3, stored: true },
        { kind: "assigned" },
        { kind: "assigned", first: 1 },
      ]);
      await expect(scene.settle(paused, true)).rejects.toThrow(EpochOverError);
      expect(await scene.store(some(QUIET), newChat())).toMatchObject([{ first: 3 }, { first: 4 }]);
      scene.persist();
      expect(epochsOf(scene)).toHaveLength(2);
    });

    test("though a group that was numbered before is stored before anybody notices", async () => {
      const scene = await openScene(shared.url);
      const paused = await scene.number(some(BUSY, 5), keyed("s"));
      const [, last] = paused.numbered.numbered as [unknown, Extract<Numbered, { first: number }>];
      await send("SCRIPT", "FLUSH");
      await scene.settle(paused, true);
      expect(await scene.store(some(), keyed("s"))).toMatchObject([
        { kind: "assigned", first: last.first + 1 },
        { kind: "repeated", first: last.first, stored: true },
      ]);
    });
  });

  describe("where a replica is promoted that is behind", () => {
    /** A primary that has given numbers which its replica does not know, and a process of either. */
    async function openPair() {
      const settings = ["repl-diskless-sync-delay 0"];
      const primary = await startOwn({ settings });
      const replica = await startOwn({ settings, replicaOf: primary.port });
      // A primary has another replication id from its first replica on.
      await isLinked(replica.url);
      const scene = await openScene(primary.url);
      const [first] = processes;
      await first!.recents.add([recentBatch(BUSY, [newMessage(BUSY, 3)])], 4, epochsOf(scene)[0]);
      await vi.waitFor(async () => expect(await first!.redis.wait(1, 100)).toBe(1), { timeout: 20_000 });
      const other = await scene.fork(processAt(replica.url));
      const { redis } = processes.at(-1)!;
      await redis.replicaof("NO", "ONE");
      expect(await scene.store(some(BUSY, 3), keyed("s"))).toMatchObject([{ first: 4 }, { first: 7 }]);
      return { primary, replica, scene, other, redis, first: first!.redis };
    }

    test("no number is given twice, while the old primary lives on for some processes", async () => {
      const { scene, other } = await openPair();
      const paused = await scene.number(some());
      expect(await other.store(some(), keyed("s"))).toMatchObject([
        { kind: "assigned", first: 8 },
        { kind: "repeated", first: 7, stored: true },
      ]);
      await expect(scene.settle(paused, true)).rejects.toThrow(EpochOverError);
      const numbered = await Promise.all([1, 2, 3].flatMap(() => [scene.store(some()), other.store(some())]));
      expect(numbered.flat().map(({ kind }) => kind)).toEqual(numbered.map(() => "assigned"));
      scene.persist();
    });

    test("nor where the old primary becomes its replica, and is promoted again", async () => {
      const { scene, primary, replica, first } = await openPair();
      const [before] = await scene.numbering.number([some()]).then(({ numbered }) => numbered);
      expect(before).toMatchObject({ first: 8 });
      await first.replicaof("127.0.0.1", replica.port);
      await isLinked(primary.url);
      await first.replicaof("NO", "ONE");
      expect(await eventually(() => scene.store(some(), keyed("s")))).toMatchObject([
        { kind: "assigned", first: 8 },
        { kind: "repeated", first: 7, stored: true },
      ]);
      scene.persist();
      expect(epochsOf(scene)).toHaveLength(2);
    });

    test("and what it holds of recent messages is not read", async () => {
      const { scene, primary, replica, first } = await openPair();
      const { recents } = processes[0]!;
      const query = { after: 0, before: 100, newestFirst: false, limit: 100 };
      await recents.add([recentBatch(BUSY, [newMessage(BUSY, 7)])], 5, epochsOf(scene)[0]);
      expect((await recents.read(BUSY, query))?.messages.map(({ number }) => number)).toEqual([3, 7]);
      await first.replicaof("127.0.0.1", replica.port);
      await isLinked(primary.url);
      expect(await recents.read(BUSY, query)).toBeUndefined();
    });
  });

  describe("a new life", () => {
    test("is begun once, however many processes notice at the same time", async () => {
      const scene = await openScene(shared.url);
      const scenes = [scene, ...(await Promise.all([1, 2, 3].map(() => scene.fork())))];
      for (let life = 2; life <= 4; life++) {
        await processes[0]!.redis.script("FLUSH");
        const numbered = await Promise.all(scenes.map((each) => each.store(some())));
        expect(numbered.flat().map(({ kind }) => kind)).toEqual(scenes.map(() => "assigned"));
        expect(epochsOf(scene)).toHaveLength(life);
      }
      scene.persist();
    });

    test("is begun once where several processes miss the same counter", async () => {
      const scene = await openScene(shared.url);
      const scenes = [scene, ...(await Promise.all([1, 2].map(() => scene.fork())))];
      await processes[0]!.redis.flushall();
      const numbered = await Promise.all(scenes.map((each) => each.store(some())));
      expect(
        numbered
          .flat()
          .map((outcome) => (outcome as { first: number }).first)
          .sort(),
      ).toEqual([4, 5, 6]);
      expect(epochsOf(scene)).toHaveLength(2);
      scene.persist();
    });

    test("begins where no process has asked before, and is one for all", async () => {
      const scene = await NumberingScene.open(processAt(shared.url));
      scene.database.create(BUSY);
      scene.database.create({ application: "a" });
      const scenes = [scene, ...(await Promise.all([1, 2, 3].map(() => scene.fork())))];
      const numbered = await Promise.all(scenes.map((each) => each.store(some())));
      expect(
        numbered
          .flat()
          .map((outcome) => (outcome as { first: number }).first)
          .sort(),
      ).toEqual([1, 2, 3, 4]);
      expect(epochsOf(scene)).toHaveLength(1);
    });

    test("is learnt of by a process that numbers for one that is over", async () => {
      const scene = await openScene(shared.url);
      const other = await scene.fork();
      await other.store(some());
      const group = await other.number(some());
      await processes[0]!.lives.end(await processes[0]!.lives.current());
      await expect(other.settle(group, true)).rejects.toThrow(EpochOverError);
      const anew = await other.numbering.number(group.group, group.numbered.epoch);
      expect(anew.epoch).toBe(epochsOf(scene).at(-1));
      expect(await other.store(some())).toMatchObject([{ first: 5 }]);
      scene.persist();
    });
  });

  describe("a counter", () => {
    test("is taken from the database when the writer has reached the epoch, and not before", async () => {
      const scene = await NumberingScene.open(processAt(shared.url));
      scene.database.create({ application: "a" });
      scene.database.create(BUSY, { last: 7, lastTimeMs: 0 });
      const [waiting] = await scene.ask(some());
      const ready = readyOf(waiting);
      const answered = vi.fn();
      void ready.then(answered);
      expect(await scene.ask(some())).toMatchObject([{ kind: "later" }]);
      expect(answered).not.toHaveBeenCalled();
      scene.persist();
      expect(await ready).toBe("again");
      expect(await scene.ask(some())).toMatchObject([{ first: 8 }]);
    });

    test("is set by one of the processes that want it at the same time", async () => {
      const scene = await openScene(shared.url);
      const chat = { application: "a", chat: 9 };
      scene.database.create(chat, { last: 7, lastTimeMs: 0 });
      const scenes = [scene, ...(await Promise.all([1, 2, 3].map(() => scene.fork())))];
      const numbered = await Promise.all(scenes.map((each) => each.store(some(chat), some(chat))));
      const firsts = numbered.flat().map((outcome) => (outcome as { first: number }).first);
      expect(firsts.sort((a, b) => a - b)).toEqual([8, 9, 10, 11, 12, 13, 14, 15]);
      expect(epochsOf(scene)).toHaveLength(1);
    });

    test("that was claimed by a process which is slow is waited for", async () => {
      const scene = await openScene(shared.url);
      const chat = { application: "a", chat: 9 };
      scene.database.create(chat, { last: 7, lastTimeMs: 0 });
      await scene.database.claim(chat, epochsOf(scene)[0]!);
      const [waiting] = await scene.ask(some(chat));
      const { lives } = processes[0]!;
      await lives.call(await lives.current(), "seed", "a", "9", 7, 0);
      expect(await readyOf(waiting)).toBe("again");
      expect(await scene.ask(some(chat))).toMatchObject([{ first: 8 }]);
      expect(epochsOf(scene)).toHaveLength(1);
    });

    test("that was claimed by a process which ended is set in the next life", async () => {
      const scene = await openScene(shared.url);
      const chat = { application: "a", chat: 9 };
      scene.database.create(chat, { last: 7, lastTimeMs: 0 });
      await scene.database.claim(chat, epochsOf(scene)[0]!);
      const began = Date.now();
      expect(await scene.store(some(chat))).toMatchObject([{ first: 8 }]);
      expect(Date.now() - began).toBeGreaterThanOrEqual(WAIT_MS);
      expect(epochsOf(scene)).toHaveLength(2);
    });

    test("of a chat whose process ended before it could open it opens when the writer has passed its record", async () => {
      const scene = await openScene(shared.url);
      const chat = await scene.number(newChat());
      const [outcome] = chat.numbered.numbered as [Extract<Numbered, { first: number }>];
      const { first, createTimeMs } = outcome;
      scene.queue.append(
        [{ request: newChat(), first, createTimeMs, epoch: chat.numbered.epoch }],
        chat.numbered.epoch,
      );
      expect(await scene.ask(some({ ...BUSY, chat: first }))).toMatchObject([{ kind: "later" }]);
      expect(await scene.store(some({ ...BUSY, chat: first }))).toMatchObject([{ kind: "assigned", first: 1 }]);
    });

    test("of a chat that was never stored is absent", async () => {
      const scene = await openScene(shared.url);
      const { numbered } = await scene.number(newChat());
      const [{ first }] = numbered.numbered as [Extract<Numbered, { first: number }>];
      expect(await scene.store(some({ ...BUSY, chat: first }))).toEqual([{ kind: "absent" }]);
    });
  });

  describe("a request_id", () => {
    test("of an earlier life is looked up in the database once, all of a group together", async () => {
      const scene = await openScene(shared.url);
      const ids = ["a", "b", "c", "d"];
      const made = await scene.store(...ids.map((id) => keyed(id)));
      await processes[0]!.redis.script("FLUSH");
      await scene.store(some());
      const find = vi.spyOn(scene.database, "findRequests");
      const wishes = [...ids, "new"].map((id) => keyed(id));
      const waiting = await scene.ask(...wishes);
      await Promise.all(waiting.map(readyOf));
      const again = await scene.ask(...wishes);
      expect(again).toMatchObject([
        ...made.map((outcome) => ({ ...outcome, kind: "repeated", stored: true })),
        { kind: "assigned" },
      ]);
      expect(find.mock.calls.length).toBe(1);
      await scene.ask(...wishes);
      expect(find.mock.calls.length).toBe(1);
    });

    test("of a chat that was made in this life is not looked up", async () => {
      const scene = await openScene(shared.url);
      const [chat] = (await scene.store(newChat())) as [Extract<Numbered, { first: number }>];
      const find = vi.spyOn(scene.database, "findRequests");
      expect(await scene.store(keyed("x", { ...BUSY, chat: chat.first }))).toMatchObject([{ kind: "assigned" }]);
      expect(find).not.toHaveBeenCalled();
    });

    test("may be used again after its time", async () => {
      const scene = await NumberingScene.open(async (stores) => {
        const process = await startRedisProcess(shared.url, stores, { requestTtlMs: 200 });
        processes.push(process);
        return process.numbering;
      });
      scene.database.create({ application: "a" });
      const [chat] = (await scene.store(newChat())) as [Extract<Numbered, { first: number }>];
      const wish = keyed("x", { ...BUSY, chat: chat.first });
      expect(await scene.ask(wish)).toMatchObject([{ kind: "assigned", first: 1 }]);
      expect(await scene.ask(wish)).toMatchObject([{ kind: "repeated", first: 1 }]);
      await eventually(async () =>
        expect((await scene.numbering.number([wish])).numbered).toMatchObject([{ first: 2 }]),
      );
    });
  });

  describe("while a store is away", () => {
    test("Redis: no number is given, and none is after it is back that was before", async () => {
      const server = await startOwn({ persistence: "aof" });
      const scene = await openScene(server.url);
      await server.kill();
      await expect(scene.numbering.number([some()])).rejects.toThrow(NumberingUnavailableError);
      await server.start();
      expect(await eventually(() => scene.store(some()))).toMatchObject([{ first: 4 }]);
    });

    test("Redis, paused: no number is given within the time of a command, and none twice when it goes on", async () => {
      const server = await startOwn();
      const scene = await openScene(server.url);
      await server.kill("SIGSTOP");
      await expect(scene.numbering.number([some()])).rejects.toThrow(NumberingUnavailableError);
      await server.kill("SIGCONT");
      expect(await eventually(() => scene.store(some()))).toMatchObject([{ kind: "assigned" }]);
      scene.persist();
    });

    test("the queue: numbers of the life that is known are given, and no life begins", async () => {
      const scene = await openScene(shared.url);
      scene.queue.away = true;
      const { numbered } = await scene.numbering.number([some()]);
      expect(numbered).toMatchObject([{ first: 4 }]);
      await processes[0]!.redis.script("FLUSH");
      await expect(scene.numbering.number([some()])).rejects.toThrow(NumberingUnavailableError);
      scene.queue.away = false;
      expect(await scene.store(some())).toMatchObject([{ kind: "assigned", first: 4 }]);
      expect(epochsOf(scene)).toHaveLength(2);
    });

    test("the database: chats that need it wait in vain, and all others go on", async () => {
      const scene = await openScene(shared.url);
      const chat = { application: "a", chat: 9 };
      scene.database.create(chat);
      scene.database.away = true;
      expect(await scene.store(some(), some(chat))).toMatchObject([{ first: 4 }, { kind: "unavailable" }]);
      scene.database.away = false;
      expect(await scene.store(some(chat))).toMatchObject([{ first: 1 }]);
      expect(epochsOf(scene)).toHaveLength(1);
    });
  });
});
