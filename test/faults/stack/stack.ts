import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { natsNames } from "../../../services/write-queue/nats-names.ts";
import { freePort } from "../../servers/free-port.ts";
import type { RealServerOf } from "../../servers/real-server.ts";
import { readMysqlRows } from "../observe/mysql-rows.ts";
import { readNatsDeadLetters } from "../observe/nats-dead-letters.ts";
import { NatsSubscriber } from "../observe/nats-subscriber.ts";
import type { Installation } from "./installation.ts";
import { NativeProcess } from "./native-process.ts";
import { type Environment, type RoleCounts, type StackOptions, USUAL_COUNTS } from "./stack-options.ts";

const run = promisify(execFile);
const pathOf = (name: string) => fileURLToPath(new URL(`../../../${name}`, import.meta.url));

const ADMIN_KEY = "faults-admin-key-0123456789abcdef";
const QUEUE_BYTES_MAX = 256 * 1_048_576;

/** Parley on servers: every role as processes of its own. */
export type Stack = Installation & {
  /** The setting INSTALLATION, and the name of the database. */
  name: string;
  mysqlUrl: string;
  servers: {
    mysql: RealServerOf<"mysql">;
    redis: RealServerOf<"redis">;
    nats: RealServerOf<"nats">;
    elasticsearch: RealServerOf<"elasticsearch">;
  };
};

async function startServers({ servers }: StackOptions): Promise<Stack["servers"]> {
  const [mysql, redis, nats, elasticsearch] = await Promise.all([
    servers.get("mysql"),
    servers.get("redis"),
    servers.get("nats"),
    servers.get("elasticsearch"),
  ]);
  return { mysql, redis, nats, elasticsearch };
}

/** Starts an installation of its own, on a database of its own. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const servers = await startServers(options);
  const name = `faults-${crypto.randomUUID().slice(0, 8)}`;
  const mysqlUrl = await servers.mysql.createDatabase(name);
  const folder = await mkdtemp(join(tmpdir(), "parley-faults-"));
  const shared: Environment = {
    ...{ INSTALLATION: name, ADMIN_KEY, HOST: "127.0.0.1", COUNT_INTERVAL: "500ms" },
    ...{ MYSQL_URL: mysqlUrl, REDIS_URL: servers.redis.url, NATS_URL: servers.nats.url },
    ...{ NATS_MONITOR_URL: servers.nats.monitorUrl, ELASTICSEARCH_URL: servers.elasticsearch.url },
    QUEUE_BYTES_MAX: String(QUEUE_BYTES_MAX),
    ...options.pace.environment,
    ...options.environment,
  };
  await run(process.execPath, [pathOf("services/commands/migrate.ts")], { env: { PATH: process.env.PATH, ...shared } });
  const { processes, grpc, edges } = await startProcesses(options, shared, folder);
  const { stream, deadLetterStream } = natsNames(name);
  const subscribers = await Promise.all(
    [false, true].map((reconnects) => NatsSubscriber.open({ url: servers.nats.url, stream, reconnects })),
  );
  return {
    ...{ adminKey: ADMIN_KEY, entryPoints: { grpc, edges }, processes, folder, name, mysqlUrl, servers },
    readRows: () => readMysqlRows(mysqlUrl),
    readDeadLetters: () => readNatsDeadLetters(servers.nats.url, deadLetterStream),
    subscribers: () => Promise.all(subscribers.map((subscriber) => subscriber.events())),
    async close(keepsFolder) {
      await Promise.all([...Object.values(processes), ...subscribers].map((each) => each.close()));
      if (!keepsFolder) await rm(folder, { recursive: true, force: true });
    },
  };
}

type Started = { processes: Record<string, NativeProcess>; grpc: string[]; edges: string[] };

async function startProcesses(options: StackOptions, shared: Environment, folder: string): Promise<Started> {
  const counts = { ...USUAL_COUNTS, ...options.counts };
  const started: Started = { processes: {}, grpc: [], edges: [] };
  for (let index = 1; index <= counts.api; index++) started.grpc.push(`127.0.0.1:${await freePort()}`);
  for (const [role, count] of Object.entries(counts) as [keyof RoleCounts, number][]) {
    for (let index = 1; index <= count; index++) {
      const name = count === 1 ? role : `${role}-${index}`;
      const own = await portsOf(role, index, started);
      const environment = { ...shared, ...options.addresses?.(name, shared), ...own };
      started.processes[name] = new NativeProcess({
        name,
        parameters: role === "edge" ? [pathOf("edge/main.ts")] : [pathOf("services/main.ts"), role],
        environment,
        address: `http://127.0.0.1:${own.PRIVATE_PORT}`,
        logFile: join(folder, `${name}.log`),
      });
    }
  }
  await Promise.all(Object.values(started.processes).map((each) => each.start()));
  return started;
}

/** The settings of a process that say where it listens, and whom it calls. */
async function portsOf(role: keyof RoleCounts, index: number, { grpc, edges }: Started): Promise<Environment> {
  const ports: Environment = { PRIVATE_PORT: String(await freePort()) };
  if (role === "api") ports.GRPC_PORT = grpc[index - 1]!.split(":")[1]!;
  if (role !== "edge") return ports;
  const port = await freePort();
  edges.push(`http://127.0.0.1:${port}`);
  return { ...ports, PORT: String(port), API_ADDRESSES: grpc.join(",") };
}
