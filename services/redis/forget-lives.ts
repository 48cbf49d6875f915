import type { Redis } from "ioredis";
import { livesPrefix } from "./redis-life.ts";
import type { RedisLives } from "./redis-lives.ts";

/** Keys that one step looks at. */
const SCAN_COUNT = 1_000;

/** Removes the keys of an installation's earlier lives. */
export async function forgetLives(redis: Redis, lives: RedisLives, installation: string): Promise<void> {
  const life = await lives.confirmed();
  if (!life) return;
  for (let cursor = "0"; ; ) {
    const [next, keys] = await redis.scan(cursor, "MATCH", `${livesPrefix(installation)}*`, "COUNT", SCAN_COUNT);
    const old = keys.filter((key) => !key.startsWith(life.prefix) && epochOf(key, installation) < life.epoch);
    if (old.length > 0) await redis.unlink(...old);
    if (next === "0") return;
    cursor = next;
  }
}

/** A life that began since is not an old one. */
function epochOf(key: string, installation: string): number {
  return Number(key.slice(livesPrefix(installation).length).split(":")[0]);
}
