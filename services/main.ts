import { createDependencyChecks } from "./observability/dependency-checks.ts";
import { createLog } from "./observability/log.ts";
import { Metrics } from "./observability/metrics.ts";
import { createOperationsServer } from "./observability/operations-server.ts";
import { explainAddress } from "./process/explain-address.ts";
import { runProcess } from "./process/run-process.ts";
import { startApi } from "./roles/api-role.ts";
import { startIndexer } from "./roles/indexer-role.ts";
import type { Role, RoleContext, StartRole } from "./roles/role.ts";
import { startScheduler } from "./roles/scheduler-role.ts";
import { startWriter } from "./roles/writer-role.ts";
import { loadEnvironment } from "./settings/environment.ts";
import { readSettings, SettingsError } from "./settings/settings.ts";

const ROLES = new Map<string, StartRole>([
  ["api", startApi],
  ["writer", startWriter],
  ["indexer", startIndexer],
  ["scheduler", startScheduler],
]);

/** Starts what the program was called for, on servers. Where it rejects, nothing is open. */
async function start(name: string, context: RoleContext): Promise<Role & { privateAddress?: string }> {
  const startRole = ROLES.get(name);
  if (!startRole) {
    throw new SettingsError(`a role must be named, one of ${[...ROLES.keys()].join(", ")}: node services/main.ts api`);
  }
  try {
    const role = await startRole(context);
    const privateAddress = await openPrivatePort(role, context);
    return { ...role, ...(privateAddress !== undefined && { privateAddress }) };
  } catch (error) {
    await context.opened.disposeAsync().catch((err) => context.log.error({ err }, "what was open cannot be closed"));
    throw error;
  }
}

/** Serves health and metrics, where PRIVATE_PORT is set. */
async function openPrivatePort({ dependencies, caches }: Role, context: RoleContext): Promise<string | undefined> {
  const { settings, metrics, opened } = context;
  const { PRIVATE_HOST: host, PRIVATE_PORT: port } = settings;
  if (port === undefined) return undefined;
  const server = createOperationsServer({
    ready: () => !context.stopping,
    dependencies: createDependencyChecks(dependencies),
    metrics,
    caches,
    closeTimeoutMs: settings.SHUTDOWN_TIMEOUT,
  });
  opened.defer(() => server.close());
  return server.listen({ host, port }).catch(explainAddress(`PRIVATE_PORT ${port} of PRIVATE_HOST ${host}`));
}

await runProcess(async () => {
  const name = process.argv.slice(2).join(" ");
  const settings = readSettings(loadEnvironment());
  const { SHUTDOWN_TIMEOUT: stopTimeoutMs } = settings;
  const log = createLog(settings).child({ role: name });
  let deadline: AbortSignal | undefined;
  const context: RoleContext = {
    ...{ settings, log, metrics: new Metrics(), opened: new AsyncDisposableStack() },
    stopDeadline: () => (deadline ??= AbortSignal.timeout(stopTimeoutMs)),
    get stopping() {
      return deadline !== undefined;
    },
  };
  const { grpcAddress, privateAddress } = await start(name, context);
  const announce = () => log.info({ grpcAddress, privateAddress }, "ready");
  const stop = async () => {
    context.stopDeadline();
    await context.opened.disposeAsync();
  };
  return { log, announce, stop, stopTimeoutMs };
});
