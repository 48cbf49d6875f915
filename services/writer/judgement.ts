import type { Applied, Refusal_Reason } from "../../gen/parley/queue/v1/record_pb.ts";
import { formatEtag } from "../aip/etag.ts";
import type { CommitMark } from "../write-queue/commit-mark.ts";
import type { Tracked } from "./batch-rows.ts";

/** What came of a mutation. */
export type Outcome = Applied["outcome"];
/** A mutation's mark, and when it was asked for. */
export type Change = { mark: CommitMark; timeMs: number };

type Revised = { revision: number; updateTime: number; changeSeq: number };

/** The verdict that nothing changes. */
export function refuse(reason: Refusal_Reason): Outcome {
  return { case: "refusal", value: { $typeName: "parley.queue.v1.Refusal", reason } };
}

/** Whether an etag was given that is not the row's. */
export function isStale(etag: string, { revision, updateTime }: { revision: number; updateTime: number }): boolean {
  return etag !== "" && etag !== formatEtag({ revision, updateTimeMs: updateTime });
}

/** Marks a row as changed. Time does not fall, even where a clock did. */
export function revise<Row extends Revised>(tracked: Tracked<Row>, { mark, timeMs }: Change): void {
  tracked.row.revision += 1;
  tracked.row.updateTime = Math.max(tracked.row.updateTime, timeMs);
  tracked.row.changeSeq = mark;
  if (tracked.state === "stored") tracked.state = "changed";
}
