import { setTimeout } from "node:timers/promises";
import type { Logger } from "pino";
import type { NatsLink } from "../nats/nats-link.ts";
import { findSyncFault } from "../nats/nats-sync.ts";
import { JetStreamWriteQueue } from "./jetstream-write-queue.ts";
import { isPassing, NatsStreamApi } from "./nats-stream-api.ts";
import { type EpochLog, QueueUnavailableError, type WriteQueue } from "./write-queue.ts";

/** How the queue on NATS is set up. */
export type NatsWriteQueueOptions = {
  /** It stays open when the queue is closed. */
  link: NatsLink;
  /** INSTALLATION: the names of the streams and subjects begin with it. */
  installation: string;
  /** The sequence up to which the database has taken records. Asked for at the start, by trim, and when a stream is made. */
  persisted: () => Promise<number>;
  /** QUEUE_BYTES_MAX: what the stream holds at most. */
  maxBytes: number;
  /** NATS_REPLICAS. */
  replicas: number;
  /** PUBLISH_TIMEOUT, in milliseconds: how long a record is sent again whose outcome is not known. */
  publishTimeoutMs: number;
  /** NATS_MONITOR_URL. */
  monitorUrl?: string | undefined;
  log: Logger;
};

/** The queue on NATS, and the epochs in it. */
export type NatsWriteQueue = WriteQueue &
  EpochLog & {
    /** The largest record that the server takes, in bytes. */
    readonly maxRecordBytes: number;
  };

/** How often an opening is tried again, and how long after. */
const OPEN_RETRIES = 5;
const OPEN_WAIT_MS = 200;

/**
 * Opens the write queue of an installation on NATS JetStream: makes its streams where there are none, and checks them
 * where there are. Rejects, saying what to do, where a stream is not as it must be, or not that of the database. Warns
 * where NATS may lose what it has stored.
 */
export async function openNatsWriteQueue(options: NatsWriteQueueOptions): Promise<NatsWriteQueue> {
  const { link, monitorUrl, log } = options;
  const fault = await findSyncFault(monitorUrl);
  if (fault !== undefined) log.warn(fault);
  const queue = new JetStreamWriteQueue(options, await NatsStreamApi.create(link));
  try {
    await openPatiently(queue);
    return queue;
  } catch (error) {
    await queue.close();
    throw new Error(`the write queue in NATS cannot be used: ${describe(error)}`, { cause: error });
  }
}

/** Waits for a cluster that is starting. */
async function openPatiently(queue: JetStreamWriteQueue): Promise<void> {
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
