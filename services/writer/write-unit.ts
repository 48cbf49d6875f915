import { fromBinary } from "@bufbuild/protobuf";
import { RecordSchema, type Write } from "../../gen/parley/queue/v1/record_pb.ts";
import { type CommitMark, commitMark, endOfRecord } from "../write-queue/commit-mark.ts";
import type { QueueRecord } from "../write-queue/write-queue.ts";

/**
 * A write with its place in the queue: what is applied, or set aside, as a whole. `end` is the position of whoever is
 * done with it.
 */
export type WriteUnit = { mark: CommitMark; end: CommitMark; write: Write };

function marksTaken({ kind }: Write): number {
  return kind.case === "createMessages" ? kind.value.messages.length : 1;
}

/** The writes of a record, in their order, but for those that a position has passed. */
export function unitsOf({ sequence, data }: QueueRecord, position: CommitMark): WriteUnit[] {
  const { writes } = fromBinary(RecordSchema, data);
  let index = 0;
  const units = writes.map((write, place): WriteUnit => {
    const mark = commitMark(sequence, index);
    index += marksTaken(write);
    const last = place === writes.length - 1;
    return { mark, end: last ? endOfRecord(sequence) : commitMark(sequence, index - 1), write };
  });
  return units.filter(({ end }) => end > position);
}

/** The queue holds what this version does not know. It must not be passed over: whoever wrote it was answered. */
export function unknownWrite(what: string): Error {
  return new Error(
    `a ${what} in the write queue is of a kind that this version does not know; start the version that wrote it`,
  );
}
