import { pino } from "pino";
import { expect, onTestFinished, test } from "vitest";
import { type RealServerOf, startServer } from "../../servers/real-server.ts";
import { describeOn, describeWithOwn, newName } from "../../servers/shared-server.ts";
import { describeCachedFacts } from "./cached-facts-contract.ts";
import { APPLICATION, FakeFactSource, userFacts } from "./fake-fact-source.ts";
import { RedisFactsScene } from "./redis-facts-scene.ts";

const USER = { kind: "user", application: APPLICATION, user: "u" } as const;

describeOn("redis", "facts in two processes that share them in Redis", (address) => {
  const open = async (source: FakeFactSource, options?: { max: number }) => {
    const scene = await RedisFactsScene.open(address.url, newName(), source, options);
    return scene;
  };

  describeCachedFacts((source) => open(source, { max: 1_000 }));

  test("what one process looked up, the other takes from Redis", async () => {
    const source = new FakeFactSource();
    const scene = await open(source);
    onTestFinished(() => scene.close());
    const [one, other] = scene.processes;
    source.set(USER, userFacts("Ann"));
    await one!.user(APPLICATION, "u");
    await expect.poll(async () => (await scene.shared.find(USER)).held, { interval: 5 }).toBeDefined();
    expect(await other!.user(APPLICATION, "u")).toEqual(userFacts("Ann"));
    expect(source.asked).toHaveLength(1);
  });

  test("what was looked up before a change is not kept after it", async () => {
    const scene = await open(new FakeFactSource());
    onTestFinished(() => scene.close());
    for (const change of [USER, { kind: "application", application: APPLICATION } as const]) {
      const { stamp } = await scene.shared.find(USER);
      await scene.shared.forget([change]);
      await scene.shared.keep(USER, userFacts("old"), stamp!);
      expect((await scene.shared.find(USER)).held).toBeUndefined();
    }
    const { stamp } = await scene.shared.find(USER);
    await scene.shared.keep(USER, undefined, stamp!);
    expect((await scene.shared.find(USER)).held).toMatchObject({ value: undefined });
  });

  test("what was written down is forgotten, and told of, once for all processes", async () => {
    const source = new FakeFactSource();
    const scene = await open(source);
    onTestFinished(() => scene.close());
    const [, other] = scene.processes;
    source.set(USER, userFacts("Ann"));
    const keep = async () => {
      const { stamp } = await scene.shared.find(USER);
      await scene.shared.keep(USER, userFacts("Ann"), stamp!);
      expect((await scene.shared.find(USER)).held).toBeDefined();
    };
    await keep();
    await other!.user(APPLICATION, "u");
    const { stamp } = await scene.shared.find(USER);
    await scene.shared.empty([{ id: "1", change: USER }]);
    await scene.shared.keep(USER, userFacts("old"), stamp!);
    expect((await scene.shared.find(USER)).held).toBeUndefined();
    source.set(USER, userFacts("Bob"));
    await expect.poll(() => other!.user(APPLICATION, "u")).toEqual(userFacts("Bob"));
    source.set(USER, userFacts("Ann"));
    await keep();
    await scene.others.empty([{ id: "1", change: USER }]);
    expect((await scene.shared.find(USER)).held).toBeDefined();
    await scene.others.empty([{ id: "2", change: { kind: "application", application: APPLICATION } }]);
    expect((await scene.shared.find(USER)).held).toBeUndefined();
  });

  test("what is held tells how long ago it began to be looked up", async () => {
    const scene = await open(new FakeFactSource());
    onTestFinished(() => scene.close());
    const timeInRedis = async () => {
      const [seconds, micros] = await scene.redis.time();
      return Number(seconds) * 1_000 + Number(micros) / 1_000;
    };
    const before = await timeInRedis();
    const { stamp } = await scene.shared.find(USER);
    const after = await timeInRedis();
    await scene.shared.keep(USER, userFacts("Ann"), stamp!);
    const asked = await timeInRedis();
    const { ageMs } = (await scene.shared.find(USER)).held!;
    expect(ageMs).toBeGreaterThan(asked - after - 1);
    expect(ageMs).toBeLessThan((await timeInRedis()) - before + 1);
  });

  test("what belongs to an application goes with it, and the oldest goes where there is too much", async () => {
    const scene = await open(new FakeFactSource(), { max: 3 });
    onTestFinished(() => scene.close());
    const userOf = (user: string) => ({ ...USER, user });
    for (const user of ["a", "b", "c", "d"]) {
      const { stamp } = await scene.shared.find(userOf(user));
      await scene.shared.keep(userOf(user), userFacts(user), stamp!);
    }
    const held = async () => {
      const found = await Promise.all(["a", "b", "c", "d"].map((user) => scene.shared.find(userOf(user))));
      return found.map((each) => each.held?.value?.displayName);
    };
    expect(await held()).toEqual([undefined, "b", "c", "d"]);
    await scene.shared.forget([{ kind: "application", application: APPLICATION }]);
    expect(await held()).toEqual([undefined, undefined, undefined, undefined]);
  });
});

describeWithOwn(["redis"], "facts, where Redis goes away", () => {
  const start = async () => {
    const server: RealServerOf<"redis"> = await startServer("redis");
    onTestFinished(() => server.stop());
    const source = new FakeFactSource();
    const scene = await RedisFactsScene.open(server.url, newName(), source);
    onTestFinished(() => scene.close());
    return { server, source, scene };
  };

  test("count for a second, and a change made meanwhile is told when it is back", async () => {
    const { server, source, scene } = await start();
    const [one, other] = scene.processes;
    source.set(USER, userFacts("old"));
    await one!.user(APPLICATION, "u");
    await other!.user(APPLICATION, "u");
    await server.kill();
    source.set(USER, userFacts("new"));
    const began = Date.now();
    await one!.forget([USER]);
    expect(Date.now() - began).toBeGreaterThan(1_000);
    expect((await other!.user(APPLICATION, "u"))?.displayName).toBe("new");
    await server.start();
    await expect.poll(() => scene.hears, { timeout: 10_000 }).toBe(true);
    expect((await other!.user(APPLICATION, "u"))?.displayName).toBe("new");
  });

  test("count for a second where Redis does not let changes be heard, and that is in the log", async () => {
    const { server, source, scene } = await start();
    await scene.redis.call("ACL", "SETUSER", "default", "-subscribe");
    await scene.redis.call("CLIENT", "KILL", "TYPE", "pubsub");
    await expect.poll(() => scene.hears, { timeout: 5_000 }).toBe(false);
    const lines: string[] = [];
    const log = pino({}, { write: (line: string) => void lines.push(line) });
    const deaf = RedisFactsScene.open(server.url, newName(), source, { log }).catch(() => undefined);
    await expect.poll(() => lines.join(), { timeout: 5_000 }).toContain("does not tell what changed");
    await deaf;
  });

  test("are not waited for where Redis does not answer", async () => {
    const { scene } = await start();
    await scene.shared.find(USER);
    await scene.redis.call("CLIENT", "PAUSE", "1500");
    const redis = scene.redis.ping().then(() => "Redis answers");
    const found = scene.shared.find(USER).then(() => "nothing is found");
    expect(await Promise.race([redis, found])).toBe("nothing is found");
    await redis;
  });

  test("that were held by another run of the server are not taken from it", async () => {
    const { server, source, scene } = await start();
    source.set(USER, userFacts("old"));
    const { stamp } = await scene.shared.find(USER);
    await server.kill();
    await server.start();
    await expect.poll(async () => (await scene.shared.find(USER)).stamp, { timeout: 10_000 }).toBeDefined();
    await scene.shared.keep(USER, userFacts("old"), stamp!);
    expect((await scene.shared.find(USER)).held).toBeUndefined();
  });
});
