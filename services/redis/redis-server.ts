import type { Redis } from "ioredis";

/** Redis 7: before it, a script reached the replicas, and a promoted one could not be told from its primary. */
const MAJOR_MIN = 7;

/** The server must not be used as it is set up; the message says what to change. */
export class RedisServerError extends Error {}

/** Checks the version, and that the server evicts nothing: a number that it forgot would be lost. */
export async function checkRedisServer(redis: Redis): Promise<void> {
  const info = await redis.info();
  const version = fieldOf(info, "redis_version") ?? "0";
  if (Number.parseInt(version, 10) < MAJOR_MIN) {
    throw new RedisServerError(`Redis is of version ${version}; Parley needs ${MAJOR_MIN} or newer`);
  }
  const policy = fieldOf(info, "maxmemory_policy");
  if (policy !== undefined && policy !== "noeviction") {
    throw new RedisServerError(
      `Redis has maxmemory-policy ${policy}, so that it may forget numbers; set it to noeviction: ` +
        "CONFIG SET maxmemory-policy noeviction, and in redis.conf",
    );
  }
}

function fieldOf(info: string, name: string): string | undefined {
  return new RegExp(`^${name}:(.*?)\\r?$`, "m").exec(info)?.[1];
}
