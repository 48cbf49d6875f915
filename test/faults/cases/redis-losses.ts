import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { exchangeLine } from "../../servers/line-exchange.ts";
import type { RedisOptions } from "../../servers/redis-server.ts";
import { SERVER_KINDS } from "../../servers/server-profiles.ts";
import { childOf } from "../history/resource.ts";
import { remove } from "../load/calls.ts";
import { type ProxiedStack, startProxiedStack } from "../stack/proxied-stack.ts";
import { type Stack, startStack } from "../stack/stack.ts";
import type { StackOptions } from "../stack/stack-options.ts";
import type { FaultCase, Trial } from "../trial/fault-case.ts";

/** How much a Redis forgets that comes back as it was. */
const FORGOTTEN_MS = 1_500;

/** Starts a stack on a Redis that keeps its data in a certain way, which the next case does not get. */
async function startOnRedis(options: StackOptions, redis: RedisOptions): Promise<Stack> {
  await options.servers.replace("redis", redis);
  const stack = await startStack(options);
  return {
    ...stack,
    async close(failed) {
      await stack.close(failed);
      await options.servers.drop("redis");
    },
  };
}

function command({ servers }: Stack, line: string): Promise<string> {
  return exchangeLine(servers.redis.port, line);
}

async function restartRedis({ servers }: Stack): Promise<void> {
  await servers.redis.kill();
  await servers.redis.start();
}

/** A chat with a message in which nothing goes on. */
async function makeQuietChat({ targets, creates, connections }: Trial): Promise<string> {
  const [application] = targets.keys.keys();
  const { numbers } = await creates.attempt(connections[0]!, creates.want(application!, 1, crypto.randomUUID()));
  const chat = childOf(application!, numbers[0]!);
  targets.dropChat(chat);
  await writeTo(chat, { creates, connections });
  return chat;
}

async function writeTo(chat: string, { creates, connections }: Pick<Trial, "creates" | "connections">): Promise<void> {
  await creates.attempt(connections[0]!, creates.want(chat, 1, crypto.randomUUID()));
}

/** Deletes the newest message of each chat. */
async function deleteNewest({ targets, recorder, connections, creates }: Trial): Promise<void> {
  await Promise.all(
    targets.chats.map(async (chat, index) => {
      const connection = connections[index % connections.length]!;
      const { numbers } = await creates.attempt(connection, creates.want(chat, 1, ""));
      if (numbers[0] === undefined) return;
      await remove(recorder, connection.services(targets.keyFor(chat)), childOf(chat, numbers[0]));
    }),
  );
}

/** How long a group is on its way to the queue at most, and how long numbers are given before Redis forgets them. */
const LATE_MS = 5_000;
const NUMBERED_MS = 200;

const flushall: FaultCase<ProxiedStack> = {
  name: "redis-flushall",
  about: "Redis loses all keys, while groups of one api are on their way to the queue for long, and one chat is quiet.",
  needs: SERVER_KINDS,
  start: (options) => startProxiedStack(options, "nats", ["api-2"]),
  async fault(trial) {
    const { installation, pace, random } = trial;
    const quiet = await makeQuietChat(trial);
    const way = installation.proxies["api-2"]!;
    way.holdRequests();
    await delay(NUMBERED_MS);
    await command(installation, "FLUSHALL");
    await delay(pace.scale(LATE_MS / 2) + random.below(pace.scale(LATE_MS / 2)));
    way.passRequests();
    await writeTo(quiet, trial);
  },
};

const losses: readonly FaultCase<Stack>[] = [
  {
    name: "redis-script-flush",
    about: "Redis forgets its scripts, and keeps its keys.",
    needs: SERVER_KINDS,
    start: startStack,
    fault: async ({ installation }) => void (await command(installation, "SCRIPT FLUSH")),
  },
  {
    name: "redis-rollback",
    about: "Redis comes back with an old snapshot.",
    needs: SERVER_KINDS,
    start: (options) => startOnRedis(options, { persistence: "rdb", settings: ['save ""'] }),
    async fault({ installation, random }) {
      const { redis } = installation.servers;
      const [dump, old] = [join(redis.folder, "data", "dump.rdb"), join(redis.folder, "old.rdb")];
      await command(installation, "SAVE");
      await copyFile(dump, old);
      await delay(FORGOTTEN_MS + random.below(500));
      await redis.kill();
      await copyFile(old, dump);
      await redis.start();
    },
  },
  {
    name: "redis-restart-aof",
    about: "Redis is killed and comes back with what its append-only file has.",
    needs: SERVER_KINDS,
    start: (options) => startOnRedis(options, { persistence: "aof" }),
    fault: ({ installation }) => restartRedis(installation),
  },
  {
    name: "redis-restart-empty",
    about: "Redis is killed and comes back empty.",
    needs: SERVER_KINDS,
    start: startStack,
    fault: ({ installation }) => restartRedis(installation),
  },
  {
    name: "newest-deleted-then-redis-lost",
    about: "The newest message of each chat is deleted, then Redis loses everything.",
    needs: SERVER_KINDS,
    start: startStack,
    async fault(trial) {
      await trial.load.stop();
      await deleteNewest(trial);
      await restartRedis(trial.installation);
      trial.load.start();
    },
  },
  {
    name: "new-life-race",
    about: "All processes of the api meet a Redis that lost everything at the same time, several times.",
    needs: SERVER_KINDS,
    start: startStack,
    async fault({ installation, random }) {
      const apis = ["api-1", "api-2"].map((name) => installation.processes[name]!);
      for (let life = 0; life < 3; life++) {
        for (const api of apis) api.pause();
        await command(installation, "FLUSHALL");
        await command(installation, "SCRIPT FLUSH");
        for (const api of apis) api.resume();
        await delay(200 + random.below(1_000));
      }
    },
  },
];

export const REDIS_LOSS_CASES = [flushall, ...losses];
