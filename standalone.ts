import type { Logger } from "pino";
import { createConfiguredEdge, type EdgeAddresses } from "./edge/server/configured-edge.ts";
import { loadAdminKey } from "./services/auth/admin-key.ts";
import { findPrincipal } from "./services/auth/principal.ts";
import { makeDataFolder } from "./services/embedded/data-folder.ts";
import { type Roles, startRoles } from "./services/embedded/roles.ts";
import { openStores } from "./services/embedded/stores.ts";
import { createCallLog, type FinishedCall } from "./services/observability/call-log.ts";
import { createLog } from "./services/observability/log.ts";
import { Metrics } from "./services/observability/metrics.ts";
import { printBanner } from "./services/process/banner.ts";
import { releaseIdleMemory } from "./services/process/idle-memory.ts";
import { runProcess } from "./services/process/run-process.ts";
import { openGrpcPort } from "./services/rpc/grpc-port.ts";
import { createLocalTransport } from "./services/rpc/local-transport.ts";
import { loadEnvironment } from "./services/settings/environment.ts";
import { type KeyPair, loadKeyPair } from "./services/settings/key-pair.ts";
import { readSettings, type Settings } from "./services/settings/settings.ts";
import { loadTokenSecret } from "./services/token/token-secret.ts";

/** Where a Parley listens. */
type Addresses = EdgeAddresses & {
  /** `host:port` of native gRPC. */
  grpcAddress: string;
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

function createEdge({ settings, keyPair, roles, metrics, log }: ServerOptions, onCall: (call: FinishedCall) => void) {
  const transport = createLocalTransport(roles.api.registry);
  const callerOf = findPrincipal;
  const ready = () => roles.health.serving();
  const caches = () => roles.facts.report();
  return createConfiguredEdge({ settings, keyPair, transport, metrics, caches, log, ready, onCall, callerOf });
}

/** Opens the ways in; `opened` closes them all at the same time. Resolves with their addresses. */
async function listen(options: ServerOptions, opened: AsyncDisposableStack): Promise<Addresses> {
  const { settings, keyPair: tls, roles, metrics, log } = options;
  const callLog = createCallLog(metrics, log);
  const edge = await createEdge(options, callLog);
  const grpc = new AsyncDisposableStack();
  opened.defer(async () => void (await Promise.all([grpc.disposeAsync(), edge.close()])));
  const grpcAddress = await openGrpcPort(
    { settings, tls, registry: roles.api.registry, callLog, callerOf: findPrincipal },
    grpc,
  );
  return { ...(await edge.listen()), grpcAddress };
}

async function open(settings: Settings, log: Logger, opened: AsyncDisposableStack): Promise<Omit<Standalone, "stop">> {
  const { DATA_DIR, ADMIN_KEY, TOKEN_SECRET, SHUTDOWN_TIMEOUT } = settings;
  const keyPair = await loadKeyPair(settings);
  await makeDataFolder(DATA_DIR);
  const adminKey = await loadAdminKey(ADMIN_KEY, DATA_DIR);
  const tokenSecret = await loadTokenSecret(TOKEN_SECRET, DATA_DIR);
  const stores = await openStores(settings, log, opened);
  const metrics = new Metrics();
  let deadline: AbortSignal | undefined;
  const stopDeadline = () => (deadline ??= AbortSignal.timeout(SHUTDOWN_TIMEOUT));
  const roles = await startRoles({ settings, stores, adminKey, tokenSecret, metrics, log, stopDeadline }, opened);
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
  await runProcess(async () => {
    const settings = readSettings(loadEnvironment());
    const log = createLog(settings);
    const parley = await startStandalone(settings, log);
    const { address, grpcAddress, privateAddress, stop } = parley;
    const { DATA_DIR: dataDir, ADMIN_KEY, DOCS, SHUTDOWN_TIMEOUT: stopTimeoutMs } = settings;
    const announce = () => {
      log.info({ address, grpcAddress, privateAddress, dataDir }, "ready");
      const docsAddress = { public: address, private: privateAddress, off: undefined }[DOCS];
      const ownAdminKey = ADMIN_KEY !== undefined;
      printBanner({ address, grpcAddress, privateAddress, docsAddress, dataDir, ownAdminKey });
      releaseIdleMemory();
    };
    return { log, announce, stop, stopTimeoutMs };
  });
}
