import { fromBinary } from "@bufbuild/protobuf";
import { type Write, WriteSchema } from "../../gen/parley/queue/v1/record_pb.ts";
import { WireReader } from "../protobuf/wire-reader.ts";
import { delimitedTag } from "../protobuf/wire-type.ts";
import { type CommitMark, commitMark, endOfRecord } from "../write-queue/commit-mark.ts";
import { WRITE_FIELDS } from "../write-queue/record-fields.ts";
import { writesOf } from "../write-queue/record-writes.ts";
import type { QueueRecord } from "../write-queue/write-queue.ts";
import { type NewMessages, newMessagesOf, readNewMessages } from "./new-messages.ts";

/** What a write is: as it is queued, but messages are rows already. */
export type UnitKind =
  | { case: "createMessages"; value: NewMessages }
  | Exclude<Write["kind"], { case: "createMessages" }>;

/**
 * A write with its place in the queue: what is applied, or set aside, as a whole. `end` is the position of whoever is
 * done with it.
 */
export type WriteUnit = {
  mark: CommitMark;
  end: CommitMark;
  kind: UnitKind;
  /** Where the write lies in the bytes of its record. */
  encoded: { record: Uint8Array; start: number; stop: number };
};

const CREATE_MESSAGES = delimitedTag(WRITE_FIELDS.createMessages);

/** The writes of a record, in their order, but for those that a position has passed. */
export function unitsOf({ sequence, data }: QueueRecord, position: CommitMark): WriteUnit[] {
  const units: WriteUnit[] = [];
  const reader = new WireReader(data);
  let index = 0;
  for (const stop of writesOf(reader)) {
    const [start, mark] = [reader.position, commitMark(sequence, index)];
    const kind = readKind(reader, stop, mark);
    index += kind.case === "createMessages" ? kind.value.rows.length : 1;
    units.push({ mark, end: commitMark(sequence, index - 1), kind, encoded: { record: data, start, stop } });
  }
  if (units.length > 0) units.at(-1)!.end = endOfRecord(sequence);
  return units[0] && units[0].end <= position ? units.filter(({ end }) => end > position) : units;
}

function readKind(reader: WireReader, stop: number, mark: CommitMark): UnitKind {
  const start = reader.position;
  if (reader.varint() === CREATE_MESSAGES) {
    const end = reader.end();
    const value = readNewMessages(reader, end, mark);
    if (end === stop) return { case: "createMessages", value };
  }
  // Any other kind, and what another version may have put beside this one.
  reader.position = start;
  const { kind } = fromBinary(WriteSchema, reader.slice(stop));
  return kind.case === "createMessages" ? { case: kind.case, value: newMessagesOf(kind.value, mark) } : kind;
}

/** The bytes of a unit's parley.queue.v1.Write. */
export function encodedWrite({ encoded: { record, start, stop } }: WriteUnit): Uint8Array {
  return record.subarray(start, stop);
}

/** The queue holds what this version does not know. It must not be passed over: whoever wrote it was answered. */
export function unknownWrite(what: string): Error {
  return new Error(
    `a ${what} in the write queue is of a kind that this version does not know; start the version that wrote it`,
  );
}
