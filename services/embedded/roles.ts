import type { Logger } from "pino";
import { type Api, createApi } from "../api/api.ts";
import { createFacts } from "../api/facts.ts";
import type { CachedFacts } from "../facts/cached-facts.ts";
import { factTtls, longestTtl } from "../facts/fact-ttls.ts";
import type { FactChanges } from "../facts/facts.ts";
import { ChangeFeed } from "../indexer/change-feed.ts";
import { Indexer } from "../indexer/indexer.ts";
import { MemoryRateLimits } from "../limits/memory-rate-limits.ts";
import { openMailer } from "../mail/open-mailer.ts";
import { MemoryRecentMessages } from "../message/memory-recent-messages.ts";
import { MemoryNumbering } from "../numbering/memory-numbering.ts";
import { SqlNumberingSource } from "../numbering/sql-numbering-source.ts";
import type { Metrics } from "../observability/metrics.ts";
import { createHealthStatus } from "../rpc/health-status.ts";
import { Scheduler } from "../scheduler/scheduler.ts";
import type { Settings } from "../settings/settings.ts";
import { SigningKeyStore } from "../token/signing-key-store.ts";
import { SigningKeys } from "../token/signing-keys.ts";
import { sequenceBefore } from "../write-queue/commit-mark.ts";
import { Horizon } from "../writer/horizon.ts";
import { Writer } from "../writer/writer.ts";
import type { Stores } from "./stores.ts";

/** What the roles are made of. */
export type RoleOptions = {
  settings: Settings;
  stores: Stores;
  adminKey: string;
  /** The secret of users' tokens. */
  tokenSecret: string;
  metrics: Metrics;
  log: Logger;
  /** Aborts when a stop has taken long enough; called first when one begins. */
  stopDeadline: () => AbortSignal;
};

/** The api that takes the calls, what it decides on, and whether it should get any. */
export type Roles = { api: Api; facts: CachedFacts; health: ReturnType<typeof createHealthStatus> };

/**
 * Starts all roles in this process: the loops behind the handlers, and the api on top of them. The queue is drained
 * before any number is given. What is started is in `opened`, so that it ends in this order: the groups of writes, the
 * writer that takes them, and who only follows.
 */
export async function startRoles(options: RoleOptions, opened: AsyncDisposableStack): Promise<Roles> {
  const { settings, stores, adminKey, tokenSecret, metrics, log } = options;
  const horizon = new Horizon(await stores.position.load());
  const recents = new MemoryRecentMessages(settings.RECENT_BYTES_MAX);
  const facts = createFacts({ settings, ...stores, horizon });
  const health = createHealthStatus();
  const numbering = new MemoryNumbering(new SqlNumberingSource(stores.database, settings.REQUEST_ID_TTL));
  const writer = createWriter(options, { horizon, recents, numbering, facts });
  await writer.drain();
  const indexer = startFollowers(options, { horizon, recents }, opened);
  const signingKeys = await SigningKeys.open(new SigningKeyStore(stores.database, tokenSecret), log);
  opened.defer(() => signingKeys.stop());
  const api = createApi({
    ...{ limits: new MemoryRateLimits(), trustedEdges: [] },
    ...{ settings, ...stores, numbering, recents, facts, horizon, health, metrics, log },
    ...{ adminKey, tokenSecret, signingKeys, mailer: openMailer(settings, log) },
    // No other process changes keys.
    keyMaxAgeMs: Number.POSITIVE_INFINITY,
  });
  opened.defer(() => api.mails.stop(options.stopDeadline()));
  opened.defer(() => api.verdicts.stop());
  await api.verdicts.start();
  opened.defer(() => writer.stop(options.stopDeadline()));
  writer.start();
  opened.defer(() => api.groups.stop());
  metrics.watch({
    backlog: () => stores.queue.backlog(),
    pendingWrites: () => api.groups.pending,
    indexLag: () => sequenceBefore(horizon.position) - sequenceBefore(indexer.position),
  });
  return { api, facts, health };
}

type Memory = { horizon: Horizon; recents: MemoryRecentMessages; numbering: MemoryNumbering; facts: FactChanges };

function createWriter(
  { settings, stores, metrics, log }: RoleOptions,
  { horizon, recents, numbering, facts }: Memory,
): Writer {
  const { database, queue, position } = stores;
  return new Writer({
    ...{ database, queue, position, horizon, recents, numbering, facts, log },
    requestTtlMs: settings.REQUEST_ID_TTL,
    now: Date.now,
    onDeadLetter: () => metrics.countDeadLetter(),
  });
}

/** The indexer and the scheduler: what goes on without calls. */
function startFollowers(
  { settings, stores, log }: RoleOptions,
  { horizon, recents }: Pick<Memory, "horizon" | "recents">,
  opened: AsyncDisposableStack,
): Indexer {
  const { database, queue, index } = stores;
  const indexer = new Indexer({ feed: new ChangeFeed(database), index, horizon, log });
  const scheduler = new Scheduler({
    ...{ database, queue, horizon, recents, log, indexed: () => indexer.position },
    countIntervalMs: settings.COUNT_INTERVAL,
    requestTtlMs: settings.REQUEST_ID_TTL,
    retentionMs: settings.RETENTION,
    factTtlMs: longestTtl(factTtls(settings)),
  });
  opened.defer(async () => void (await Promise.all([indexer.stop(), scheduler.stop()])));
  indexer.start();
  scheduler.start();
  return indexer;
}
