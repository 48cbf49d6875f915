import { setTimeout as delay } from "node:timers/promises";
import { createConnection } from "mysql2/promise";
import { SERVER_KINDS } from "../../servers/server-profiles.ts";
import { POISON } from "../load/creates.ts";
import { type ProxiedStack, startProxiedStack } from "../stack/proxied-stack.ts";
import { type Stack, startStack } from "../stack/stack.ts";
import type { FaultCase, Trial } from "../trial/fault-case.ts";

/** Longer than the lease that says which writer is at work. */
const STOPPED_MS = 10_000;
const CUTTING_MS = 5_000;
/** Of how many commits one loses its answer. */
const CUT_EVERY = 3;
const CUT_PATIENCE_MS = 30_000;
const POISONED = 20;

/** The error that MySQL gives for data that do not fit; so the trigger looks like a limit of the table. */
const TRIGGER = `CREATE TRIGGER refuse_poison BEFORE INSERT ON messages FOR EACH ROW
  BEGIN IF NEW.body LIKE '%${POISON}%' THEN
    SIGNAL SQLSTATE '22001' SET MYSQL_ERRNO = 1406, MESSAGE_TEXT = 'Data too long: poison'; END IF; END`;

async function refusePoison({ mysqlUrl }: Stack): Promise<void> {
  const connection = await createConnection({ uri: mysqlUrl });
  await connection.query(TRIGGER);
  connection.destroy();
}

/** Creates, amid all others, messages that the database refuses: alone and in batches. */
async function sendPoison({ creates, connections, targets, random }: Trial): Promise<void> {
  const poison = Array.from({ length: POISONED }, () =>
    creates.want(random.pick(targets.chats), 1 + random.below(3), crypto.randomUUID(), ` ${POISON}`),
  );
  await Promise.all(poison.map((wanted) => creates.attempt(random.pick(connections), wanted)));
}

/** Resolves once the database refused something; rejects where it refuses nothing. */
async function untilRefused({ readDeadLetters }: Stack): Promise<void> {
  for (const limit = Date.now() + 30_000; (await readDeadLetters()).length === 0; await delay(100)) {
    if (Date.now() > limit) throw new Error("what the database refuses did not become dead letters");
  }
}

const writers: readonly FaultCase<Stack>[] = [
  {
    name: "two-writers",
    about: "Two writers, of which now one stands still and now the other, each longer than it may hold its lease.",
    needs: SERVER_KINDS,
    start: (options) => startStack({ ...options, counts: { writer: 2 } }),
    async fault({ installation, pace, random }) {
      for (const name of ["writer-1", "writer-2", "writer-1"]) {
        const writer = installation.processes[name]!;
        writer.pause();
        await delay(pace.scale(STOPPED_MS) + random.below(500));
        writer.resume();
        await delay(random.below(500));
      }
    },
  },
  {
    name: "poison",
    about: "MySQL refuses some messages inside of groups; the rest of each group goes on. Then Redis loses everything.",
    needs: SERVER_KINDS,
    start: startStack,
    async fault(trial) {
      await refusePoison(trial.installation);
      await sendPoison(trial);
      await untilRefused(trial.installation);
      await trial.installation.servers.redis.kill();
      await trial.installation.servers.redis.start();
    },
  },
];

const commitCut: FaultCase<ProxiedStack> = {
  name: "mysql-commit-cut",
  about: "The writer's connections to MySQL are cut between a COMMIT and its answer, again and again.",
  needs: SERVER_KINDS,
  start: (options) => startProxiedStack(options, "mysql", ["writer"]),
  async fault({ installation, pace, random }) {
    const proxy = installation.proxies.writer!;
    let cuts = 0;
    proxy.ambush({
      isAwaited: (bytes) => bytes.includes("COMMIT"),
      meet: () => {
        if (random.below(CUT_EVERY) > 0) return "pass";
        cuts++;
        return "cut";
      },
    });
    await delay(pace.scale(CUTTING_MS) + random.below(500));
    for (const limit = Date.now() + CUT_PATIENCE_MS; cuts === 0; await delay(50)) {
      if (Date.now() > limit) throw new Error("no COMMIT of the writer was cut off from its answer");
    }
    proxy.ambush(undefined);
  },
};

export const WRITING_CASES = [...writers, commitCut];
