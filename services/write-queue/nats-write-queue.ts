import { randomUUID } from "node:crypto";
import type { Logger } from "pino";
import type { NatsLink } from "../nats/nats-link.ts";
import { SharedCall } from "../process/shared-call.ts";
import type { CommitMark } from "./commit-mark.ts";
import { NatsBacklog } from "./nats-backlog.ts";
import { NatsDeadLetters } from "./nats-dead-letters.ts";
import { NatsEpochLog } from "./nats-epoch-log.ts";
import { type NatsNames, natsNames } from "./nats-names.ts";
import { NatsPublisher } from "./nats-publisher.ts";
import { NatsQueueStream } from "./nats-queue-stream.ts";
import { NatsReaders } from "./nats-readers.ts";
import { NatsRetention } from "./nats-retention.ts";
import type { NatsStreamApi } from "./nats-stream-api.ts";
import { streamConfig } from "./nats-stream-config.ts";
import {
  type AppendOptions,
  type DeadLetter,
  type Epoch,
  type EpochLog,
  EpochOverError,
  type QueueBacklog,
  QueueFullError,
  type QueueRecord,
  QueueUnavailableError,
  type ReadLimit,
  type WriteQueue,
} from "./write-queue.ts";

/** How the queue on NATS is set up. */
export type NatsWriteQueueOptions = {
  /** It stays open when the queue is closed. */
  link: NatsLink;
  /** INSTALLATION: the names of the streams and subjects begin with it. */
  installation: string;
  /** The sequence up to which the database has taken records. Asked for at the start, by trim and backlog, and when a stream is made. */
  persisted: () => Promise<number>;
  /** QUEUE_BYTES_MAX: what the stream holds at most. */
  maxBytes: number;
  /** NATS_REPLICAS. */
  replicas: number;
  /** PUBLISH_TIMEOUT, in milliseconds: how long a record is sent again whose outcome is not known. */
  publishTimeoutMs: number;
  log: Logger;
};

/** What the server adds to a record, and a dead letter to a write, at most. */
const HEADERS_BYTES = 16 * 1_024;

/** The queue on NATS, and the epochs in it: its parts as one; open once `open` has resolved. */
export class NatsWriteQueue implements WriteQueue, EpochLog {
  /** The largest record that the server takes, in bytes. */
  readonly maxRecordBytes: number;
  readonly #names: NatsNames;
  readonly #maxBytes: number;
  readonly #persisted: () => Promise<number>;
  readonly #stream: NatsQueueStream;
  readonly #publisher: NatsPublisher;
  readonly #epochs: NatsEpochLog;
  readonly #readers: NatsReaders;
  readonly #retention: NatsRetention;
  readonly #backlog: NatsBacklog;
  readonly #deadLetters: NatsDeadLetters;
  readonly #end: SharedCall<number>;
  #closed = false;

  constructor(options: NatsWriteQueueOptions, api: NatsStreamApi) {
    const { link, installation, maxBytes, replicas, publishTimeoutMs: timeoutMs, persisted, log } = options;
    const names = natsNames(installation);
    const subjects = [names.writes, names.epochs];
    const config = streamConfig({ name: names.stream, subjects, maxBytes, replicas });
    const stream = new NatsQueueStream({ api, names, config, persisted, log });
    const publishing = { link, timeoutMs, clustered: replicas > 1 };
    this.maxRecordBytes = (link.client.info?.max_payload ?? 0) - HEADERS_BYTES;
    this.#names = names;
    this.#maxBytes = maxBytes;
    this.#persisted = persisted;
    this.#stream = stream;
    this.#publisher = new NatsPublisher({ ...publishing, unheard: async () => void (await stream.info()) });
    this.#epochs = new NatsEpochLog(api, names, this.#publisher);
    this.#readers = new NatsReaders({ api, stream, name: names.stream });
    this.#retention = new NatsRetention({ api, stream, names, maxBytes, persisted, log });
    this.#backlog = new NatsBacklog({ look: () => stream.look(), persisted });
    this.#deadLetters = new NatsDeadLetters({ ...publishing, api, names, replicas });
    this.#end = new SharedCall(() => stream.end());
  }

  /** Makes or checks the streams. */
  async open(): Promise<void> {
    this.#backlog.see(await this.#stream.open());
    this.persisted(await this.#persisted());
    await this.#deadLetters.open();
  }

  async append(data: Uint8Array, { id = randomUUID(), epoch }: AppendOptions = {}): Promise<number> {
    this.#assertFits(data);
    const { writes: subject, epochs } = this.#names;
    const fence = epoch === undefined ? undefined : { subject: epochs, sequence: epoch };
    const passed = this.#retention.position;
    const answer = await this.#publisher.publish({ subject, data, id, fence });
    if (answer.kind === "not-expected") throw new EpochOverError(epoch ?? 0);
    if (answer.kind === "full") throw new QueueFullError(this.#maxBytes);
    if (!answer.duplicate) assertAhead(answer.sequence, passed);
    return answer.sequence;
  }

  read(after: number, limit: ReadLimit, signal: AbortSignal): Promise<QueueRecord[]> {
    return this.#readers.read(after, limit, signal);
  }

  /** Resolves where the queue can be used now; makes nothing. QueueUnavailableError. */
  async check(): Promise<void> {
    await this.#stream.look();
  }

  end(): Promise<number> {
    return this.#end.ask();
  }

  currentEpoch(): Promise<Epoch | undefined> {
    return this.#epochs.currentEpoch();
  }

  beginEpoch(after: number): Promise<Epoch | undefined> {
    return this.#epochs.beginEpoch(after);
  }

  persisted(sequence: number): void {
    this.#retention.persisted(sequence);
    this.#backlog.persisted(sequence);
  }

  trim(beforeMs: number): Promise<number> {
    return this.#retention.trim(beforeMs);
  }

  bury(letter: DeadLetter): Promise<void> {
    return this.#deadLetters.bury(letter);
  }

  deadLetters(after: CommitMark, limit: number): Promise<DeadLetter[]> {
    return this.#deadLetters.list(after, limit);
  }

  dropDeadLetter(mark: CommitMark): Promise<boolean> {
    return this.#deadLetters.drop(mark);
  }

  backlog(): Promise<QueueBacklog> {
    return this.#backlog.measure();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#readers.close();
    this.#retention.close();
  }

  #assertFits(data: Uint8Array): void {
    if (this.#closed) throw new QueueUnavailableError(new Error("the queue is closed"));
    if (data.byteLength <= this.maxRecordBytes) return;
    throw new RangeError(
      `a record of ${data.byteLength} bytes does not fit into a message of NATS, which takes ${this.maxRecordBytes}: ` +
        "raise max_payload of the server, or lower GROUP_BYTES_MAX",
    );
  }
}

/**
 * A stream that lost its end gives sequences again that the writer had passed before the record was sent: it would never
 * look at the record.
 */
function assertAhead(sequence: number, passed: number): void {
  if (sequence > passed) return;
  const problem = `NATS stored a record as ${sequence}, but the database has taken records up to ${passed}`;
  throw new QueueUnavailableError(new Error(`${problem}: the stream has lost its end; restore both from one backup`));
}
