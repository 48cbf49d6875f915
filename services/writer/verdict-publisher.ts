import { create, toBinary } from "@bufbuild/protobuf";
import { type Applied, AppliedSchema, RecordSchema, WriteSchema } from "../../gen/parley/queue/v1/record_pb.ts";
import { QueueFullError, type WriteQueue } from "../write-queue/write-queue.ts";

/** What bounds a record of verdicts: each takes a commit mark, and a full queue must have room for one soon. */
const RECORD_VERDICTS = 1_000;
const RECORD_BYTES = 256 * 1_024;

/** The verdicts that are committed and not yet in the write queue, and their way into it, in order. */
export class VerdictPublisher {
  readonly #queue: WriteQueue;
  /** As they are grouped into records, so that a repeated append is the same record. */
  #records: Applied[][] = [];

  constructor(queue: WriteQueue) {
    this.#queue = queue;
  }

  /** Whether every verdict is told. */
  get isDone(): boolean {
    return this.#records.length === 0;
  }

  /** Adds verdicts that were just committed. */
  add(verdicts: readonly Applied[]): void {
    this.#records = this.#records.concat(groupVerdicts(verdicts));
  }

  /** Forgets what was added: these are all that are committed and not in the queue. */
  replace(verdicts: readonly Applied[]): void {
    this.#records = groupVerdicts(verdicts);
  }

  /**
   * Tells the verdicts; what fails stays for the next time. A full queue is no failure: it empties as the writer goes
   * on, and the writer must not wait for it.
   */
  async publish(): Promise<void> {
    for (let verdicts = this.#records[0]; verdicts; verdicts = this.#records[0]) {
      const writes = verdicts.map((value) => create(WriteSchema, { kind: { case: "applied", value } }));
      const data = toBinary(RecordSchema, create(RecordSchema, { writes }));
      try {
        await this.#queue.append(data, { id: `applied-${verdicts[0]!.id}` });
      } catch (error) {
        if (error instanceof QueueFullError) return;
        throw error;
      }
      this.#records.shift();
    }
  }
}

function groupVerdicts(verdicts: readonly Applied[]): Applied[][] {
  const groups: Applied[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const verdict of verdicts) {
    const size = toBinary(AppliedSchema, verdict).byteLength;
    bytes += size;
    if (bytes > RECORD_BYTES || groups.at(-1)!.length >= RECORD_VERDICTS) {
      groups.push([]);
      bytes = size;
    }
    groups.at(-1)!.push(verdict);
  }
  return groups;
}
