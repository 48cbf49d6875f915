import { factTtls, longestTtl } from "../facts/fact-ttls.ts";
import { RedisRecentMessages } from "../message/redis-recent-messages.ts";
import { aborted } from "../process/aborted.ts";
import { forgetLives } from "../redis/forget-lives.ts";
import { Scheduler, type SchedulerOptions } from "../scheduler/scheduler.ts";
import { requireSettings } from "../settings/settings.ts";
import { WriterPosition } from "../writer/writer-position.ts";
import { leadRole } from "./leading.ts";
import type { Role, RoleContext } from "./role.ts";
import { followPosition, openDatabase, openIndex, openLives, openQueue, openRedis, optional } from "./stores.ts";

/** A chat may have many millions of messages to count. */
const COUNT_TIMEOUT_MS = 600_000;

/** The scheduler role: recounts and cleans up. Of several processes one is at work. */
export async function startScheduler(context: RoleContext): Promise<Role> {
  const { settings, log } = context;
  requireSettings(settings, "the role scheduler", ["MYSQL_URL", "REDIS_URL", "NATS_URL", "ELASTICSEARCH_URL"]);
  const { store: database, dependency: mysql } = await openDatabase(context, { answerTimeoutMs: COUNT_TIMEOUT_MS });
  const position = new WriterPosition(database);
  const { store: queue, dependency: nats } = await openQueue(context, position);
  const { store: redis, dependency: redisDependency } = await openRedis(context);
  const { store: index, dependency: elasticsearch } = await openIndex(context);
  const lives = openLives(context, redis, queue);
  const recents = new RedisRecentMessages({ lives, maxBytes: settings.RECENT_BYTES_MAX, log });
  const horizon = await followPosition(context, position);
  const options: SchedulerOptions = {
    ...{ database, queue, horizon, recents, log, indexed: () => index.lowestPosition() },
    countIntervalMs: settings.COUNT_INTERVAL,
    requestTtlMs: settings.REQUEST_ID_TTL,
    retentionMs: settings.RETENTION,
    factTtlMs: longestTtl(factTtls(settings)),
    otherDuties: { forgetLives: () => forgetLives(redis, lives, settings.INSTALLATION) },
  };
  leadRole(context, database, "scheduler", (signal) => schedule(options, signal));
  return { dependencies: { mysql, redis: optional(redisDependency), nats: optional(nats), elasticsearch } };
}

async function schedule(options: SchedulerOptions, signal: AbortSignal): Promise<void> {
  const scheduler = new Scheduler(options);
  options.log.info("this process is the scheduler");
  scheduler.start();
  await aborted(signal);
  await scheduler.stop();
}
