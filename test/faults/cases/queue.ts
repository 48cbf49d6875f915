import { setTimeout as delay } from "node:timers/promises";
import { jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { natsNames } from "../../../services/write-queue/nats-names.ts";
import { SERVER_KINDS } from "../../servers/server-profiles.ts";
import { type ProxiedStack, startProxiedStack } from "../stack/proxied-stack.ts";
import { type Stack, startStack } from "../stack/stack.ts";
import type { FaultCase, Trial } from "../trial/fault-case.ts";

const APIS = ["api-1", "api-2"];
const LOST_MS = 10_000;

const BYTES_MAX = 1_048_576;
const FILLING_MS = 30_000;
const FULL_MS = 2_000;
/** A body that fills a queue of BYTES_MAX soon. */
const LARGE_BODY = ` ${"x".repeat(8_000)}`;

/** Resolves once a create was refused because the queue is full. */
async function untilFull({ recorder }: Trial): Promise<void> {
  for (const limit = Date.now() + FILLING_MS; ; await delay(20)) {
    if (recorder.operations.some(({ code }) => code === "ResourceExhausted")) return;
    if (Date.now() > limit) throw new Error(`the queue was not full within ${FILLING_MS} ms`);
  }
}

/** Deletes the stream once everything in it is in the database. */
async function deleteStream({ name, servers, subscribers }: Stack): Promise<void> {
  await subscribers();
  const connection = await connect({ servers: servers.nats.url });
  const { streams } = await jetstreamManager(connection);
  await streams.delete(natsNames(name).stream);
  await connection.close();
}

const nats: readonly FaultCase<Stack>[] = [
  {
    name: "nats-full",
    about: "The queue in NATS holds as many bytes as it may, since the writer stands still; then it goes on.",
    needs: SERVER_KINDS,
    start: (options) => startStack({ ...options, environment: { QUEUE_BYTES_MAX: String(BYTES_MAX) } }),
    load: { padding: LARGE_BODY },
    async fault(trial) {
      const writer = trial.installation.processes.writer!;
      writer.pause();
      await untilFull(trial);
      await delay(trial.pace.scale(FULL_MS));
      writer.resume();
    },
  },
  {
    name: "stream-anew",
    about: "The queue's stream is deleted while nothing is under way, and made anew.",
    needs: SERVER_KINDS,
    start: startStack,
    async fault({ installation, load, creates, settled }) {
      await load.stop();
      await creates.settle();
      await settled();
      await deleteStream(installation);
      load.start();
    },
  },
];

const acksLost: FaultCase<ProxiedStack> = {
  name: "acks-lost",
  about: "What NATS answers to the processes of the api is lost on the way for a while.",
  needs: SERVER_KINDS,
  start: (options) => startProxiedStack(options, "nats", APIS),
  async fault({ installation, pace, random }) {
    const proxies = Object.values(installation.proxies);
    for (const proxy of proxies) proxy.dropAnswers();
    await delay(pace.scale(LOST_MS) + random.below(500));
    for (const proxy of proxies) proxy.passAnswers();
  },
};

export const QUEUE_CASES = [...nats, acksLost];
