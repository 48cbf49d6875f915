import type { RecentBatch } from "../message/recent-messages.ts";
import type { Numbered, NumberRequest } from "../numbering/numbering.ts";

/** What a create is stored as, once it has its numbers. */
export type BuiltCreate = {
  /** A parley.queue.v1.Write. */
  write: Uint8Array;
  /** What it adds to the recent messages of a chat. */
  recent?: Omit<RecentBatch, "repeated">;
};

/** A create that waits for its group. */
export type PendingCreate = {
  kind: "create";
  request: NumberRequest;
  /** An estimate of its size in a record. */
  bytes: number;
  /** @param epoch in which it was numbered; 0 where numbers have no epochs */
  build(first: number, createTimeMs: number, epoch: number): BuiltCreate;
};

/** A mutation that waits for its group; the writer judges it. `write` is a parley.queue.v1.Write. */
export type PendingMutation = { kind: "mutation"; write: Uint8Array; bytes: number };

/** A write that waits for its group. */
export type PendingWrite = PendingCreate | PendingMutation;

/** What a write became: how it was numbered, and the record it is in, where it is in one. */
export type Committed = { numbered: Numbered | undefined; sequence: number | undefined };

/** How many commit marks a write takes. */
export function marksOf(write: PendingWrite): number {
  return write.kind === "create" ? write.request.count : 1;
}
