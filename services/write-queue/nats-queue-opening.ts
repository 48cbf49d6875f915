import { setTimeout } from "node:timers/promises";
import { findSyncFault } from "../nats/nats-sync.ts";
import { isPassing, NatsStreamApi } from "./nats-stream-api.ts";
import { NatsWriteQueue, type NatsWriteQueueOptions } from "./nats-write-queue.ts";
import { QueueUnavailableError } from "./write-queue.ts";

/** How the queue is set up, and what is looked at before. */
export type NatsWriteQueueOpening = NatsWriteQueueOptions & {
  /** NATS_MONITOR_URL. */
  monitorUrl?: string | undefined;
};

/** How often an opening is tried again, and how long after. */
const OPEN_RETRIES = 5;
const OPEN_WAIT_MS = 200;

/**
 * Opens the write queue of an installation on NATS JetStream: makes its streams where there are none, and checks them
 * where there are. Rejects, saying what to do, where a stream is not as it must be, or not that of the database. Warns
 * where NATS may lose what it has stored.
 */
export async function openNatsWriteQueue({ monitorUrl, ...options }: NatsWriteQueueOpening): Promise<NatsWriteQueue> {
  const { link, log } = options;
  const fault = await findSyncFault(monitorUrl);
  if (fault !== undefined) log.warn(fault);
  const queue = new NatsWriteQueue(options, await NatsStreamApi.create(link));
  try {
    await openPatiently(queue);
    return queue;
  } catch (error) {
    await queue.close();
    throw new Error(`the write queue in NATS cannot be used: ${describe(error)}`, { cause: error });
  }
}

/** Waits for a cluster that is starting. */
async function openPatiently(queue: NatsWriteQueue): Promise<void> {
  for (let retries = OPEN_RETRIES; ; retries--) {
    try {
      return await queue.open();
    } catch (error) {
      if (retries === 0 || !isPassing(error)) throw error;
      await setTimeout(OPEN_WAIT_MS);
    }
  }
}

function describe(error: unknown): string {
  const { name, message } = (error instanceof QueueUnavailableError ? error.cause : error) as Error;
  const advice = "; give the server a `jetstream` block, and the account access to it";
  return name === "JetStreamNotEnabled" ? message + advice : message;
}
