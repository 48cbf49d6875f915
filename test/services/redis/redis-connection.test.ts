import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Redis } from "ioredis";
import type { Logger } from "pino";
import { afterEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { connectRedis } from "../../../services/redis/redis-connection.ts";
import { checkRedisServer, RedisServerError } from "../../../services/redis/redis-server.ts";
import { SettingsError } from "../../../services/settings/settings.ts";
import { createCertificate } from "../../certificate.ts";
import { freePort } from "../../servers/free-port.ts";
import { type OptionsByKind, type RealServerOf, startServer } from "../../servers/real-server.ts";
import { describeWithOwn } from "../../servers/shared-server.ts";
import { recentBatch } from "../message/recent-batch.ts";
import { NumberingScene } from "../numbering/numbering-scene.ts";
import { newMessage } from "../writes.ts";
import { INSTALLATION, type RedisProcess, redisSettings, startRedisProcess } from "./redis-process.ts";

const CHAT = { application: "a", chat: 1 };
const ALL = { after: 0, before: 100, newestFirst: false, limit: 100 };

const open: { disconnect(): void }[] = [];
const servers: RealServerOf<"redis">[] = [];
afterEach(async () => {
  for (const redis of open.splice(0)) redis.disconnect();
  for (const server of servers.splice(0).reverse()) await server.stop();
});

async function start(options: OptionsByKind["redis"] = {}): Promise<RealServerOf<"redis">> {
  const server = await startServer("redis", options);
  servers.push(server);
  return server;
}

const logOf = () => ({ warn: vi.fn(), error: vi.fn(), info: vi.fn() });

async function connect(settings: ReturnType<typeof redisSettings>, log = logOf()): Promise<Redis> {
  const redis = await connectRedis(settings, log as unknown as Logger);
  open.push(redis);
  return redis;
}

/** A process that numbers, over a connection of its own. */
async function openProcess(settings: ReturnType<typeof redisSettings>) {
  const processes: RedisProcess[] = [];
  const scene = await NumberingScene.open(async (stores) => {
    const process = await startRedisProcess(settings.REDIS_URL!, stores, { settings });
    open.push(process.redis);
    processes.push(process);
    return process.numbering;
  });
  scene.database.create({ application: "a" }, { last: 1, lastTimeMs: 0 });
  scene.database.create(CHAT);
  return { scene, process: processes[0]! };
}

describe("a server is refused", () => {
  const answering = (info: string) => ({ info: async () => info }) as unknown as Redis;

  test.each([
    ["redis_version:6.2.14\r\nmaxmemory_policy:noeviction\r\n", "version 6.2.14; Parley needs 7 or newer"],
    ["maxmemory_policy:noeviction\r\n", "Parley needs 7 or newer"],
    ["redis_version:7.4.0\r\nmaxmemory_policy:allkeys-lru\r\n", "maxmemory-policy allkeys-lru"],
  ])("that says %j", async (info, message) => {
    const refusal = await checkRedisServer(answering(info)).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(RedisServerError);
    expect((refusal as Error).message).toContain(message);
  });

  test.each([
    "redis_version:7.0.15\r\nmaxmemory_policy:noeviction\r\n",
    "redis_version:10.0.0\r\nmaxmemory_policy:noeviction\r\n",
    "redis_version:8.0.0\r\n",
  ])("and not one that says %j", async (info) => {
    await checkRedisServer(answering(info));
  });
});

describeWithOwn(["redis"], "a connection to Redis", () => {
  test("is not made to a server that evicts", async () => {
    const server = await start({ settings: ["maxmemory-policy allkeys-lru"] });
    await expect(connect(redisSettings(server.url))).rejects.toThrow(/allkeys-lru.*noeviction/);
  });

  test("is made as soon as a server that is away can be reached, which is logged once", async () => {
    const server = await start();
    await server.kill();
    const log = logOf();
    const redis = await connect(redisSettings(server.url), log);
    await expect(redis.ping()).rejects.toThrow();
    expect(log.warn).toHaveBeenCalledTimes(1);
    await server.start();
    await vi.waitFor(async () => expect(await redis.ping()).toBe("PONG"), { timeout: 5_000 });
    expect(log.warn).toHaveBeenCalledTimes(1);
  });

  test("tells of a server that is set to evict later", async () => {
    const server = await start();
    const log = logOf();
    const redis = await connect(redisSettings(server.url), log);
    await redis.config("SET", "maxmemory-policy", "volatile-ttl");
    redis.disconnect(true);
    await vi.waitFor(() => expect(log.error).toHaveBeenCalled(), { timeout: 5_000 });
    expect(log.error.mock.calls[0]![0].err.message).toContain("volatile-ttl");
  });

  test.each([
    ["without the password", "", "NOAUTH"],
    ["with another password", ":wrong@", "WRONGPASS"],
  ])("is refused %s, by the setting's name", async (_how, access, reason) => {
    const server = await start({ settings: ["requirepass secret"] });
    const refused = connect(redisSettings(server.url.replace("//", `//${access}`)));
    await expect(refused).rejects.toThrow(new RegExp(`REDIS_URL cannot be used: .*${reason}`));
    const redis = await connect(redisSettings(server.url.replace("//", "//:secret@")));
    expect(await redis.ping()).toBe("PONG");
  });

  test("is refused to a database that is not there", async () => {
    const server = await start();
    await expect(connect(redisSettings(`redis://127.0.0.1:${server.port}/99`))).rejects.toThrow(
      /REDIS_URL cannot be used: .*DB index/,
    );
  });

  test("needs no more rights than are documented", async () => {
    const commands = ["evalsha", "script", "info", "ping", "scan", "unlink", "get", "set", "del", "exists", "incrby"];
    const more = ["decrby", "time", "pexpire", "pexpireat", "@hash", "@sortedset"];
    const rights = [...commands, ...more].map((name) => `+${name}`).join(" ");
    const server = await start({
      settings: [`user parley on ">a secret/%" ~parley:${INSTALLATION}:* -@all ${rights}`],
    });
    const password = encodeURIComponent("a secret/%");
    const { scene, process } = await openProcess(redisSettings(server.url.replace("//", `//parley:${password}@`)));
    expect(await process.redis.acl("WHOAMI").catch(({ message }: Error) => message)).toContain("NOPERM");
    const request = { principal: "p", requestId: "r", digest: Uint8Array.of(1) };
    expect(await scene.store({ ...CHAT, count: 2 })).toMatchObject([{ first: 1 }]);
    expect(await scene.store({ ...CHAT, count: 1, request })).toMatchObject([{ first: 3 }]);
    expect(await scene.store({ application: "a", count: 1 })).toMatchObject([{ first: 2 }]);
    await scene.numbering.close(CHAT, "deletion");
    await scene.numbering.reopen(["deletion"]);
    const epoch = scene.queue.epochs.at(-1)!.epoch;
    expect(await process.recents.add([recentBatch(CHAT, [newMessage(CHAT, 3)])], 5, epoch)).toBe(true);
    await process.recents.change([
      { kind: "changed", sequence: 6, name: { ...CHAT, message: 3 }, message: newMessage(CHAT, 3, { body: "new" }) },
    ]);
    expect((await process.recents.read(CHAT, ALL))?.messages[0]?.message.content.value).toBe("new");
    await process.recents.change([{ kind: "stale", sequence: 7, chat: CHAT }]);
    expect(await process.recents.read(CHAT, ALL)).toBeUndefined();
  });

  test("by TLS trusts the authority that is named, and no other", async () => {
    const folder = await mkdtemp(join(tmpdir(), "parley-redis-tls-"));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const [certFile, keyFile, otherFile] = ["cert.pem", "key.pem", "other.pem"].map((name) => join(folder, name));
    const { cert, key } = createCertificate();
    await writeFile(certFile!, cert);
    await writeFile(keyFile!, key, { mode: 0o644 });
    await writeFile(otherFile!, createCertificate().cert);
    const port = await freePort();
    await start({
      settings: [
        `tls-port ${port}`,
        `tls-cert-file ${certFile}`,
        `tls-key-file ${keyFile}`,
        `tls-ca-cert-file ${certFile}`,
        "tls-auth-clients no",
      ],
    });
    const settings = redisSettings(`rediss://localhost:${port}/0`);
    const redis = await connect({ ...settings, REDIS_TLS_CA_FILE: certFile });
    expect(await redis.ping()).toBe("PONG");
    const log = logOf();
    const refused = await connect({ ...settings, REDIS_TLS_CA_FILE: otherFile }, log);
    await expect(refused.ping()).rejects.toThrow();
    expect(log.warn.mock.calls[0]![0].err.message).toMatch(/certificate/);
    await expect(connect({ ...settings, REDIS_TLS_CA_FILE: join(folder, "missing.pem") })).rejects.toThrow(
      SettingsError,
    );
  });

  test("through sentinels finds the replica that is promoted, and no number is given twice", async () => {
    const settings = ["repl-diskless-sync-delay 0"];
    const primary = await start({ settings });
    await start({ settings, replicaOf: primary.port });
    const sentinels = [];
    for (let index = 0; index < 2; index++) {
      sentinels.push(await start({ sentinelOf: { name: "chat", port: primary.port, quorum: 2 } }));
    }
    const addresses = sentinels.map(({ port }) => `127.0.0.1:${port}`);
    const direct = await connect(redisSettings(primary.url));
    await vi.waitFor(async () => expect(await direct.wait(1, 100)).toBe(1), { timeout: 10_000 });
    const through = { ...redisSettings(primary.url), REDIS_SENTINELS: addresses, REDIS_SENTINEL_NAME: "chat" };
    const { scene } = await openProcess(through);
    expect(await scene.store({ ...CHAT, count: 3 })).toMatchObject([{ first: 1 }]);
    const observer = await connect(redisSettings(sentinels[0]!.url));
    const known = async () => String(await observer.call("SENTINEL", "MASTER", "chat"));
    await vi.waitFor(async () => expect(await known()).toMatch(/num-slaves,1,num-other-sentinels,1/), {
      timeout: 20_000,
      interval: 100,
    });
    await primary.kill();
    const again = await vi.waitFor(() => scene.store({ ...CHAT, count: 1 }), { timeout: 40_000, interval: 100 });
    expect(again).toMatchObject([{ kind: "assigned" }]);
    expect(scene.queue.epochs.length).toBeGreaterThan(1);
    scene.persist();
  }, 90_000);
});
