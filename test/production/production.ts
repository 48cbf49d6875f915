import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createConnection } from "mysql2/promise";
import { ROOMY_LIMITS } from "../roomy-limits.ts";
import { environmentOf, type ServerAddress } from "../servers/address.ts";
import { SERVER_KINDS, type ServerKind } from "../servers/server-profiles.ts";
import { type Environment, type RoleCounts, type RoleProcesses, startRoleProcesses } from "./role-processes.ts";
import { runCommand } from "./run-command.ts";

const ADMIN_KEY = "production-admin-key-0123456789";
const TOKEN_SECRET = "production-token-secret-0123456789abcdef";
const QUEUE_BYTES_MAX = 64 * 1_048_576;

/** Where servers of every kind are. */
export type ServerAddresses = Readonly<Record<ServerKind, ServerAddress>>;

/** A Parley on servers: an installation with a database of its own, and processes of every role. */
export type Production = {
  /** `http://127.0.0.1:port` of the edge. */
  address: string;
  /** `127.0.0.1:port` of each api, with commas between. */
  grpcAddress: string;
  adminKey: string;
  processes: RoleProcesses["processes"];
  /** Where each process logs to `name.log`. */
  folder: string;
  /** Ends all api processes in order, and starts them again on the same ports. */
  restart(): Promise<void>;
  /** Ends all processes, and removes the database and the logs. */
  close(): Promise<void>;
};

export type ProductionOptions = {
  servers: ServerAddresses;
  /** Settings of all processes. */
  environment?: Environment;
  /** Those of one process alone, by its name. */
  environmentOf?: (name: string) => Environment;
  counts?: Partial<RoleCounts>;
};

/** The settings of a new installation, whose database has its tables. */
export async function createInstallation(servers: ServerAddresses): Promise<Environment> {
  const name = `t-${randomUUID().slice(0, 8)}`;
  const MYSQL_URL = await createDatabase(servers.mysql.url, name);
  const addresses = SERVER_KINDS.map((kind) => environmentOf(kind, servers[kind]));
  const environment = Object.assign({}, ...addresses, {
    ...{ INSTALLATION: name, ADMIN_KEY, TOKEN_SECRET, MYSQL_URL, HOST: "127.0.0.1" },
    ...{ QUEUE_BYTES_MAX: String(QUEUE_BYTES_MAX), ...ROOMY_LIMITS },
  });
  await runCommand("migrate", [], environment);
  return environment;
}

/** Removes an installation's database, which nothing has open. */
export async function removeInstallation({ MYSQL_URL, INSTALLATION }: Environment): Promise<void> {
  await execute(MYSQL_URL!, `DROP DATABASE \`${INSTALLATION}\``);
}

/** Starts a new installation. */
export async function startProduction({
  servers,
  environment,
  environmentOf: ownOf = () => ({}),
  counts,
}: ProductionOptions): Promise<Production> {
  const settings = { ...(await createInstallation(servers)), ...environment };
  const folder = await mkdtemp(join(tmpdir(), "parley-production-"));
  const settingsOf = (name: string) => ({ ...settings, ...ownOf(name) });
  const { processes, grpc, edges } = await startRoleProcesses({ counts, folder, environmentOf: settingsOf });
  const all = Object.values(processes);
  const apis = all.filter(({ plan }) => plan.name.startsWith("api"));
  return {
    ...{ address: edges[0]!, grpcAddress: grpc.join(","), adminKey: ADMIN_KEY, processes, folder },
    async restart() {
      await Promise.all(apis.map((each) => each.kill("SIGTERM")));
      await Promise.all(apis.map((each) => each.start()));
    },
    async close() {
      await Promise.all(all.map((each) => each.close()));
      // At the end of a run its servers may have ended already.
      await removeInstallation(settings).catch(() => undefined);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function createDatabase(url: string, name: string): Promise<string> {
  await execute(url, `CREATE DATABASE \`${name}\``);
  return new URL(`/${name}`, url).href;
}

async function execute(url: string, statement: string): Promise<void> {
  const connection = await createConnection(url);
  try {
    await connection.query(statement);
  } finally {
    connection.destroy();
  }
}
