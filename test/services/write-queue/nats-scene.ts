import { randomUUID } from "node:crypto";
import { pino } from "pino";
import { afterAll, beforeAll, onTestFinished } from "vitest";
import { connectNats } from "../../../services/nats/nats-connection.ts";
import type { NatsLink } from "../../../services/nats/nats-link.ts";
import { openNatsWriteQueue } from "../../../services/write-queue/nats-queue-opening.ts";
import type { NatsWriteQueue, NatsWriteQueueOptions } from "../../../services/write-queue/nats-write-queue.ts";
import { QueueFullError } from "../../../services/write-queue/write-queue.ts";
import { type OptionsByKind, type RealServerOf, startServer } from "../../servers/real-server.ts";
import { describeWithOwn } from "../../servers/shared-server.ts";

/** The server of a suite, there once its hooks have run. */
export type NatsScene = { server: RealServerOf<"nats"> };

/** More than the streams of all tests of a suite may take together. */
const PLENTY = 2 ** 40;
const HOOK_TIMEOUT_MS = 60_000;

/** A suite on a NATS of its own. */
export function describeOnNats(
  name: string,
  body: (scene: Readonly<NatsScene>) => void,
  options: OptionsByKind["nats"] = {},
): void {
  describeWithOwn(["nats"], name, () => {
    const scene = {} as NatsScene;
    beforeAll(async () => {
      scene.server = await startServer("nats", { maxFileStore: PLENTY, ...options });
    }, HOOK_TIMEOUT_MS);
    afterAll(() => scene.server.stop(), HOOK_TIMEOUT_MS);
    body(scene);
  });
}

/** The log of a process of which nobody reads it. */
export const SILENT = pino({ level: "silent" });

/** Connects a process of its own, until the test is over. */
export async function connectFor(url: string): Promise<NatsLink> {
  const link = await connectNats({ servers: [url], name: "test", log: SILENT });
  onTestFinished(() => link.close());
  return link;
}

/** Fills a queue with what nobody persists, until there is no room for even the smallest record. */
export async function fillQueue(queue: NatsWriteQueue): Promise<void> {
  for (const bytes of [100_000, 1_000, 1]) {
    const record = new Uint8Array(bytes);
    const isRoom = () =>
      queue.append(record).then(
        () => true,
        (error) => {
          if (error instanceof QueueFullError) return false;
          throw error;
        },
      );
    while (await isRoom());
  }
}

/** A name that no other test uses. */
export function newInstallation(): string {
  return `t-${randomUUID().slice(0, 8)}`;
}

/** Opens the queue of an installation, until the test is over, over a connection of its own unless one is given. */
export async function openQueueAt(
  url: string,
  { link, ...options }: Partial<NatsWriteQueueOptions> & { installation: string },
): Promise<NatsWriteQueue> {
  const queue = await openNatsWriteQueue({
    link: link ?? (await connectFor(url)),
    persisted: async () => 0,
    maxBytes: 64 * 1_048_576,
    replicas: 1,
    publishTimeoutMs: 5_000,
    log: SILENT,
    ...options,
  });
  onTestFinished(() => queue.close());
  return queue;
}
