import type { Redis } from "ioredis";
import { type Logger, pino } from "pino";
import { expect } from "vitest";
import { CachedFacts } from "../../../services/facts/cached-facts.ts";
import { RedisSharedFacts } from "../../../services/facts/redis-shared-facts.ts";
import { connectRedis } from "../../../services/redis/redis-connection.ts";
import { redisSettings } from "../redis/redis-process.ts";
import { CONTRACT_MAX, CONTRACT_TTL_MS } from "./cached-facts-contract.ts";
import type { FakeFactSource } from "./fake-fact-source.ts";

const SILENT = pino({ level: "silent" });

type SceneOptions = { max?: number; log?: Logger };

type Process = { facts: CachedFacts; shared: RedisSharedFacts; redis: Redis };

/** Two processes whose facts are shared in the Redis at an address, by installations of a name. */
export class RedisFactsScene {
  readonly processes: CachedFacts[];
  readonly #all: readonly Process[];

  private constructor(all: readonly Process[]) {
    this.#all = all;
    this.processes = all.map(({ facts }) => facts);
  }

  /** Resolves when both hear of changes. */
  static async open(
    url: string,
    installation: string,
    source: FakeFactSource,
    { max = CONTRACT_MAX, log = SILENT }: SceneOptions = {},
  ): Promise<RedisFactsScene> {
    const all = await Promise.all([1, 2].map(() => startProcess(url, installation, source, { max, log })));
    const scene = new RedisFactsScene(all);
    try {
      await expect.poll(() => scene.hears, { timeout: 5_000, interval: 10 }).toBe(true);
      return scene;
    } catch (error) {
      await scene.close();
      throw error;
    }
  }

  /** Whether both hear of changes. */
  get hears(): boolean {
    return this.#all.every(({ shared }) => shared.isCurrent(performance.now()));
  }

  /** What is shared, as the first process reaches it. */
  get shared(): RedisSharedFacts {
    return this.#all[0]!.shared;
  }

  /** The same, as the other process reaches it. */
  get others(): RedisSharedFacts {
    return this.#all[1]!.shared;
  }

  /** The first process's connection. */
  get redis(): Redis {
    return this.#all[0]!.redis;
  }

  async close(): Promise<void> {
    for (const { shared, redis } of this.#all) {
      await shared.stop();
      redis.disconnect();
    }
  }
}

async function startProcess(
  url: string,
  installation: string,
  source: FakeFactSource,
  { max, log }: Required<SceneOptions>,
): Promise<Process> {
  const redis = await connectRedis({ ...redisSettings(url), INSTALLATION: installation }, log);
  const shared = new RedisSharedFacts({ redis, installation, ttlMs: CONTRACT_TTL_MS, max, log });
  return { redis, shared, facts: new CachedFacts({ source, shared, ttlMs: CONTRACT_TTL_MS, max: CONTRACT_MAX }) };
}
