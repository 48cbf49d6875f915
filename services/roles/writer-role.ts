import type { Database } from "../database/database.ts";
import type { FactChanges } from "../facts/facts.ts";
import type { RecentMessages } from "../message/recent-messages.ts";
import { RedisRecentMessages } from "../message/redis-recent-messages.ts";
import { RedisClosings } from "../numbering/redis-closings.ts";
import { aborted } from "../process/aborted.ts";
import { requireSettings } from "../settings/settings.ts";
import type { WriteQueue } from "../write-queue/write-queue.ts";
import { Horizon } from "../writer/horizon.ts";
import { Writer } from "../writer/writer.ts";
import { WriterPosition } from "../writer/writer-position.ts";
import { leadRole } from "./leading.ts";
import type { Role, RoleContext } from "./role.ts";
import { openDatabase, openLives, openQueue, openRedis, openSharedFacts } from "./stores.ts";

/**
 * The writer role: takes the write queue into the database. Of several processes one is at work; should two be, the
 * position lets one of them win.
 */
export async function startWriter(context: RoleContext): Promise<Role> {
  const { settings, metrics, log } = context;
  requireSettings(settings, "the role writer", ["MYSQL_URL", "REDIS_URL", "NATS_URL"]);
  const { store: database, dependency: mysql } = await openDatabase(context);
  const position = new WriterPosition(database);
  const { store: queue, dependency: nats } = await openQueue(context, position);
  const { store: redis, dependency: redisDependency } = await openRedis(context);
  const lives = openLives(context, redis, queue);
  const recents = new RedisRecentMessages({ lives, maxBytes: settings.RECENT_BYTES_MAX, log });
  const closings = new RedisClosings(lives);
  metrics.watch({ backlog: () => queue.backlog() });
  const stores = { database, queue, position, recents, closings, facts: openSharedFacts(context, redis) };
  leadRole(context, database, "writer", (signal) => write(context, stores, signal));
  return { dependencies: { mysql, redis: redisDependency, nats } };
}

type WriterStores = {
  database: Database;
  queue: WriteQueue;
  position: WriterPosition;
  recents: RecentMessages;
  closings: RedisClosings;
  facts: FactChanges;
};

/** Writes for as long as the lease is held; at the end of the process, what is in the queue is written first. */
async function write(
  context: RoleContext,
  { database, queue, position, recents, closings, facts }: WriterStores,
  signal: AbortSignal,
): Promise<void> {
  const { settings, metrics, log } = context;
  const writer = new Writer({
    ...{ database, queue, position, recents, facts, log },
    horizon: new Horizon(await position.load()),
    requestTtlMs: settings.REQUEST_ID_TTL,
    now: Date.now,
    onDeadLetter: () => metrics.countDeadLetter(),
    // Deletions reach Redis with the recent messages, and what is persisted is read from the database.
    numbering: { reopen: (ids) => closings.reopen(ids), remove: async () => undefined, persisted: () => undefined },
  });
  log.info("this process is the writer");
  writer.start();
  await aborted(signal);
  await writer.stop(context.stopping ? context.stopDeadline() : AbortSignal.abort());
}
