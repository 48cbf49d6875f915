import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { Redis } from "ioredis";
import { afterEach, expect, test, vi } from "vitest";
import type { NumberRequest } from "../../../services/numbering/numbering.ts";
import { createSeededRandom, type SeededRandom } from "../../seeded-random.ts";
import { type RealServerOf, startServer } from "../../servers/real-server.ts";
import { describeWithOwn } from "../../servers/shared-server.ts";
import { type RedisProcess, startRedisProcess } from "../redis/redis-process.ts";
import { type Answer, findInversions, NumberingLoad } from "./numbering-load.ts";
import { NumberingScene } from "./numbering-scene.ts";

/** NUMBERS_SEED: of a run to be repeated; default another each time. */
const SEED = Number(process.env.NUMBERS_SEED ?? Date.now() % 2 ** 31);
/** NUMBERS_SECONDS: how long faults go on. */
const SECONDS = Number(process.env.NUMBERS_SECONDS ?? 8);
const CALLERS = 12;
const CHATS = [1, 2, 3].map((chat): NumberRequest => ({ application: "a", chat, count: 1 }));
const WISHES: NumberRequest[] = [...CHATS, { application: "a", chat: 1, count: 3 }, { application: "a", count: 1 }];

const processes: RedisProcess[] = [];
const servers: RealServerOf<"redis">[] = [];
afterEach(async () => {
  for (const { redis } of processes.splice(0)) redis.disconnect();
  for (const server of servers.splice(0)) await server.stop();
});

async function openScenes(url: string): Promise<NumberingScene[]> {
  const scene = await NumberingScene.open(async (stores) => {
    const process = await startRedisProcess(url, stores, { waitMs: 60 });
    processes.push(process);
    return process.numbering;
  });
  scene.database.create({ application: "a" }, { last: 3, lastTimeMs: 0 });
  for (const chat of CHATS) scene.database.create(chat, { last: 10, lastTimeMs: 0 });
  return [scene, await scene.fork(), await scene.fork()];
}

/** Makes a server a copy of another, and a primary again. */
async function copyOf(server: RealServerOf<"redis">, primary: RealServerOf<"redis">): Promise<void> {
  const redis = new Redis(server.url);
  try {
    await redis.replicaof("127.0.0.1", primary.port);
    const isUp = async () => expect(await redis.info("replication")).toContain("master_link_status:up");
    await vi.waitFor(isUp, { timeout: 5_000, interval: 20 });
  } finally {
    await redis.replicaof("NO", "ONE");
    redis.disconnect();
  }
}

type Stage = { server: RealServerOf<"redis">; replica: RealServerOf<"redis">; scene: NumberingScene };

/** What may happen, each for a moment. */
function faultsOf({ server, replica, scene: { queue, database } }: Stage, random: SeededRandom) {
  const dump = join(server.folder, "data", "dump.rdb");
  const send = (...command: [string, ...string[]]) => random.pick(processes).redis.call(...command);
  const away = async (store: { away: boolean }) => {
    store.away = true;
    await pause(random.pick([20, 200]));
    store.away = false;
  };
  const restart = async (between: () => Promise<unknown> = async () => undefined) => {
    await server.kill();
    await between().finally(() => server.start());
  };
  return [
    () => send("SCRIPT", "FLUSH"),
    () => send("FLUSHALL"),
    () => send("CLIENT", "KILL", "TYPE", "normal"),
    () => send("SAVE"),
    async () => {
      await send("SAVE");
      await copyFile(dump, `${dump}.old`);
    },
    () => restart(),
    () => restart(() => copyFile(`${dump}.old`, dump)),
    async () => {
      await server.kill("SIGSTOP");
      await pause(random.pick([100, 100, 2_500]));
      await server.kill("SIGCONT");
    },
    async () => {
      await copyOf(replica, server);
      await pause(200);
      // It is demoted, and promoted again with what the other knew.
      await copyOf(server, replica);
    },
    () => away(queue),
    () => away(database),
  ];
}

/** Takes records into the database, now and then, until told to end; throws where one cannot be. */
async function write(scene: NumberingScene, random: SeededRandom, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    if (!scene.database.away) scene.persist(random.below(6));
    await pause(random.pick([0, 1, 5, 100]));
  }
}

/** Lets faults befall, one after the other, until told to end. */
async function befall(faults: readonly (() => Promise<unknown>)[], random: SeededRandom, signal: AbortSignal) {
  while (!signal.aborted) {
    await pause(random.pick([10, 100, 300]));
    await random
      .pick(faults)()
      .catch(() => undefined);
  }
}

/** Creates while faults befall; resolves with what was answered when all is over, and every process numbers again. */
async function playOut(stage: Stage, scenes: readonly NumberingScene[], random: SeededRandom): Promise<Answer[]> {
  const { scene } = stage;
  const load = new NumberingLoad(scenes, random);
  const [ending, written] = [new AbortController(), new AbortController()];
  const end = setTimeout(() => ending.abort(), SECONDS * 1_000);
  const writer = write(scene, random, written.signal).finally(() => {
    ending.abort();
    scene.horizon.interrupt(new Error("the writer has ended"));
  });
  const work = [
    befall(faultsOf(stage, random), random, ending.signal),
    ...Array.from({ length: CALLERS }, (_, index) => load.run(`${index}`, WISHES, ending.signal)),
  ];
  await Promise.race([writer, Promise.all(work)]);
  clearTimeout(end);
  const again = () => Promise.all(scenes.map((each) => each.store(CHATS[0]!)));
  const numbered = await vi.waitFor(again, { timeout: 10_000 });
  expect(numbered.flat().map(({ kind }) => kind)).toEqual(scenes.map(() => "assigned"));
  written.abort();
  await writer;
  scene.persist();
  return load.answers;
}

describeWithOwn(["redis"], "numbers in a Redis that faults befall", () => {
  // The simulated database throws where a number is stored twice, or a request makes a second number.
  test(
    `are stored once, rise, and are one a request, whatever happens (NUMBERS_SEED=${SEED})`,
    async () => {
      const settings = ["repl-diskless-sync-delay 0"];
      const server = await startServer("redis", { persistence: "rdb", settings });
      const replica = await startServer("redis", { settings });
      servers.push(server, replica);
      const scenes = await openScenes(server.url);
      const [scene] = scenes as [NumberingScene];
      const answers = await playOut({ server, replica, scene }, scenes, createSeededRandom(SEED));
      expect(answers.length).toBeGreaterThan(100);
      expect(answers.filter((answer) => !scene.database.has(answer))).toEqual([]);
      expect(findInversions(answers)).toEqual([]);
    },
    SECONDS * 1_000 + 60_000,
  );
});
