import { fromBinary } from "@bufbuild/protobuf";
import { type Applied, AppliedSchema, RecordSchema } from "../../gen/parley/queue/v1/record_pb.ts";
import type { Database } from "../database/database.ts";
import { type CommitMark, sequenceBefore } from "../write-queue/commit-mark.ts";
import { READ_LIMIT, type WriteQueue } from "../write-queue/write-queue.ts";

/**
 * The verdicts that are committed and not in the queue, in the order of their marks: something came between. Those in
 * the queue and marked as published only by records beyond `position` are left out.
 */
export async function findUnpublishedVerdicts(
  database: Database,
  queue: WriteQueue,
  position: CommitMark,
  signal: AbortSignal,
): Promise<Applied[]> {
  const rows = await database.outbox.findAll({ where: { published: 0 }, raw: true });
  if (rows.length === 0) return [];
  const queued = await queuedVerdicts(queue, sequenceBefore(position), signal);
  return rows
    .filter(({ id }) => !queued.has(id))
    .map(({ verdict }) => fromBinary(AppliedSchema, verdict))
    .sort((a, b) => Number(a.changeMark - b.changeMark));
}

/** Ids of the mutations whose verdicts are in the queue after a record. */
async function queuedVerdicts(queue: WriteQueue, after: number, signal: AbortSignal): Promise<Set<string>> {
  const ids = new Set<string>();
  const end = await queue.end();
  for (let last = after; last < end; ) {
    const records = await queue.read(last, READ_LIMIT, signal);
    signal.throwIfAborted();
    for (const { data } of records) {
      for (const { kind } of fromBinary(RecordSchema, data).writes) if (kind.case === "applied") ids.add(kind.value.id);
    }
    last = records.at(-1)!.sequence;
  }
  return ids;
}
