import { existsSync } from "node:fs";
import { logVerbosity, setLogVerbosity } from "@grpc/grpc-js";
import type { Logger } from "pino";
import { createApiDocument } from "./edge/api/document.ts";
import { createEdgePorts } from "./edge/server/edge-ports.ts";
import { PARLEY_SERVICES } from "./services/api.ts";
import { loadAdminKey } from "./services/auth/admin-key.ts";
import { makeDataFolder } from "./services/embedded/data-folder.ts";
import { type Roles, startRoles } from "./services/embedded/roles.ts";
import { openStores } from "./services/embedded/stores.ts";
import { createCallLog, type FinishedCall, traceIdOf } from "./services/observability/call-log.ts";
import { createLog } from "./services/observability/log.ts";
import { Metrics } from "./services/observability/metrics.ts";
import { printBanner } from "./services/process/banner.ts";
import { explainAddress } from "./services/process/explain-address.ts";
import { runProcess } from "./services/process/run-process.ts";
import { openGrpcPort } from "./services/rpc/grpc-port.ts";
import { createLocalTransport } from "./services/rpc/local-transport.ts";
import { type KeyPair, loadKeyPair } from "./services/settings/key-pair.ts";
import { readSettings, type Settings } from "./services/settings/settings.ts";

/** Where a Parley listens. */
type Addresses = {
  /** Where REST, Connect and gRPC-Web are, and the docs unless they are elsewhere: `http://host:port`, or `https://`. */
  address: string;
  /** `host:port` of native gRPC. */
  grpcAddress: string;
  /** `http://host:port` of the private port, where there is one. */
  privateAddress?: string;
};

/** A running Parley. */
export type Standalone = Addresses & {
  adminKey: string;
  /** Refuses new work, finishes what is in flight, flushes, closes; within SHUTDOWN_TIMEOUT. */
  stop(): Promise<void>;
};

/** What the servers are made of. */
type ServerOptions = {
  settings: Settings;
  keyPair: KeyPair | undefined;
  roles: Roles;
  metrics: Metrics;
  log: Logger;
};

async function createEdge(
  { settings, keyPair, roles, metrics, log }: ServerOptions,
  callLog: (call: FinishedCall) => void,
) {
  return createEdgePorts({
    services: PARLEY_SERVICES,
    transport: createLocalTransport(roles.api.registry),
    tls: keyPair,
    corsOrigins: settings.CORS_ORIGINS ?? [],
    trustedProxies: settings.TRUST_PROXY,
    docs: await createApiDocument(PARLEY_SERVICES),
    metrics,
    places: { docs: settings.DOCS, metrics: settings.METRICS },
    hasPrivate: settings.PRIVATE_PORT !== undefined,
    maxRequestBytes: settings.REQUEST_MAX_BYTES,
    closeTimeoutMs: settings.SHUTDOWN_TIMEOUT,
    ready: () => roles.health.serving(),
    onCall: ({ traceparent, ...call }) => callLog({ ...call, traceId: traceIdOf(traceparent) }),
    onError: (err) => log.error({ err }, "the edge failed with an internal error"),
  });
}

/** Opens the ways in; `opened` closes them all at the same time. Resolves with their addresses. */
async function listen(options: ServerOptions, opened: AsyncDisposableStack): Promise<Addresses> {
  const { settings, keyPair: tls, roles, metrics, log } = options;
  const { HOST, PORT, PRIVATE_HOST, PRIVATE_PORT } = settings;
  const callLog = createCallLog(metrics, log);
  const { edge, privateServer } = await createEdge(options, callLog);
  const grpc = new AsyncDisposableStack();
  opened.defer(async () => {
    await Promise.all([grpc.disposeAsync(), edge.close(), privateServer?.close()]);
  });
  const grpcAddress = await openGrpcPort({ settings, tls, registry: roles.api.registry, callLog }, grpc);
  const address = await edge.listen({ host: HOST, port: PORT }).catch(explainAddress(`PORT ${PORT} of HOST ${HOST}`));
  const privateAddress = await privateServer
    ?.listen({ host: PRIVATE_HOST, port: PRIVATE_PORT! })
    .catch(explainAddress(`PRIVATE_PORT ${PRIVATE_PORT} of PRIVATE_HOST ${PRIVATE_HOST}`));
  return { address, grpcAddress, ...(privateAddress !== undefined && { privateAddress }) };
}

async function open(settings: Settings, log: Logger, opened: AsyncDisposableStack): Promise<Omit<Standalone, "stop">> {
  const { DATA_DIR, ADMIN_KEY, SHUTDOWN_TIMEOUT } = settings;
  const keyPair = await loadKeyPair(settings);
  await makeDataFolder(DATA_DIR);
  const adminKey = await loadAdminKey(ADMIN_KEY, DATA_DIR);
  const stores = await openStores(settings, log, opened);
  const metrics = new Metrics();
  let deadline: AbortSignal | undefined;
  const stopDeadline = () => (deadline ??= AbortSignal.timeout(SHUTDOWN_TIMEOUT));
  const roles = await startRoles({ settings, stores, adminKey, metrics, log, stopDeadline }, opened);
  const addresses = await listen({ settings, keyPair, roles, metrics, log }, opened);
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
  // What it says on stderr it throws too; the log is the process's own.
  setLogVerbosity(logVerbosity.NONE);
  await runProcess(async () => {
    if (existsSync(".env")) process.loadEnvFile();
    const settings = readSettings(process.env);
    const log = createLog(settings);
    const parley = await startStandalone(settings, log);
    const { address, grpcAddress, privateAddress, stop } = parley;
    const { DATA_DIR: dataDir, ADMIN_KEY, DOCS, SHUTDOWN_TIMEOUT: stopTimeoutMs } = settings;
    const announce = () => {
      log.info({ address, grpcAddress, privateAddress, dataDir }, "ready");
      const docsAddress = { public: address, private: privateAddress, off: undefined }[DOCS];
      const ownAdminKey = ADMIN_KEY !== undefined;
      printBanner({ address, grpcAddress, privateAddress, docsAddress, dataDir, ownAdminKey });
    };
    return { log, announce, stop, stopTimeoutMs };
  });
}
