import type { Redis } from "ioredis";
import type { Database } from "../database/database.ts";
import { FactChangeFollower } from "../facts/fact-change-follower.ts";
import { factTtls, longestTtl } from "../facts/fact-ttls.ts";
import { RedisSharedFacts } from "../facts/redis-shared-facts.ts";
import { type MysqlOptions, openMysqlDatabase } from "../mysql/mysql-database.ts";
import { connectNats } from "../nats/nats-connection.ts";
import type { Dependency } from "../observability/dependency-checks.ts";
import { connectRedis } from "../redis/redis-connection.ts";
import { RedisLives } from "../redis/redis-lives.ts";
import { type ElasticsearchSearchIndex, openElasticsearchIndex } from "../search/elasticsearch-search-index.ts";
import { requireSettings } from "../settings/settings.ts";
import { sequenceBefore } from "../write-queue/commit-mark.ts";
import { openNatsWriteQueue } from "../write-queue/nats-queue-opening.ts";
import type { NatsWriteQueue } from "../write-queue/nats-write-queue.ts";
import type { EpochLog } from "../write-queue/write-queue.ts";
import { Horizon } from "../writer/horizon.ts";
import { PositionFollower } from "../writer/position-follower.ts";
import type { WriterPosition } from "../writer/writer-position.ts";
import type { RoleContext } from "./role.ts";

/** A store on a server, and how to tell whether that is there. */
type Opened<Store> = { store: Store; dependency: Dependency };

function required(check: () => Promise<unknown>): Dependency {
  return { check, isRequired: true };
}

/** A server without which a role does some of its work all the same. */
export function optional(dependency: Dependency): Dependency {
  return { ...dependency, isRequired: false };
}

/** The database at MYSQL_URL. */
export async function openDatabase(
  { settings, opened }: RoleContext,
  options?: MysqlOptions,
): Promise<Opened<Database>> {
  const store = await openMysqlDatabase(requireSettings(settings, "this role", ["MYSQL_URL"]), options);
  opened.defer(() => store.close());
  return { store, dependency: required(() => store.sequelize.query("SELECT 1")) };
}

/** The write queue at NATS_URL, where it belongs to the database that has this position. */
export async function openQueue(
  { settings, log, opened }: RoleContext,
  position: WriterPosition,
): Promise<Opened<NatsWriteQueue>> {
  const { NATS_URL: servers, INSTALLATION: installation } = requireSettings(settings, "this role", ["NATS_URL"]);
  const { NATS_CREDENTIALS_FILE: credentialsFile, NATS_TLS_CA_FILE: caFile } = settings;
  const link = await connectNats({ servers, credentialsFile, caFile, name: installation, log });
  opened.defer(() => link.close());
  const store = await openNatsWriteQueue({
    ...{ link, installation, log },
    persisted: async () => sequenceBefore(await position.load()),
    maxBytes: settings.QUEUE_BYTES_MAX,
    replicas: settings.NATS_REPLICAS,
    publishTimeoutMs: settings.PUBLISH_TIMEOUT,
    monitorUrl: settings.NATS_MONITOR_URL,
  });
  opened.defer(() => store.close());
  return { store, dependency: required(() => store.check()) };
}

/** Redis at REDIS_URL. */
export async function openRedis({ settings, log, opened }: RoleContext): Promise<Opened<Redis>> {
  const store = await connectRedis(requireSettings(settings, "this role", ["REDIS_URL"]), log);
  opened.defer(() => store.disconnect());
  return { store, dependency: required(() => store.ping()) };
}

/** The lives of the numbers in Redis, which the queue's epochs begin. */
export function openLives({ settings, log }: RoleContext, redis: Redis, epochs: EpochLog): RedisLives {
  return new RedisLives({
    ...{ redis, epochs, log },
    installation: settings.INSTALLATION,
    waitMs: settings.EPOCH_WAIT,
  });
}

/** The facts that processes share in Redis. */
export function openSharedFacts({ settings, log, opened }: RoleContext, redis: Redis): RedisSharedFacts {
  const { INSTALLATION: installation, CACHE_ENTRIES_MAX: max } = settings;
  const shared = new RedisSharedFacts({ redis, installation, ttlMs: factTtls(settings), max, log });
  opened.defer(() => shared.stop());
  return shared;
}

/** Reads what other processes wrote down as changed. */
export function followFactChanges({ settings, log, opened }: RoleContext, database: Database): FactChangeFollower {
  const follower = new FactChangeFollower({ database, log, ttlMs: longestTtl(factTtls(settings)) });
  opened.defer(() => follower.stop());
  return follower;
}

/** The search index at ELASTICSEARCH_URL. */
export async function openIndex({ settings, log, opened }: RoleContext): Promise<Opened<ElasticsearchSearchIndex>> {
  const store = await openElasticsearchIndex(requireSettings(settings, "this role", ["ELASTICSEARCH_URL"]), log);
  opened.defer(() => store.close());
  return { store, dependency: { check: () => store.check(), isRequired: false } };
}

/**
 * Where the writer is, as the database says.
 *
 * @param intervalMs how often it is read while somebody waits for it
 */
export async function followPosition(
  { log, opened }: RoleContext,
  position: WriterPosition,
  intervalMs?: number,
): Promise<Horizon> {
  const horizon = new Horizon(await position.load());
  const follower = new PositionFollower({ horizon, position, log, intervalMs });
  opened.defer(() => follower.stop());
  follower.start();
  return horizon;
}
