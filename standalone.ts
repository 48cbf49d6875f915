import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import type { FastifyInstance } from "fastify";
import type { Logger } from "pino";
import { createApiDocument } from "./edge/api-document.ts";
import type { DocsOptions } from "./edge/docs/index.ts";
import { createEdgeServer } from "./edge/edge-server.ts";
import { PARLEY_SERVICES } from "./services/api.ts";
import { loadAdminKey } from "./services/auth/admin-key.ts";
import { type Roles, startRoles } from "./services/embedded/roles.ts";
import { openStores } from "./services/embedded/stores.ts";
import { createCallLog, type FinishedCall, traceIdOf } from "./services/observability/call-log.ts";
import { createLog } from "./services/observability/log.ts";
import { Metrics } from "./services/observability/metrics.ts";
import { printBanner } from "./services/process/banner.ts";
import { runProcess } from "./services/process/run-process.ts";
import { createGrpcServer, type GrpcServer } from "./services/rpc/grpc-server.ts";
import { createLocalTransport } from "./services/rpc/local-transport.ts";
import { methodPath } from "./services/rpc/method-path.ts";
import { readSettings, type Settings } from "./services/settings/settings.ts";

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

/** What the servers are made of. */
type ServerOptions = { settings: Settings; roles: Roles; metrics: Metrics; log: Logger };

function createGrpc({ settings, roles }: ServerOptions, callLog: (call: FinishedCall) => void): GrpcServer {
  return createGrpcServer({
    registry: roles.api.registry,
    maxRequestBytes: settings.REQUEST_MAX_BYTES,
    onCall: ({ method, code, traceparent, ...call }) =>
      callLog({ ...call, method: methodPath(method), code: code || undefined, traceId: traceIdOf(traceparent) }),
  });
}

function createEdge(
  { settings, roles, metrics, log, docs }: ServerOptions & { docs: DocsOptions },
  callLog: (call: FinishedCall) => void,
): FastifyInstance {
  return createEdgeServer({
    services: PARLEY_SERVICES,
    transport: createLocalTransport(roles.api.registry),
    docs,
    maxRequestBytes: settings.REQUEST_MAX_BYTES,
    defaultTimeoutMs: settings.REQUEST_TIMEOUT,
    closeTimeoutMs: settings.SHUTDOWN_TIMEOUT,
    ready: () => roles.health.serving(),
    metrics,
    onCall: ({ traceparent, ...call }) => callLog({ ...call, traceId: traceIdOf(traceparent) }),
    onError: (err) => log.error({ err }, "the edge failed with an internal error"),
  });
}

/** Opens the two ways in; `opened` closes both at the same time. Resolves with their addresses. */
async function listen(options: ServerOptions, opened: AsyncDisposableStack) {
  const { HOST, PORT, GRPC_PORT, SHUTDOWN_TIMEOUT } = options.settings;
  const callLog = createCallLog(options.metrics, options.log);
  const grpc = createGrpc(options, callLog);
  const edge = createEdge({ ...options, docs: await createApiDocument(PARLEY_SERVICES) }, callLog);
  opened.defer(async () => void (await Promise.all([grpc.stop(SHUTDOWN_TIMEOUT), edge.close()])));
  const grpcPort = await grpc.listen(HOST, GRPC_PORT).catch(explain(`GRPC_PORT ${GRPC_PORT}`, HOST));
  const address = await edge.listen({ host: HOST, port: PORT }).catch(explain(`PORT ${PORT}`, HOST));
  return { address, grpcAddress: `${HOST.includes(":") ? `[${HOST}]` : HOST}:${grpcPort}` };
}

/** Names the setting behind an address that cannot be listened on. */
function explain(setting: string, host: string): (error: Error) => never {
  return (error) => {
    throw new Error(`${setting} of HOST ${host} cannot be used; stop what uses it, or set another: ${error.message}`);
  };
}

async function open(settings: Settings, log: Logger, opened: AsyncDisposableStack): Promise<Omit<Standalone, "stop">> {
  const { DATA_DIR, ADMIN_KEY, SHUTDOWN_TIMEOUT } = settings;
  await mkdir(DATA_DIR, { recursive: true, mode: 0o700 });
  const adminKey = await loadAdminKey(ADMIN_KEY, DATA_DIR);
  const stores = await openStores(settings, log, opened);
  const metrics = new Metrics();
  let deadline: AbortSignal | undefined;
  const stopDeadline = () => (deadline ??= AbortSignal.timeout(SHUTDOWN_TIMEOUT));
  const roles = await startRoles({ settings, stores, adminKey, metrics, log, stopDeadline }, opened);
  const addresses = await listen({ settings, roles, metrics, log }, opened);
  opened.defer(() => {
    stopDeadline();
    roles.health.set(false);
  });
  roles.health.set(true);
  return { ...addresses, adminKey };
}

/**
 * Starts everything in this process, on the files in DATA_DIR, so that it stops in the opposite order. Rejects where
 * that cannot be; then nothing is open.
 */
export async function startStandalone(settings: Settings, log: Logger): Promise<Standalone> {
  const opened = new AsyncDisposableStack();
  try {
    return { ...(await open(settings, log, opened)), stop: () => opened.disposeAsync() };
  } catch (error) {
    await opened.disposeAsync().catch((err) => log.error({ err }, "what was open cannot be closed"));
    throw error;
  }
}

if (import.meta.main) {
  await runProcess(async () => {
    if (existsSync(".env")) process.loadEnvFile();
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
