import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { FastifyInstance } from "fastify";
import type { Logger } from "pino";
import { createApiDocument } from "./edge/api-document.ts";
import { createEdgeServer } from "./edge/edge-server.ts";
import { createApi, PARLEY_SERVICES } from "./services/api.ts";
import { loadAdminKey } from "./services/auth/admin-key.ts";
import type { Database } from "./services/database/database.ts";
import { ChangeFeed } from "./services/indexer/change-feed.ts";
import { Indexer } from "./services/indexer/indexer.ts";
import { MemoryRecentMessages } from "./services/message/memory-recent-messages.ts";
import { MemoryNumbering } from "./services/numbering/memory-numbering.ts";
import { SqlNumberingSource } from "./services/numbering/sql-numbering-source.ts";
import { createCallLog, traceIdOf } from "./services/observability/call-log.ts";
import { createLog } from "./services/observability/log.ts";
import { Metrics } from "./services/observability/metrics.ts";
import { printBanner } from "./services/process/banner.ts";
import { runProcess } from "./services/process/run-process.ts";
import { createGrpcServer, type GrpcServer } from "./services/rpc/grpc-server.ts";
import { createHealthStatus } from "./services/rpc/health-status.ts";
import { createLocalTransport } from "./services/rpc/local-transport.ts";
import { methodPath } from "./services/rpc/method-path.ts";
import { Scheduler } from "./services/scheduler/scheduler.ts";
import type { SearchIndex } from "./services/search/search-index.ts";
import { openSqliteSearchIndex } from "./services/search/sqlite-search-index.ts";
import { readSettings, type Settings } from "./services/settings/settings.ts";
import { SqliteError } from "./services/sqlite/sqlite-connection.ts";
import { openSqliteDatabase } from "./services/sqlite/sqlite-database.ts";
import { sequenceBefore } from "./services/write-queue/commit-mark.ts";
import { openSqliteWriteQueue } from "./services/write-queue/sqlite-write-queue.ts";
import type { WriteQueue } from "./services/write-queue/write-queue.ts";
import { Horizon } from "./services/writer/horizon.ts";
import { Writer } from "./services/writer/writer.ts";
import { WriterPosition } from "./services/writer/writer-position.ts";

/** A running Parley. */
export type Standalone = {
  /** Where REST, Connect, gRPC-Web and the docs are: `http://host:port`. */
  address: string;
  /** `host:port` of native gRPC. */
  grpcAddress: string;
  adminKey: string;
  /** Refuses new work, finishes what is in flight, flushes, closes; within SHUTDOWN_TIMEOUT. */
  stop(): Promise<void>;
};

type Stores = { database: Database; queue: WriteQueue; index: SearchIndex; position: WriterPosition };

/** Opens the files in DATA_DIR; the queue's first, since it locks the folder against a second process. */
async function openStores({ DATA_DIR, QUEUE_BYTES_MAX }: Settings): Promise<Stores> {
  let database: Database | undefined;
  const openDatabase = async () => {
    database = await openSqliteDatabase(join(DATA_DIR, "parley.sqlite"));
    return sequenceBefore(await new WriterPosition(database).load());
  };
  try {
    const path = join(DATA_DIR, "queue.sqlite");
    const queue = await openSqliteWriteQueue({ path, persisted: openDatabase, maxBytes: QUEUE_BYTES_MAX });
    const index = await openSqliteSearchIndex(join(DATA_DIR, "search.sqlite"));
    return { database: database!, queue, index, position: new WriterPosition(database!) };
  } catch (error) {
    if (error instanceof SqliteError && error.code === "SQLITE_BUSY") {
      throw new Error(`DATA_DIR ${resolve(DATA_DIR)} is in use by another process; stop it, or set another DATA_DIR`);
    }
    throw error;
  }
}

/** The loops behind the handlers, and the api on top of them. The queue is drained before any number is given. */
async function startServices(settings: Settings, stores: Stores, adminKey: string, metrics: Metrics, log: Logger) {
  const { database, queue, index, position } = stores;
  const horizon = new Horizon(await position.load());
  const recents = new MemoryRecentMessages(settings.RECENT_BYTES_MAX);
  const health = createHealthStatus();
  const requestTtlMs = settings.REQUEST_ID_TTL;
  const numbering = new MemoryNumbering(new SqlNumberingSource(database, requestTtlMs));
  const onPersisted = (sequence: number) => numbering.persisted(sequence);
  const onDeadLetter = () => metrics.countDeadLetter();
  const writerPorts = { database, queue, position, horizon, recents };
  const writer = new Writer({ ...writerPorts, requestTtlMs, now: Date.now, log, onDeadLetter, onPersisted });
  await writer.drain();
  const indexer = new Indexer({ feed: new ChangeFeed(database), index, horizon, log });
  const scheduler = new Scheduler({
    database,
    queue,
    indexer,
    log,
    countIntervalMs: settings.COUNT_INTERVAL,
    requestTtlMs,
  });
  const api = createApi({ settings, ...stores, numbering, recents, horizon, health, adminKey, metrics, log });
  await api.verdicts.start();
  writer.start();
  indexer.start();
  scheduler.start();
  metrics.watch({
    backlog: () => queue.backlog(),
    pendingWrites: () => api.groups.pending,
    indexLag: () => sequenceBefore(horizon.position) - sequenceBefore(indexer.position),
  });
  return { api, writer, indexer, scheduler, health };
}

type Running = Awaited<ReturnType<typeof startServices>>;

/** The two ways in. */
async function createServers(
  settings: Settings,
  { api, health }: Pick<Running, "api" | "health">,
  metrics: Metrics,
  log: Logger,
) {
  const callLog = createCallLog(metrics, log);
  const grpc = createGrpcServer({
    registry: api.registry,
    maxRequestBytes: settings.REQUEST_MAX_BYTES,
    onCall: ({ method, code, traceparent, ...call }) =>
      callLog({ ...call, method: methodPath(method), code: code || undefined, traceId: traceIdOf(traceparent) }),
  });
  const edge = createEdgeServer({
    services: PARLEY_SERVICES,
    transport: createLocalTransport(api.registry),
    docs: await createApiDocument(PARLEY_SERVICES),
    maxRequestBytes: settings.REQUEST_MAX_BYTES,
    defaultTimeoutMs: settings.REQUEST_TIMEOUT,
    closeTimeoutMs: settings.SHUTDOWN_TIMEOUT,
    ready: () => health.serving(),
    metrics,
    onCall: ({ traceparent, ...call }) => callLog({ ...call, traceId: traceIdOf(traceparent) }),
    onError: (err) => log.error({ err }, "the edge failed with an internal error"),
  });
  return { grpc, edge };
}

/** New calls end first, then what they wait for: groups, writer, verdicts; what only follows ends last. */
async function stopAll(
  { SHUTDOWN_TIMEOUT }: Settings,
  { api, writer, indexer, scheduler, health }: Running,
  { grpc, edge }: { grpc: GrpcServer; edge: FastifyInstance },
  { database, queue, index }: Stores,
): Promise<void> {
  const deadline = AbortSignal.timeout(SHUTDOWN_TIMEOUT);
  health.set(false);
  await Promise.all([grpc.stop(SHUTDOWN_TIMEOUT), edge.close()]);
  await api.groups.stop();
  await writer.stop(deadline);
  await Promise.all([api.verdicts.stop(), indexer.stop(), scheduler.stop()]);
  await Promise.all([index.close(), queue.close(), database.close()]);
}

/** Starts everything in this process, on the files in DATA_DIR. Rejects where that cannot be; then nothing is open. */
export async function startStandalone(settings: Settings, log: Logger): Promise<Standalone> {
  const { HOST, PORT, GRPC_PORT, DATA_DIR } = settings;
  await mkdir(DATA_DIR, { recursive: true, mode: 0o700 });
  const adminKey = await loadAdminKey(settings.ADMIN_KEY, DATA_DIR);
  const stores = await openStores(settings);
  const metrics = new Metrics();
  const running = await startServices(settings, stores, adminKey, metrics, log);
  const servers = await createServers(settings, running, metrics, log);
  const stop = () => stopAll(settings, running, servers, stores);
  try {
    const grpcPort = await servers.grpc.listen(HOST, GRPC_PORT);
    const address = await servers.edge.listen({ host: HOST, port: PORT });
    running.health.set(true);
    return { address, grpcAddress: `${HOST}:${grpcPort}`, adminKey, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

if (import.meta.main) {
  await runProcess(async () => {
    const settings = readSettings(process.env);
    const log = createLog(settings);
    const parley = await startStandalone(settings, log);
    const { address, grpcAddress } = parley;
    const { DATA_DIR: dataDir, ADMIN_KEY, SHUTDOWN_TIMEOUT: stopTimeoutMs } = settings;
    const announce = () => {
      log.info({ address, grpcAddress, dataDir }, "ready");
      printBanner({ address, grpcAddress, dataDir, ownAdminKey: ADMIN_KEY !== undefined });
    };
    return { log, announce, stop: () => parley.stop(), stopTimeoutMs };
  });
}
