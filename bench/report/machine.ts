import { cpus, totalmem } from "node:os";
import { Redis } from "ioredis";
import { createConnection, type RowDataPacket } from "mysql2/promise";
import type { ServerSet } from "../../test/faults/stack/server-set.ts";

/** What the figures were taken on; nothing that tells whose it is. */
export type Machine = {
  processors: number;
  /** Of a processor, as the system names it. */
  processor: string;
  memoryBytes: number;
  node: string;
  /** By kind of server. */
  servers: Record<string, string>;
};

/** Asks the servers for their versions. */
export async function describeMachine(servers: ServerSet): Promise<Machine> {
  const [mysql, redis, nats, elasticsearch] = await Promise.all([
    servers.get("mysql"),
    servers.get("redis"),
    servers.get("nats"),
    servers.get("elasticsearch"),
  ]);
  const all = cpus();
  return {
    processors: all.length,
    processor: all[0]?.model.trim() ?? "",
    memoryBytes: totalmem(),
    node: process.version.slice(1),
    servers: {
      mysql: await readMysqlVersion(mysql.url),
      redis: await readRedisVersion(redis.url),
      nats: (await readJson<{ version: string }>(`${nats.monitorUrl}/varz`)).version,
      elasticsearch: (await readJson<{ version: { number: string } }>(elasticsearch.url)).version.number,
    },
  };
}

async function readMysqlVersion(url: string): Promise<string> {
  const connection = await createConnection({ uri: url });
  try {
    const [rows] = await connection.query<RowDataPacket[]>("SELECT VERSION() AS version");
    return String(rows[0]!.version);
  } finally {
    connection.destroy();
  }
}

async function readRedisVersion(url: string): Promise<string> {
  const redis = new Redis(url);
  try {
    return /redis_version:(\S+)/.exec(await redis.info("server"))![1]!;
  } finally {
    redis.disconnect();
  }
}

async function readJson<T>(url: string): Promise<T> {
  return (await (await fetch(url)).json()) as T;
}
