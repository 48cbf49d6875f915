import { randomUUID } from "node:crypto";
import type { NatsLink } from "../nats/nats-link.ts";
import { NatsDeadLetters } from "./nats-dead-letters.ts";
import { natsNames } from "./nats-names.ts";
import { NatsPublisher } from "./nats-publisher.ts";
import { NatsStreamApi } from "./nats-stream-api.ts";
import { type DeadLetterBox, QueueFullError, QueueUnavailableError } from "./write-queue.ts";

/** What the dead letters of an installation are reached by. */
export type NatsDeadLetterBoxOptions = {
  link: NatsLink;
  installation: string;
  replicas: number;
  maxBytes: number;
  publishTimeoutMs: number;
};

/** The dead letters of an installation, and its queue to append to. Makes no stream, and needs no database. */
export async function openNatsDeadLetterBox(options: NatsDeadLetterBoxOptions): Promise<DeadLetterBox> {
  const { link, installation, replicas, maxBytes, publishTimeoutMs: timeoutMs } = options;
  const names = natsNames(installation);
  const publishing = { link, timeoutMs, clustered: replicas > 1 };
  const letters = new NatsDeadLetters({ ...publishing, api: await NatsStreamApi.create(link), names, replicas });
  const publisher = new NatsPublisher({ ...publishing, unheard: async () => undefined });
  return {
    append: async (data, { id = randomUUID() } = {}) => {
      const answer = await publisher.publish({ subject: names.writes, data, id });
      if (answer.kind === "stored") return answer.sequence;
      throw answer.kind === "full" ? new QueueFullError(maxBytes) : new QueueUnavailableError(answer);
    },
    deadLetters: (after, limit) => letters.list(after, limit),
    dropDeadLetter: (mark) => letters.drop(mark),
  };
}
