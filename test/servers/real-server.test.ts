import { access, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { type Deposit, ELASTICSEARCH_DEPOSIT, MYSQL_DEPOSIT, NATS_DEPOSIT, REDIS_DEPOSIT } from "./deposits.ts";
import { freePort } from "./free-port.ts";
import { exchangeLine } from "./line-exchange.ts";
import { type OptionsByKind, type RealServerOf, type ServerKind, startServer } from "./real-server.ts";
import { describeWithOwn } from "./shared-server.ts";

/** With Elasticsearch, whose Java is slow where others are busy. */
const TIMEOUT_MS = 240_000;

async function start<K extends ServerKind>(kind: K, options?: OptionsByKind[K]): Promise<RealServerOf<K>> {
  const server = await startServer(kind, options);
  onTestFinished(() => server.stop());
  return server;
}

const CASES: [ServerKind, OptionsByKind[ServerKind], Deposit][] = [
  ["mysql", {}, MYSQL_DEPOSIT],
  ["redis", { persistence: "aof" }, REDIS_DEPOSIT],
  ["nats", {}, NATS_DEPOSIT],
  ["elasticsearch", {}, ELASTICSEARCH_DEPOSIT],
];

describe.each(CASES)("a real server", (kind, options, { store, read }) => {
  describeWithOwn([kind], kind, () => {
    test(
      "keeps its address and data when it is killed and started again, and leaves nothing behind",
      async () => {
        const server = await start(kind, options);
        await store(server);
        const kept = await read(server);
        expect(JSON.stringify(kept)).toContain("kept");
        await server.kill();
        await expect(read(server)).rejects.toThrow();
        await server.start();
        expect(await read(server)).toEqual(kept);
        await server.stop();
        expect(() => process.kill(server.pid, 0)).toThrow("ESRCH");
        await expect(access(server.folder)).rejects.toThrow("ENOENT");
      },
      TIMEOUT_MS,
    );
  });
});

describeWithOwn(["redis"], "a real Redis", () => {
  test("halts and goes on", async () => {
    const server = await start("redis");
    await server.kill("SIGSTOP");
    await expect(exchangeLine(server.port, "PING")).rejects.toThrow("aborted");
    await server.kill("SIGCONT");
    expect(await exchangeLine(server.port, "PING")).toBe("+PONG\r\n");
  });

  test("forgets all where it keeps nothing", async () => {
    const server = await start("redis");
    await REDIS_DEPOSIT.store(server);
    await server.kill("SIGTERM");
    await server.start();
    expect(await REDIS_DEPOSIT.read(server)).toBe("$-1\r\n");
  });

  test("has its snapshot in its folder", async () => {
    const server = await start("redis", { persistence: "rdb" });
    await REDIS_DEPOSIT.store(server);
    await exchangeLine(server.port, "SAVE");
    expect(await readFile(join(server.folder, "data", "dump.rdb"), "latin1")).toContain("deposit");
  });

  test("replicates another, and is promoted by a sentinel where that is gone", async () => {
    const primary = await start("redis");
    const replica = await start("redis", { replicaOf: primary.port });
    await expect.poll(() => exchangeLine(primary.port, "WAIT 1 100")).toBe(":1\r\n");
    const sentinel = await start("redis", { sentinelOf: { name: "parley", port: primary.port, quorum: 1 } });
    await expect.poll(() => exchangeLine(sentinel.port, "INFO sentinel"), { timeout: 15_000 }).toContain("slaves=1");
    await primary.kill();
    await expect.poll(() => exchangeLine(replica.port, "ROLE"), { timeout: 20_000 }).toContain("master");
  }, 60_000);

  test("that does not start says why, and leaves nothing behind", async () => {
    await expect(startServer("redis", { settings: ["no-such-setting yes"] })).rejects.toThrow(
      /redis-server ended before it answered:[\s\S]*no-such-setting/,
    );
  });
});

describeWithOwn(["nats"], "a real NATS", () => {
  test.each(["always", "2m0s"])("syncs its files %s, which its monitoring address tells", async (syncInterval) => {
    const { monitorUrl } = await start("nats", { syncInterval });
    const { config } = (await (await fetch(`${monitorUrl}/jsz?config=1`)).json()) as {
      config: Record<string, unknown>;
    };
    expect(config).toMatchObject(syncInterval === "always" ? { sync_always: true } : { sync_interval: 120e9 });
  });

  test("forms a cluster of three", async () => {
    const routes = await Promise.all([freePort(), freePort(), freePort()]);
    const members = routes.map((port, index) => start("nats", { cluster: { member: `n${index}`, port, routes } }));
    const [first] = await Promise.all(members);
    const cluster = await fetch(`${first!.monitorUrl}/jsz`);
    expect(await cluster.json()).toMatchObject({ meta_cluster: { cluster_size: 3 } });
  }, 60_000);
});

describeWithOwn(["mysql"], "a real MySQL", () => {
  test("makes further databases", async () => {
    const server = await start("mysql");
    const url = await server.createDatabase("other");
    await MYSQL_DEPOSIT.store({ ...server, url });
    await expect(MYSQL_DEPOSIT.read(server)).rejects.toThrow("deposit");
  }, 60_000);
});
