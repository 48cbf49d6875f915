import {
  JetStreamApiError,
  type JetStreamManager,
  jetstreamManager,
  type StoredMsg,
  type StreamInfo,
} from "@nats-io/jetstream";
import { errors } from "@nats-io/transport-node";
import { type NatsLink, NatsLostError } from "../nats/nats-link.ts";
import { JETSTREAM_CODES } from "./jetstream-codes.ts";
import { QueueUnavailableError } from "./write-queue.ts";

/** How long JetStream may take to answer what is no publish. */
const API_TIMEOUT_MS = 5_000;

/** JetStream does not answer in time: it is away, starting, or has no leader. */
class SilentApiError extends Error {
  constructor() {
    super(`JetStream does not answer within ${API_TIMEOUT_MS} ms`);
    this.name = "SilentApiError";
  }
}

/** Where a search for a record begins. */
export type SearchStart = { seq: number } | { start_time: string };

type FoundMessage = { error?: { err_code: number; description: string }; message?: { seq: number } };

/**
 * The API of JetStream, asked over the connection of now. All that is asked here is answered by a stream's leader. Rejects
 * with QueueUnavailableError, whose cause says why.
 */
export class NatsStreamApi {
  readonly link: NatsLink;
  readonly #manager: JetStreamManager;

  private constructor(link: NatsLink, manager: JetStreamManager) {
    this.link = link;
    this.#manager = manager;
  }

  static async create(link: NatsLink): Promise<NatsStreamApi> {
    return new NatsStreamApi(link, await jetstreamManager(link.client, { checkAPI: false, timeout: API_TIMEOUT_MS }));
  }

  async ask<T>(request: (manager: JetStreamManager) => Promise<T>): Promise<T> {
    try {
      return await this.link.ask(() => request(this.#manager));
    } catch (error) {
      const silent = error instanceof errors.TimeoutError;
      throw new QueueUnavailableError(silent ? new SilentApiError() : error);
    }
  }

  /** What there is of a stream; undefined where there is no such stream. */
  async info(stream: string): Promise<StreamInfo | undefined> {
    try {
      return await this.ask(({ streams }) => streams.info(stream));
    } catch (error) {
      if (isStreamMissing(error)) return undefined;
      throw error;
    }
  }

  /** The last record of a subject, if there is one. */
  async last(stream: string, subject: string): Promise<StoredMsg | undefined> {
    return (await this.ask(({ streams }) => streams.getMessage(stream, { last_by_subj: subject }))) ?? undefined;
  }

  /** The sequence of the first record of a subject at or after a start; undefined where there is none. */
  async firstSequence(stream: string, subject: string, start: SearchStart): Promise<number | undefined> {
    const query = JSON.stringify({ next_by_subj: subject, ...start });
    const { error, message } = await this.ask(async () => {
      const options = { timeout: API_TIMEOUT_MS };
      const answer = await this.link.client.request(`$JS.API.STREAM.MSG.GET.${stream}`, query, options);
      return answer.json<FoundMessage>();
    });
    if (message) return message.seq;
    if (error?.err_code === JETSTREAM_CODES.NoMessageFound) return undefined;
    throw new QueueUnavailableError(new Error(error?.description ?? "NATS did not say which record is the first"));
  }
}

/** Whether what failed may work soon: a cluster is starting, or a stream is just being made. */
export function isPassing(error: unknown): boolean {
  if (!(error instanceof QueueUnavailableError)) return false;
  const { cause } = error;
  return (
    cause instanceof SilentApiError ||
    cause instanceof NatsLostError ||
    apiCode(error) === JETSTREAM_CODES.ClusterNotAvailable
  );
}

/** Whether what failed did so because there is no such stream. */
export function isStreamMissing(error: unknown): boolean {
  return apiCode(error) === JETSTREAM_CODES.StreamNotFound;
}

/** The code with which JetStream refused what was asked; undefined where something else went wrong. */
export function apiCode(error: unknown): number | undefined {
  const cause = error instanceof QueueUnavailableError ? error.cause : error;
  return cause instanceof JetStreamApiError ? cause.code : undefined;
}
