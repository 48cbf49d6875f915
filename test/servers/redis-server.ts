import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { FoundProgram } from "./host/program.ts";
import { exchangeLine } from "./line-exchange.ts";
import type { ServerPlace, ServerPlan } from "./server-plan.ts";

export type RedisOptions = {
  /**
   * What is kept on disk: nothing (default), each write in `appendonlydir`, or now and then, and at `SAVE`, a snapshot in
   * `dump.rdb`.
   */
  persistence?: "none" | "aof" | "rdb";
  /** The port of the primary that it replicates. */
  replicaOf?: number;
  /** Makes it a sentinel that watches a primary, and not a store. */
  sentinelOf?: { name: string; port: number; quorum: number };
  /** Lines of redis.conf that come last. */
  settings?: readonly string[];
};

const PERSISTENCE = {
  none: ['save ""', "appendonly no"],
  aof: ['save ""', "appendonly yes"],
  rdb: ["save 5 1", "appendonly no"],
};

const CONFIG = "redis.conf";

function sentinelLines({ name, port, quorum }: NonNullable<RedisOptions["sentinelOf"]>): string[] {
  return [
    `sentinel monitor ${name} 127.0.0.1 ${port} ${quorum}`,
    `sentinel down-after-milliseconds ${name} 1000`,
    `sentinel failover-timeout ${name} 5000`,
  ];
}

function storeLines({ persistence = "none", replicaOf }: RedisOptions): string[] {
  const replication = replicaOf === undefined ? [] : [`replicaof 127.0.0.1 ${replicaOf}`];
  const common = ["maxmemory-policy noeviction", "repl-diskless-sync-delay 0"];
  return [...PERSISTENCE[persistence], ...common, ...replication];
}

/** A Redis of its own, whose configuration is `redis.conf` in its folder and whose data is in `data`. */
export async function planRedis(
  { folder, port }: ServerPlace,
  program: FoundProgram,
  options: RedisOptions,
): Promise<ServerPlan<object>> {
  const lines = [
    "bind 127.0.0.1",
    `port ${port}`,
    "protected-mode no",
    `dir "${join(folder, "data")}"`,
    ...(options.sentinelOf ? sentinelLines(options.sentinelOf) : storeLines(options)),
    ...(options.settings ?? []),
  ];
  await mkdir(join(folder, "data"));
  await writeFile(join(folder, CONFIG), `${lines.join("\n")}\n`);
  const mode = options.sentinelOf ? ["--sentinel"] : [];
  return {
    url: `redis://127.0.0.1:${port}`,
    preparations: [],
    command: { program: program.path, parameters: [join(folder, CONFIG), ...mode] },
    answers: async () => /^(\+PONG|-NOAUTH|-MASTERDOWN)/.test(await exchangeLine(port, "PING")),
    extra: {},
  };
}
