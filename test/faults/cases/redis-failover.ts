import { setTimeout as delay } from "node:timers/promises";
import { exchangeLine } from "../../servers/line-exchange.ts";
import { type RealServer, startServer } from "../../servers/real-server.ts";
import { SERVER_KINDS } from "../../servers/server-profiles.ts";
import { type ProxiedStack, startProxiedStack } from "../stack/proxied-stack.ts";
import type { StackOptions } from "../stack/stack-options.ts";
import type { FaultCase } from "../trial/fault-case.ts";

/** What uses Redis: the processes of the api, and others. */
const APIS = ["api-1", "api-2"];
const OTHERS = ["writer", "scheduler"];
const PROCESSES = [...APIS, ...OTHERS];
/** How far the replica is behind when it is promoted. */
const LAG_MS = 1_000;
/** How long the old primary lives on for some. */
const SPLIT_MS = 5_000;
const SYNC_MS = 10_000;

type ReplicatedStack = ProxiedStack & { replica: RealServer };

async function startReplicated(options: StackOptions): Promise<ReplicatedStack> {
  const stack = await startProxiedStack(options, "redis", PROCESSES);
  const replica = await startServer("redis", { replicaOf: stack.servers.redis.port });
  return {
    ...stack,
    replica,
    async close(failed) {
      await stack.close(failed);
      await replica.stop();
    },
  };
}

/** Resolves once the replica has what the primary had. */
async function untilSynchronized({ servers, replica }: ReplicatedStack): Promise<void> {
  const keys = (port: number) => exchangeLine(port, "DBSIZE");
  for (const limit = Date.now() + SYNC_MS; ; await delay(50)) {
    const [primary, copy] = await Promise.all([keys(servers.redis.port), keys(replica.port)]);
    if (primary !== ":0" && primary === copy) return;
    if (Date.now() > limit) throw new Error(`a replica of Redis has ${copy} keys of ${primary}`);
  }
}

export const REDIS_FAILOVER: FaultCase<ReplicatedStack> = {
  name: "redis-failover",
  about: "A replica of Redis that is behind is promoted; some processes go on with the old primary for a while.",
  needs: SERVER_KINDS,
  start: startReplicated,
  async fault({ installation, pace, random }) {
    const { proxies, replica } = installation;
    await untilSynchronized(installation);
    await exchangeLine(replica.port, "REPLICAOF NO ONE");
    await delay(LAG_MS + random.below(500));
    // One api meets the new primary while the other goes on giving numbers on the old.
    const early = [random.pick(APIS), ...OTHERS.filter(() => random.below(2) === 0)];
    for (const name of early) proxies[name]!.retarget(replica.port);
    await delay(pace.scale(SPLIT_MS));
    for (const name of PROCESSES.filter((each) => !early.includes(each))) proxies[name]!.retarget(replica.port);
  },
};
