import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ServerSet } from "../../test/faults/stack/server-set.ts";
import { createGrpcJsTransport } from "../../test/grpc-js-transport.ts";
import { createInstallation, removeInstallation } from "../../test/production/production.ts";
import {
  type Environment,
  type RoleCounts,
  type RoleProcesses,
  startRoleProcesses,
} from "../../test/production/role-processes.ts";
import type { RealServer } from "../../test/servers/real-server.ts";
import { SERVER_KINDS, type ServerKind } from "../../test/servers/server-profiles.ts";
import { createTenant, type Services, servicesOf, type Tenant } from "../../test/tenant.ts";
import { type ChatsToStore, storeChats } from "../seed/stored-chats.ts";
import { deleteStreams } from "./nats-streams.ts";

/** Parley on servers, as a benchmark drives it. */
export type BenchParley = {
  /** `host:port` of each api, with commas between. */
  grpcAddress: string;
  /** `http://host:port` of the edge, where there is one. */
  edgeAddress: string | undefined;
  tenant: Tenant;
  /** The services, called with the admin key. */
  admin: Services;
  mysqlUrl: string;
  /** The settings of all its processes. */
  environment: Environment;
  /** Those of Parley, by name: `api`, `writer`, … */
  processes: RoleProcesses["processes"];
  /** Of every process of Parley and every server, by name. */
  pids: Record<string, number>;
  close(): Promise<void>;
};

export type BenchParleyOptions = {
  servers: ServerSet;
  /** One api and one writer by default, and nothing else. */
  counts?: Partial<RoleCounts>;
  environment?: Environment;
  /** What the tenant has in the database before anything is started. Default: nothing, not even chats. */
  chats?: ChatsToStore;
};

const ADMIN_KEY = "bench-admin-key-0123456789abcdef";
const TOKEN_SECRET = "bench-token-secret-0123456789abcdef";
const ONE_API_ONE_WRITER: RoleCounts = { api: 1, writer: 1, indexer: 0, scheduler: 0, edge: 0 };
/** So that no case meets the limit of what may wait for the database. */
const QUEUE_BYTES_MAX = 2 ** 31;

type Found = readonly [kind: ServerKind, server: RealServer];

/** Makes a new installation on servers; resolves with the settings of its processes. */
async function createSettings(found: readonly Found[], environment: Environment | undefined): Promise<Environment> {
  const addresses = Object.fromEntries(found) as unknown as Parameters<typeof createInstallation>[0];
  const own = { ADMIN_KEY, TOKEN_SECRET, QUEUE_BYTES_MAX: String(QUEUE_BYTES_MAX) };
  return { ...(await createInstallation(addresses)), ...own, ...environment };
}

/** Removes what an installation that has ended leaves on servers. */
async function removeAll(settings: Environment, folder: string): Promise<void> {
  await deleteStreams(settings.NATS_URL!, settings.INSTALLATION!);
  await removeInstallation(settings);
  await rm(folder, { recursive: true, force: true });
}

/** Starts a new installation on servers that cases share. */
export async function openBenchParley(options: BenchParleyOptions): Promise<BenchParley> {
  const { servers, counts, environment, chats } = options;
  const found = await Promise.all(SERVER_KINDS.map(async (kind) => [kind, await servers.get(kind)] as const));
  const settings = await createSettings(found, environment);
  const mysqlUrl = settings.MYSQL_URL!;
  const application = chats && (await storeChats(mysqlUrl, chats));
  const folder = await mkdtemp(join(tmpdir(), "parley-bench-"));
  const { processes, grpc, edges } = await startRoleProcesses({
    ...{ counts: { ...ONE_API_ONE_WRITER, ...counts }, folder },
    environmentOf: () => settings,
  });
  const transport = createGrpcJsTransport(grpc[0]!);
  const tenant = application
    ? { ...application, ...servicesOf(transport, application.key) }
    : await createTenant(transport, ADMIN_KEY);
  const all = Object.values(processes);
  const own = all.map(({ plan, pid }) => [plan.name, pid]);
  return {
    ...{ grpcAddress: grpc.join(","), edgeAddress: edges[0], tenant, mysqlUrl, environment: settings, processes },
    admin: servicesOf(transport, ADMIN_KEY),
    pids: Object.fromEntries([...own, ...found.map(([kind, { pid }]) => [kind, pid])]),
    async close() {
      transport.close();
      await Promise.all(all.map((each) => each.close()));
      await removeAll(settings, folder);
    },
  };
}
