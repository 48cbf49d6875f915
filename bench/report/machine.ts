import { cpus, totalmem } from "node:os";
import { Redis } from "ioredis";
import { createConnection, type RowDataPacket } from "mysql2/promise";
import type { ServerSet } from "../../test/faults/stack/server-set.ts";
import { SERVER_KINDS, type ServerKind } from "../../test/servers/server-profiles.ts";

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

/** Asks the servers for their versions; one that cannot be had here has none. */
export async function readMachine(servers: ServerSet): Promise<Machine> {
  const versions = SERVER_KINDS.map(async (kind) => [kind, await READERS[kind](servers)] as const);
  const read = (await Promise.allSettled(versions)).flatMap((each) =>
    each.status === "fulfilled" ? [each.value] : [],
  );
  const all = cpus();
  return {
    processors: all.length,
    processor: all[0]?.model.trim() ?? "",
    memoryBytes: totalmem(),
    node: process.version.slice(1),
    servers: Object.fromEntries(read),
  };
}

const READERS: Record<ServerKind, (servers: ServerSet) => Promise<string>> = {
  mysql: async (servers) => readMysqlVersion((await servers.get("mysql")).url),
  redis: async (servers) => readRedisVersion((await servers.get("redis")).url),
  nats: async (servers) => {
    const { monitorUrl } = await servers.get("nats");
    return (await readJson<{ version: string }>(`${monitorUrl}/varz`)).version;
  },
  elasticsearch: async (servers) => {
    const { url } = await servers.get("elasticsearch");
    return (await readJson<{ version: { number: string } }>(url)).version.number;
  },
};

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
