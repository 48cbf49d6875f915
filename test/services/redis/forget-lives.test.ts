import { pino } from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { forgetLives } from "../../../services/redis/forget-lives.ts";
import { lifeOf } from "../../../services/redis/redis-life.ts";
import { RedisLives } from "../../../services/redis/redis-lives.ts";
import { type RealServerOf, startServer } from "../../servers/real-server.ts";
import { describeWithOwn } from "../../servers/shared-server.ts";
import { NumberingScene } from "../numbering/numbering-scene.ts";
import { SimulatedQueue } from "../numbering/simulated-queue.ts";
import { INSTALLATION, type RedisProcess, startRedisProcess } from "./redis-process.ts";

const CHAT = { application: "a", chat: 1, count: 1 };

describeWithOwn(["redis"], "the keys of earlier lives", () => {
  let server: RealServerOf<"redis">;
  let process: RedisProcess;
  let scene: NumberingScene;
  beforeAll(async () => {
    server = await startServer("redis");
    scene = await NumberingScene.open(async (stores) => {
      process = await startRedisProcess(server.url, stores);
      return process.numbering;
    });
  });
  afterAll(async () => {
    process.redis.disconnect();
    await server.stop();
  });

  test("are removed, and those of the life in force, of a later one and of other installations stay", async () => {
    const { redis, lives } = process;
    scene.database.create(CHAT);
    scene.database.create({ application: "a" });
    await scene.store(CHAT);
    const first = await lives.current();
    await lives.end(first);
    await scene.store(CHAT);
    const second = await lives.current();
    const later = lifeOf(INSTALLATION, { epoch: second.epoch + 1, life: "a-life" });
    const foreign = lifeOf(`${INSTALLATION}-other`, { epoch: 1, life: "a-life" });
    for (const { prefix } of [later, foreign]) await redis.set(`${prefix}c:a`, "a key");
    await Promise.all(Array.from({ length: 2_500 }, (_, index) => redis.set(`${first.prefix}r:${index}`, "a key")));
    const before = (await redis.keys(`${second.prefix}*`)).sort();
    await forgetLives(redis, lives, INSTALLATION);
    expect(await redis.keys(`${first.prefix}*`)).toEqual([]);
    expect((await redis.keys(`${second.prefix}*`)).sort()).toEqual(before);
    expect(before.length).toBeGreaterThan(1);
    for (const { prefix } of [later, foreign]) expect(await redis.keys(`${prefix}*`)).toHaveLength(1);
    expect(await scene.store(CHAT)).toMatchObject([{ first: 3 }]);
    expect(scene.queue.epochs).toHaveLength(2);
  });

  test("are left where no life is known", async () => {
    const { redis } = process;
    const before = await redis.dbsize();
    const epochs = new SimulatedQueue();
    const lives = new RedisLives({
      redis,
      epochs,
      installation: INSTALLATION,
      waitMs: 1,
      log: pino({ level: "silent" }),
    });
    await forgetLives(redis, lives, INSTALLATION);
    expect(await redis.dbsize()).toBe(before);
  });
});
