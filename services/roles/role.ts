import type { Logger } from "pino";
import type { CacheReport } from "../facts/cache-report.ts";
import type { Dependencies } from "../observability/dependency-checks.ts";
import type { Metrics } from "../observability/metrics.ts";
import type { Settings } from "../settings/settings.ts";

/** What a role is started with. */
export type RoleContext = {
  settings: Settings;
  metrics: Metrics;
  log: Logger;
  /** Gets all that is opened, so that it is closed in the opposite order. */
  opened: AsyncDisposableStack;
  /** Aborts when a stop has taken long enough; called first when one begins. */
  stopDeadline: () => AbortSignal;
  /** Whether a stop has begun. */
  readonly stopping: boolean;
};

/** A role that runs. */
export type Role = {
  dependencies: Dependencies;
  /** `host:port` where it takes calls, if it does. */
  grpcAddress?: string;
  /** What it holds of facts, if it does. */
  caches?: () => CacheReport;
};

/** Starts a role. Where it rejects, what it had opened is in `opened`. */
export type StartRole = (context: RoleContext) => Promise<Role>;
