import { createApi } from "../api/api.ts";
import { createFacts } from "../api/facts.ts";
import { findPrincipal } from "../auth/principal.ts";
import type { Database } from "../database/database.ts";
import { RedisRateLimits } from "../limits/redis-rate-limits.ts";
import { openMailer } from "../mail/open-mailer.ts";
import { RedisRecentMessages } from "../message/redis-recent-messages.ts";
import { CounterOpening } from "../numbering/counter-opening.ts";
import { CounterSeeding } from "../numbering/counter-seeding.ts";
import { RedisClosings } from "../numbering/redis-closings.ts";
import { RedisNumbering } from "../numbering/redis-numbering.ts";
import { RequestLookUp } from "../numbering/request-look-up.ts";
import { SqlNumberingSource } from "../numbering/sql-numbering-source.ts";
import { createCallLog } from "../observability/call-log.ts";
import type { RedisLives } from "../redis/redis-lives.ts";
import { openGrpcPort } from "../rpc/grpc-port.ts";
import { createHealthStatus } from "../rpc/health-status.ts";
import { loadKeyPair } from "../settings/key-pair.ts";
import { requireSettings, type Settings, SettingsError } from "../settings/settings.ts";
import { SigningKeyStore } from "../token/signing-key-store.ts";
import { SigningKeys } from "../token/signing-keys.ts";
import type { NatsWriteQueue } from "../write-queue/nats-write-queue.ts";
import type { WriteQueue } from "../write-queue/write-queue.ts";
import type { Horizon } from "../writer/horizon.ts";
import { WriterPosition } from "../writer/writer-position.ts";
import type { Role, RoleContext } from "./role.ts";
import {
  followFactChanges,
  followPosition,
  openDatabase,
  openIndex,
  openLives,
  openQueue,
  openRedis,
  openSharedFacts,
  optional,
} from "./stores.ts";

/** Another process may have replaced an application's key, or deleted the application. */
const KEY_MAX_AGE_MS = 1_000;
/** How far the clocks of a process and of Redis may be apart. */
const CLOCKS_MS = 3_600_000;
/** What a request's record takes at most, as a multiple of the request: names and times are added to each message. */
const RECORD_PER_REQUEST = 3;

/** The api role: takes calls over gRPC. */
export async function startApi(context: RoleContext): Promise<Role> {
  const { settings, metrics, log, opened, stopDeadline } = context;
  const needed = ["MYSQL_URL", "REDIS_URL", "NATS_URL", "ELASTICSEARCH_URL", "ADMIN_KEY", "TOKEN_SECRET"] as const;
  const { ADMIN_KEY: adminKey, TOKEN_SECRET: tokenSecret } = requireSettings(settings, "the role api", needed);
  const tls = await loadKeyPair(settings);
  const { store: database, dependency: mysql } = await openDatabase(context);
  const position = new WriterPosition(database);
  const { store: queue, dependency: nats } = await openQueue(context, position);
  const { store: redis, dependency: redisDependency } = await openRedis(context);
  const { store: index, dependency: elasticsearch } = await openIndex(context);
  const horizon = await followPosition(context, position);
  const lives = openLives(context, redis, queue);
  const facts = createFacts({
    ...{ settings, database, queue, horizon },
    shared: openSharedFacts(context, redis),
    recorded: followFactChanges(context, database),
  });
  const signingKeys = await SigningKeys.open(new SigningKeyStore(database, tokenSecret), log);
  opened.defer(() => signingKeys.stop());
  const limits = new RedisRateLimits({ redis, installation: settings.INSTALLATION });
  opened.defer(() => limits.stop());
  const health = createHealthStatus();
  const api = createApi({
    settings: { ...settings, GROUP_BYTES_MAX: groupBytes(settings, queue) },
    ...{ limits, trustedEdges: settings.TRUST_EDGE },
    ...{ database, queue, index, facts, horizon, health, adminKey, metrics, log, keyMaxAgeMs: KEY_MAX_AGE_MS },
    ...{ tokenSecret, signingKeys, mailer: openMailer(settings, log) },
    numbering: createNumbering(context, { database, queue, horizon, lives }),
    recents: new RedisRecentMessages({ lives, maxBytes: settings.RECENT_BYTES_MAX, log }),
  });
  metrics.watch({ pendingWrites: () => api.groups.pending });
  opened.defer(() => api.mails.stop(stopDeadline()));
  opened.defer(() => api.verdicts.stop());
  await api.verdicts.start();
  opened.defer(() => api.groups.stop());
  const callLog = createCallLog(metrics, log);
  const grpcAddress = await openGrpcPort(
    { settings, tls, registry: api.registry, callLog, callerOf: findPrincipal },
    opened,
  );
  opened.defer(() => {
    stopDeadline();
    health.set(false);
  });
  health.set(true);
  // Without the database creates go on, and without Redis reads.
  const dependencies = { mysql: optional(mysql), redis: optional(redisDependency), nats, elasticsearch };
  return { grpcAddress, dependencies, caches: () => facts.report() };
}

/**
 * A group is one message of NATS.
 *
 * @throws SettingsError where a request may be too large for one
 */
function groupBytes({ GROUP_BYTES_MAX, REQUEST_MAX_BYTES }: Settings, { maxRecordBytes }: NatsWriteQueue): number {
  const requestMax = Math.floor(maxRecordBytes / RECORD_PER_REQUEST);
  if (REQUEST_MAX_BYTES <= requestMax) return Math.min(GROUP_BYTES_MAX, maxRecordBytes);
  throw new SettingsError(
    `REQUEST_MAX_BYTES is ${REQUEST_MAX_BYTES}, but with the max_payload of this NATS it may be ${requestMax} at most: ` +
      "lower the setting, or raise max_payload in the server's configuration",
  );
}

type NumberingStores = { database: Database; queue: WriteQueue; horizon: Horizon; lives: RedisLives };

function createNumbering(
  { settings }: RoleContext,
  { database, queue, horizon, lives }: NumberingStores,
): RedisNumbering {
  const { REQUEST_ID_TTL: requestTtlMs, EPOCH_WAIT: waitMs } = settings;
  // Redis' clock says whether a request_id counts; that of this process only what is looked at.
  const source = new SqlNumberingSource(database, requestTtlMs + CLOCKS_MS);
  return new RedisNumbering({
    ...{ lives, requestTtlMs },
    closings: new RedisClosings(lives),
    seeding: new CounterSeeding({ lives, source, horizon, queue, waitMs }),
    opening: new CounterOpening({ lives, source, horizon, queue }),
    lookUp: new RequestLookUp({ lives, source, requestTtlMs }),
  });
}
