import { setTimeout as delay } from "node:timers/promises";
import { natsNames } from "../../../services/write-queue/nats-names.ts";
import { NatsCluster } from "../../servers/nats-cluster.ts";
import { SERVER_KINDS } from "../../servers/server-profiles.ts";
import { type Stack, startStack } from "../stack/stack.ts";
import type { StackOptions } from "../stack/stack-options.ts";
import type { FaultCase } from "../trial/fault-case.ts";

/** How long the leader stays away: longer than the others take to choose another. */
const DOWN_MS = 60_000;

type ClusteredStack = Stack & { cluster: NatsCluster };

async function startClustered(options: StackOptions): Promise<ClusteredStack> {
  const cluster = await NatsCluster.start();
  try {
    const addresses = cluster.servers.map(({ url }) => url).join(",");
    const stack = await startStack({
      ...options,
      nats: cluster.servers[0]!,
      environment: { NATS_URL: addresses, NATS_REPLICAS: String(cluster.servers.length) },
    });
    return {
      ...stack,
      cluster,
      async close(failed) {
        await stack.close(failed);
        await cluster.stop();
      },
    };
  } catch (error) {
    await cluster.stop();
    throw error;
  }
}

export const NATS_LEADER: FaultCase<ClusteredStack> = {
  name: "nats-leader",
  about: "Of three servers of NATS the one that leads the queue is killed; creates go on before it is started again.",
  needs: SERVER_KINDS,
  start: startClustered,
  async fault({ installation: { cluster, name }, pace, recorder }) {
    const leader = await cluster.leaderOf(natsNames(name).stream);
    await leader.kill();
    try {
      await recorder.nextAnswer(DOWN_MS);
      await delay(pace.scale(DOWN_MS / 4));
    } finally {
      await leader.start();
    }
  },
};
