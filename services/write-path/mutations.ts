import { randomUUID } from "node:crypto";
import type { Applied, Mutation } from "../../gen/parley/queue/v1/record_pb.ts";
import type { Message } from "../../gen/parley/v1/message_pb.ts";
import { type ChatName, MAX_NUMBER } from "../aip/resource-name.ts";
import { newSystemMessage } from "../message/new-system-message.ts";
import type { CounterName, Numbering } from "../numbering/numbering.ts";
import { unlessAborted } from "../process/unless-aborted.ts";
import { encodeRecord } from "../write-queue/record-encoder.ts";
import { EpochOverError, QueueFullError, type WriteQueue } from "../write-queue/write-queue.ts";
import { numbersOf, submitCreate } from "./creates.ts";
import type { GroupCommit } from "./group-commit.ts";
import { newMutation, writeOf } from "./mutation-write.ts";
import type { PendingCreate } from "./pending-write.ts";
import { refusalError } from "./refusal-error.ts";
import { answerTo } from "./store-answer.ts";
import type { Verdicts } from "./verdicts.ts";

/** A mutation's effect. */
type Effect = Exclude<Applied["outcome"], { case: "refusal" }>;

/** How often a deletion is sent at most: each time but the first its epoch was over before it was stored. */
const ATTEMPTS_MAX = 5;

export type MutationsOptions = { groups: GroupCommit; queue: WriteQueue; verdicts: Verdicts; numbering: Numbering };

/** Sends edits and deletions through the write queue, and answers with the writer's verdict. */
export class Mutations {
  readonly #options: MutationsOptions;

  constructor(options: MutationsOptions) {
    this.#options = options;
  }

  /**
   * Applies a mutation in queue order; resolves with its effect once it is in the database.
   *
   * @param resource the name that a refusal speaks of
   * @param signal ends the wait, not the mutation
   * @throws NOT_FOUND, ABORTED (etag) or FAILED_PRECONDITION as the writer judged; what GroupCommit.submit throws
   */
  apply(kind: Mutation["kind"], resource: string, signal: AbortSignal): Promise<Effect> {
    const mutation = newMutation(kind);
    return this.#judged(mutation.id, resource, () => this.#submit(mutation), signal);
  }

  /**
   * Applies a mutation that a message of the system tells of, under the chat's next number; it is stored where the change
   * is made. Where nothing changes, its number stays unused.
   *
   * @param build gives the mutation, from the message as it is numbered
   * @param resource the name that a refusal speaks of
   * @param signal ends the wait, not the mutation
   * @throws as apply; NOT_FOUND where there is no such chat; RESOURCE_EXHAUSTED where all its numbers are given
   */
  applyWithSystemMessage(
    build: (message: Message) => Mutation["kind"],
    resource: string,
    chat: ChatName,
    signal: AbortSignal,
  ): Promise<Effect> {
    const id = randomUUID();
    const write = (number: number, createTimeMs: number) =>
      writeOf(newMutation(build(newSystemMessage(chat, number, createTimeMs)), id));
    const pending: PendingCreate = {
      kind: "create",
      request: { ...chat, count: 1 },
      bytes: write(MAX_NUMBER, Date.now()).byteLength,
      build: (number, createTimeMs) => ({ write: write(number, createTimeMs) }),
    };
    const send = async () => numbersOf(await submitCreate(this.#options.groups, pending, signal), resource, "");
    return this.#judged(id, resource, send, signal);
  }

  /**
   * Applies the deletion of what has a counter: no more numbers are given in it until it is judged.
   *
   * @param build gives the deletion, from the last number given before
   * @param signal ends the wait, not the deletion
   */
  async delete(
    build: (numbered: number) => Mutation["kind"],
    resource: string,
    counter: CounterName,
    signal: AbortSignal,
  ): Promise<void> {
    for (let attempts = 1; ; attempts++) {
      const id = randomUUID();
      try {
        await this.#judged(id, resource, () => this.#closeAndSend(id, build, counter), signal);
        return;
      } catch (error) {
        if (!(error instanceof EpochOverError)) throw error;
        if (attempts === ATTEMPTS_MAX) throw answerTo(error);
      }
    }
  }

  async #judged(id: string, resource: string, send: () => Promise<unknown>, signal: AbortSignal): Promise<Effect> {
    const { verdicts } = this.#options;
    const verdict = verdicts.expect(id);
    try {
      await send();
      const { outcome } = await unlessAborted(verdict, signal);
      if (outcome.case === "refusal") throw refusalError(outcome.value.reason, resource);
      return outcome;
    } finally {
      verdicts.forget(id);
    }
  }

  #submit(mutation: Mutation): Promise<unknown> {
    const write = writeOf(mutation);
    return this.#options.groups.submit({ kind: "mutation", write, bytes: write.byteLength });
  }

  async #closeAndSend(id: string, build: (numbered: number) => Mutation["kind"], counter: CounterName): Promise<void> {
    const { numbering } = this.#options;
    const { epoch, numbered } = await numbering.close(counter, id).catch((error: unknown) => {
      throw answerTo(error);
    });
    const mutation = newMutation(build(numbered), id);
    await (epoch === undefined ? this.#submitClosed(mutation) : this.#store(mutation, epoch));
  }

  /** Where numbers have no epochs, a deletion that was not stored is known not to be. */
  async #submitClosed(mutation: Mutation): Promise<void> {
    try {
      await this.#submit(mutation);
    } catch (error) {
      await this.#options.numbering.reopen([mutation.id]);
      throw error;
    }
  }

  /**
   * In the epoch that its counter is closed in, so in a record of its own. Where it may be stored still, the counter stays
   * closed; so it does where it cannot be opened, until the numbering ends the closing.
   */
  async #store(mutation: Mutation, epoch: number): Promise<void> {
    const { queue, numbering } = this.#options;
    try {
      await queue.append(encodeRecord([writeOf(mutation)]), { epoch });
    } catch (error) {
      if (error instanceof QueueFullError) await numbering.reopen([mutation.id]).catch(() => undefined);
      throw error instanceof EpochOverError ? error : answerTo(error);
    }
  }
}
