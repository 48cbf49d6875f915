import { randomUUID } from "node:crypto";
import { create, toBinary } from "@bufbuild/protobuf";
import { Code } from "@connectrpc/connect";
import {
  type Applied,
  type Mutation,
  MutationSchema,
  Refusal_Reason,
  WriteSchema,
} from "../../gen/parley/queue/v1/record_pb.ts";
import { ErrorReason } from "../../gen/parley/v1/error_reason_pb.ts";
import type { CounterName, Numbering } from "../numbering/numbering.ts";
import { unlessAborted } from "../process/unless-aborted.ts";
import { etagMismatch, notFound, rpcError } from "../rpc/errors.ts";
import type { GroupCommit } from "./group-commit.ts";
import type { Verdicts } from "./verdicts.ts";

/** A mutation's effect. */
type Effect = Exclude<Applied["outcome"], { case: "refusal" }>;

/** Sends edits and deletions through the write queue, and answers with the writer's verdict. */
export class Mutations {
  readonly #groups: GroupCommit;
  readonly #verdicts: Verdicts;
  readonly #numbering: Numbering;

  constructor({ groups, verdicts, numbering }: { groups: GroupCommit; verdicts: Verdicts; numbering: Numbering }) {
    this.#groups = groups;
    this.#verdicts = verdicts;
    this.#numbering = numbering;
  }

  /**
   * Applies a mutation in queue order; resolves with its effect once it is in the database.
   *
   * @param resource the name that a refusal speaks of
   * @param signal ends the wait, not the mutation
   * @throws NOT_FOUND, ABORTED (etag) or FAILED_PRECONDITION as the writer judged; what GroupCommit.submit throws
   */
  async apply(kind: Mutation["kind"], resource: string, signal?: AbortSignal): Promise<Effect> {
    const id = randomUUID();
    const mutation = create(MutationSchema, { id, timeMs: BigInt(Date.now()), kind });
    const write = create(WriteSchema, { kind: { case: "mutation", value: mutation } });
    const verdict = this.#verdicts.expect(id);
    try {
      await this.#groups.submit({ kind: "mutation", write, bytes: toBinary(WriteSchema, write).byteLength });
      const { outcome } = await (signal ? unlessAborted(verdict, signal) : verdict);
      if (outcome.case === "refusal") throw refusal(outcome.value.reason, resource);
      return outcome;
    } finally {
      this.#verdicts.forget(id);
    }
  }

  /** Applies the deletion of what has a counter: no more numbers are given in it unless the deletion is refused. */
  async delete(kind: Mutation["kind"], resource: string, counter: CounterName): Promise<void> {
    await this.#numbering.close(counter);
    try {
      await this.apply(kind, resource);
    } catch (error) {
      await this.#numbering.reopen(counter);
      throw error;
    }
    await this.#numbering.remove(counter);
  }
}

function refusal(reason: Refusal_Reason, resource: string): Error {
  const metadata = { resource };
  switch (reason) {
    case Refusal_Reason.ETAG_MISMATCH:
      return etagMismatch(resource);
    case Refusal_Reason.HAS_CHILDREN:
      return rpcError(
        Code.FailedPrecondition,
        ErrorReason.HAS_CHILDREN,
        `${resource} is not empty; delete what is in it first, or set force`,
        metadata,
      );
    case Refusal_Reason.MESSAGE_DELETED:
      return rpcError(
        Code.FailedPrecondition,
        ErrorReason.MESSAGE_DELETED,
        `${resource} is deleted and cannot be changed`,
        metadata,
      );
    default:
      return notFound(resource);
  }
}
