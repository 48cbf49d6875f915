import { randomUUID } from "node:crypto";
import { headers as createHeaders, type MsgHdrs, RequestError } from "@nats-io/transport-node";
import type { NatsLink } from "../nats/nats-link.ts";
import { abortableDelay } from "../process/abortable-delay.ts";
import { Turns } from "../process/turns.ts";
import { type PublishAnswer, parseAnswer } from "./nats-publish-answer.ts";
import { QueueUnavailableError } from "./write-queue.ts";

/** What is published. */
export type Publication = {
  subject: string;
  data: Uint8Array;
  /** It is stored once under it. */
  id: string;
  /** What must be the last sequence of a subject for it to be stored; 0: there is no record of it. */
  fence?: { subject: string; sequence: number } | undefined;
  /** Further headers; their values are ASCII. */
  headers?: Readonly<Record<string, string>>;
};

/** Stored, now or before; or refused, once and for all. */
export type Published = Exclude<PublishAnswer, { kind: "unknown" | "busy" }>;

export type PublisherOptions = {
  link: NatsLink;
  /** How long a publication is sent again, in all. */
  timeoutMs: number;
  /** Whether the stream is in a cluster, where one fenced publish may be under way at a time. */
  clustered: boolean;
  /** Told where nobody listens on the subject: the stream may be gone. */
  unheard: () => Promise<void>;
};

/** Of the time for all attempts, that for one: a later one of the same id learns what became of an earlier. */
const ATTEMPTS = 4;
const WAIT_MS = { busy: 5, unknown: 100 };
const FULL_AFTER_SILENCE =
  "the stream is full, and an earlier attempt to store the record was not answered: it may be stored";

/**
 * Publishes to a stream, and does not let go before the outcome is known: the same bytes under the same id are sent again
 * until they are stored or refused.
 *
 * What nats-server 2.15.2 does with a repetition is why there may be a question of its own. A single server looks at the
 * expected sequence before the id (processJetStreamMsgWithBatch in stream.go): a record that was stored, and its answer
 * lost, is refused when it is sent again after the next epoch began. It looks at Nats-Expected-Last-Msg-Id after the id, so
 * a publish that expects a last id that cannot be is answered with the stored record, or stores nothing. After a restart
 * the ids of the last two minutes are read from the stream (rebuildDedupe in stream.go).
 *
 * A cluster looks for the id first (checkMsgHeadersPreClusteredProposal in jetstream_batching.go), and refuses by an epoch
 * only what would come after it, so its refusal says all. The question must not be put to it: it agrees on the record
 * before it looks at the last id, takes the mismatch for a failed write, and the stream takes nothing more.
 */
export class NatsPublisher {
  readonly #options: PublisherOptions;
  readonly #turns = new Turns({ atOnce: 1, maxWaiting: Number.POSITIVE_INFINITY });

  constructor(options: PublisherOptions) {
    this.#options = options;
  }

  /** Resolves with what became of it. Rejects with QueueUnavailableError where that is not known in time. */
  async publish(publication: Publication): Promise<Published> {
    const deadline = AbortSignal.timeout(this.#options.timeoutMs);
    const send = () => this.#settle(publication, deadline);
    if (!this.#options.clustered || !publication.fence) return send();
    return this.#turns.take("", send, deadline).catch((error) => {
      throw error === deadline.reason ? new QueueUnavailableError(error) : error;
    });
  }

  async #settle(publication: Publication, deadline: AbortSignal): Promise<Published> {
    const { answer, uncertain } = await this.#insist(messageOf(publication), deadline);
    if (!uncertain || answer.kind === "stored") return answer;
    if (answer.kind === "full") throw new QueueUnavailableError(new Error(FULL_AFTER_SILENCE));
    if (this.#options.clustered) return answer;
    const earlier = await this.#insist(questionOf(publication), deadline);
    return earlier.answer.kind === "stored" ? earlier.answer : answer;
  }

  /** Sends a message until it is answered; `uncertain` where an attempt before that was not. */
  async #insist(message: Message, deadline: AbortSignal): Promise<{ answer: Published; uncertain: boolean }> {
    let reason: unknown = deadline.reason;
    let uncertain = false;
    while (!deadline.aborted) {
      const answer = await this.#send(message, deadline);
      if (answer.kind !== "unknown" && answer.kind !== "busy") return { answer, uncertain };
      if (answer.kind === "unknown") uncertain = true;
      reason = answer.reason;
      await abortableDelay(WAIT_MS[answer.kind] * (0.5 + Math.random()), deadline);
    }
    throw new QueueUnavailableError(reason);
  }

  async #send({ subject, data, headers }: Message, deadline: AbortSignal): Promise<PublishAnswer> {
    const { link, timeoutMs, unheard } = this.#options;
    try {
      await link.connected(deadline);
      const options = { headers, timeout: timeoutMs / ATTEMPTS };
      const answer = await link.ask(() => link.client.request(subject, data, options));
      return parseAnswer(answer.string());
    } catch (error) {
      if (error instanceof RequestError && error.isNoResponders()) await unheard().catch(() => undefined);
      return { kind: "unknown", reason: error };
    }
  }
}

type Message = { subject: string; data: Uint8Array; headers: MsgHdrs };

function messageOf({ subject, data, id, fence, headers: further = {} }: Publication): Message {
  const headers = createHeaders();
  for (const [name, value] of Object.entries(further)) headers.set(name, value);
  headers.set("Nats-Msg-Id", id);
  if (fence) {
    headers.set("Nats-Expected-Last-Subject-Sequence", String(fence.sequence));
    headers.set("Nats-Expected-Last-Subject-Sequence-Subject", fence.subject);
  }
  return { subject, data, headers };
}

/** Asks which record is stored under an id, and stores nothing. */
function questionOf({ subject, id }: Publication): Message {
  const headers = createHeaders();
  headers.set("Nats-Msg-Id", id);
  headers.set("Nats-Expected-Last-Msg-Id", randomUUID());
  return { subject, data: new Uint8Array(), headers };
}
