import type { Logger } from "pino";
import type { Database } from "../database/database.ts";
import type { CachedFacts } from "../facts/cached-facts.ts";
import type { RateLimits } from "../limits/rate-limits.ts";
import type { Mailer } from "../mail/mailer.ts";
import type { RecentMessages } from "../message/recent-messages.ts";
import type { Numbering } from "../numbering/numbering.ts";
import type { Metrics } from "../observability/metrics.ts";
import type { HealthStatus } from "../rpc/health-status.ts";
import type { SearchIndex } from "../search/search-index.ts";
import type { Settings } from "../settings/settings.ts";
import type { SigningKeys } from "../token/signing-keys.ts";
import type { WriteQueue } from "../write-queue/write-queue.ts";
import type { Horizon } from "../writer/horizon.ts";

/** What the api role works with. */
export type ApiOptions = {
  settings: Settings;
  database: Database;
  queue: WriteQueue;
  numbering: Numbering;
  recents: RecentMessages;
  facts: CachedFacts;
  limits: RateLimits;
  /** Other ends of gRPC connections that are believed what address their client has, as the setting TRUST_EDGE. */
  trustedEdges: readonly string[];
  index: SearchIndex;
  horizon: Horizon;
  health: HealthStatus;
  adminKey: string;
  /** The secret of users' tokens, and the keys that it opens. */
  tokenSecret: string;
  signingKeys: SigningKeys;
  mailer: Mailer;
  /** How long the keys of an application are believed without being looked up, in milliseconds. */
  keyMaxAgeMs: number;
  metrics: Metrics;
  log: Logger;
};
