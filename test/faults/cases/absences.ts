import { setTimeout as delay } from "node:timers/promises";
import { SERVER_KINDS, type ServerKind } from "../../servers/server-profiles.ts";
import { type Stack, startStack } from "../stack/stack.ts";
import type { FaultCase, Trial } from "../trial/fault-case.ts";

/** After how long what was under way when the server went has come to its end. */
const TRANSITION_MS = 1_000;

/** Keeps a server away; rejects where no create is answered meanwhile. */
async function keepAway({ installation, pace, recorder }: Trial<Stack>, kind: ServerKind, ms: number): Promise<void> {
  const server = installation.servers[kind];
  await server.kill();
  try {
    await delay(TRANSITION_MS);
    await recorder.nextAnswer(pace.scale(ms));
    await delay(pace.scale(ms));
  } finally {
    await server.start();
  }
}

export const ABSENCE_CASES: readonly FaultCase<Stack>[] = [
  {
    name: "mysql-away",
    about: "MySQL is away for a minute; creates go on.",
    needs: SERVER_KINDS,
    start: startStack,
    fault: (trial) => keepAway(trial, "mysql", 60_000),
  },
  {
    name: "elasticsearch-away",
    about: "Elasticsearch is away all the time; everything but search goes on, and search catches up.",
    needs: SERVER_KINDS,
    start: startStack,
    fault: (trial) => keepAway(trial, "elasticsearch", 20_000),
  },
];
