import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { natsNames } from "../../../services/write-queue/nats-names.ts";
import { type Environment, startRoleProcesses } from "../../production/role-processes.ts";
import { runCommand } from "../../production/run-command.ts";
import type { RealServerOf } from "../../servers/real-server.ts";
import { readMysqlRows } from "../observe/mysql-rows.ts";
import { readNatsDeadLetters } from "../observe/nats-dead-letters.ts";
import { NatsSubscriber } from "../observe/nats-subscriber.ts";
import type { Installation } from "./installation.ts";
import { removeInstallation } from "./remove-installation.ts";
import type { StackOptions } from "./stack-options.ts";

const ADMIN_KEY = "faults-admin-key-0123456789abcdef";
const TOKEN_SECRET = "faults-token-secret-0123456789abcdef";
const QUEUE_BYTES_MAX = 64 * 1_048_576;

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

async function startServers({ servers, nats: ownNats }: StackOptions): Promise<Stack["servers"]> {
  const [mysql, redis, nats, elasticsearch] = await Promise.all([
    servers.get("mysql"),
    servers.get("redis"),
    ownNats ?? servers.get("nats"),
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
    ...{ INSTALLATION: name, ADMIN_KEY, TOKEN_SECRET, HOST: "127.0.0.1", COUNT_INTERVAL: "500ms" },
    ...{ MYSQL_URL: mysqlUrl, REDIS_URL: servers.redis.url, NATS_URL: servers.nats.url },
    ...{ NATS_MONITOR_URL: servers.nats.monitorUrl, ELASTICSEARCH_URL: servers.elasticsearch.url },
    QUEUE_BYTES_MAX: String(QUEUE_BYTES_MAX),
    ...options.pace.environment,
    ...options.environment,
  };
  await runCommand("migrate", [], shared);
  const { processes, grpc, edges } = await startRoleProcesses({
    ...{ counts: options.counts, folder },
    environmentOf: (process) => ({ ...shared, ...options.addresses?.(process, shared) }),
  });
  const { stream, deadLetterStream } = natsNames(name);
  const subscribers = await Promise.all(
    [false, true].map((reconnects) => NatsSubscriber.open({ url: servers.nats.url, stream, reconnects })),
  );
  return {
    ...{ adminKey: ADMIN_KEY, entryPoints: { grpc, edges }, processes, folder, name, mysqlUrl, servers },
    readRows: () => readMysqlRows(mysqlUrl),
    readDeadLetters: () => readNatsDeadLetters(servers.nats.url, deadLetterStream),
    epochs: () => subscribers[0]!.epochs,
    subscribers: () => Promise.all(subscribers.map((subscriber) => subscriber.events())),
    async close(failed) {
      await Promise.all([...Object.values(processes), ...subscribers].map((each) => each.close()));
      if (failed) return;
      await removeInstallation({ name, mysqlUrl, servers });
      await rm(folder, { recursive: true, force: true });
    },
  };
}
