import type { Redis } from "ioredis";
import { pino } from "pino";
import { RedisRecentMessages } from "../../../services/message/redis-recent-messages.ts";
import { CounterOpening } from "../../../services/numbering/counter-opening.ts";
import { CounterSeeding } from "../../../services/numbering/counter-seeding.ts";
import type { NumberingSource } from "../../../services/numbering/numbering-source.ts";
import { RedisClosings } from "../../../services/numbering/redis-closings.ts";
import { RedisNumbering } from "../../../services/numbering/redis-numbering.ts";
import { RequestLookUp } from "../../../services/numbering/request-look-up.ts";
import { connectRedis } from "../../../services/redis/redis-connection.ts";
import { RedisLives } from "../../../services/redis/redis-lives.ts";
import type { Horizon } from "../../../services/writer/horizon.ts";
import type { SimulatedQueue } from "../numbering/simulated-queue.ts";

/** How long processes give each other, in milliseconds. */
export const WAIT_MS = 150;
/** How long a request_id is remembered, in milliseconds. */
const REQUEST_TTL_MS = 86_400_000;
export const INSTALLATION = "test";

/** What a process has of Redis. */
export type RedisProcess = {
  redis: Redis;
  lives: RedisLives;
  numbering: RedisNumbering;
  recents: RedisRecentMessages;
};

type RedisSettings = Parameters<typeof connectRedis>[0];

/** What a process can be set to. */
export type RedisProcessOptions = {
  maxBytes?: number;
  waitMs?: number;
  requestTtlMs?: number;
  settings?: Partial<RedisSettings>;
};

/** What a process needs beside Redis. */
export type RedisProcessStores = { source: NumberingSource; queue: SimulatedQueue; horizon: Horizon };

/** The settings for the Redis at an address. */
export function redisSettings(url: string): RedisSettings {
  return {
    INSTALLATION,
    REDIS_URL: url,
    REDIS_SENTINELS: undefined,
    REDIS_SENTINEL_NAME: "mymaster",
    REDIS_TLS_CA_FILE: undefined,
  };
}

/** Starts what a process has of the Redis at an address. */
export async function startRedisProcess(
  url: string,
  { source, queue, horizon }: RedisProcessStores,
  { maxBytes = 100_000_000, waitMs = WAIT_MS, requestTtlMs = REQUEST_TTL_MS, settings = {} }: RedisProcessOptions = {},
): Promise<RedisProcess> {
  const log = pino({ level: "silent" });
  const redis = await connectRedis({ ...redisSettings(url), ...settings }, log);
  const lives = new RedisLives({ redis, epochs: queue, installation: INSTALLATION, waitMs, log });
  const numbering = new RedisNumbering({
    ...{ lives, requestTtlMs },
    closings: new RedisClosings(lives),
    seeding: new CounterSeeding({ lives, source, horizon, queue, waitMs }),
    opening: new CounterOpening({ lives, source, horizon, queue }),
    lookUp: new RequestLookUp({ lives, source, requestTtlMs }),
  });
  return { redis, lives, numbering, recents: new RedisRecentMessages({ lives, maxBytes, log }) };
}
