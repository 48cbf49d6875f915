import { setTimeout as delay } from "node:timers/promises";
import { exchangeLine } from "../../servers/line-exchange.ts";
import { SERVER_KINDS } from "../../servers/server-profiles.ts";
import { childOf } from "../history/resource.ts";
import { edit, type Wanted } from "../load/calls.ts";
import { COMMON_WORD } from "../load/creates.ts";
import { type ProxiedStack, startProxiedStack } from "../stack/proxied-stack.ts";
import { type Stack, startStack } from "../stack/stack.ts";
import type { FaultCase, Trial } from "../trial/fault-case.ts";

const SEVERAL = 20;
const SHORT_TTL_MS = 2_000;
const KILLS = 3;

/** Some creates with a request_id that were answered. */
async function createSeveral({ creates, connections, targets, random }: Trial): Promise<Wanted[]> {
  const wanted = Array.from({ length: SEVERAL }, () =>
    creates.want(random.pick(targets.chats), 1, crypto.randomUUID()),
  );
  const made = await Promise.all(wanted.map((each) => creates.attempt(random.pick(connections), each)));
  return wanted.filter((_, index) => made[index]!.outcome === "ok");
}

async function editAll(made: readonly Wanted[], { recorder, connections, targets }: Trial): Promise<void> {
  const told = new Map(
    recorder.operations.flatMap((each) =>
      each.kind === "create" && each.outcome === "ok" ? [[each.create, each]] : [],
    ),
  );
  await Promise.all(
    made.map(({ create, parent }, index) => {
      const services = connections[index % connections.length]!.services(targets.keyFor(parent));
      const name = childOf(parent, told.get(create)!.numbers[0]!);
      return edit(recorder, services, name, `${COMMON_WORD} edit of ${create}`);
    }),
  );
}

/** Sends creates that must be answered. */
async function sendAll(wanted: readonly Wanted[], { creates, connections, random }: Trial): Promise<void> {
  const sent = await Promise.all(wanted.map((each) => creates.attempt(random.pick(connections), each)));
  const refused = sent.filter(({ outcome }) => outcome === "failed");
  if (refused.length > 0) throw new Error(`${refused.length} creates were refused with ${refused[0]!.code}`);
}

function flush({ servers }: Stack): Promise<string> {
  return exchangeLine(servers.redis.port, "FLUSHALL");
}

const requests: readonly FaultCase<Stack>[] = [
  {
    name: "retries",
    about: "Every create is sent three times with its request_id, while Redis, an api and NATS are killed.",
    needs: SERVER_KINDS,
    start: startStack,
    load: { attempts: 3 },
    async fault({ installation, random }) {
      const { processes, servers } = installation;
      await servers.redis.kill();
      await servers.redis.start();
      await delay(random.below(1_000));
      await processes["api-1"]!.kill();
      await processes["api-1"]!.start();
      await delay(random.below(1_000));
      await servers.nats.kill();
      await servers.nats.start();
    },
  },
  {
    name: "retry-after-edit",
    about: "Messages are edited, Redis loses everything, and their creates are sent again.",
    needs: SERVER_KINDS,
    start: startStack,
    async fault(trial) {
      const made = await createSeveral(trial);
      await editAll(made, trial);
      await flush(trial.installation);
      await sendAll(made, trial);
    },
  },
  {
    name: "request-id-reuse",
    about: "Request_ids are used again after their time, also after Redis lost everything.",
    needs: SERVER_KINDS,
    start: (options) => startStack({ ...options, environment: { REQUEST_ID_TTL: `${SHORT_TTL_MS}ms` } }),
    // A retry of the load could come after the time too.
    load: { requestIdsOfTen: 0 },
    requestTtlMs: SHORT_TTL_MS,
    async fault(trial) {
      const { creates, random, installation } = trial;
      const made = await createSeveral(trial);
      await delay(SHORT_TTL_MS + 200);
      if (random.below(2) === 0) await flush(installation);
      await sendAll(
        made.map(({ parent, requestId }) => creates.want(parent, 1, requestId)),
        trial,
      );
    },
  },
];

const killedAfterQueue: FaultCase<ProxiedStack> = {
  name: "api-killed-after-queue",
  about: "A process of the api is killed when the queue has answered, and it has not.",
  needs: SERVER_KINDS,
  start: (options) => startProxiedStack(options, "nats", ["api-1"]),
  async fault({ installation, random }) {
    const [api, proxy] = [installation.processes["api-1"]!, installation.proxies["api-1"]!];
    for (let kill = 0; kill < KILLS; kill++) {
      const met = Promise.withResolvers<void>();
      proxy.ambush({
        isAwaited: (bytes) => bytes.includes(`HPUB ${installation.name}.writes`),
        meet: () => {
          met.resolve();
          void api.kill();
          return random.below(2) === 0 ? "cut" : "pass";
        },
      });
      await met.promise;
      proxy.ambush(undefined);
      await api.kill();
      await api.start();
    }
  },
};

export const REQUEST_CASES = [...requests, killedAfterQueue];
