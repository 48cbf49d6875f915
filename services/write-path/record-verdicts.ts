import { fromBinary } from "@bufbuild/protobuf";
import { type Applied, WriteSchema } from "../../gen/parley/queue/v1/record_pb.ts";
import { WireReader } from "../protobuf/wire-reader.ts";
import { delimitedTag } from "../protobuf/wire-type.ts";
import { WRITE_FIELDS } from "../write-queue/record-fields.ts";
import { writesOf } from "../write-queue/record-writes.ts";

/** The one byte that a write which is a verdict begins with. */
const APPLIED = delimitedTag(WRITE_FIELDS.applied);

/**
 * The verdicts in a parley.queue.v1.Record. All else is passed over by its length: for a record of 100 creates that takes
 * 2 µs, and decoding it 200.
 */
export function verdictsIn(record: Uint8Array): Applied[] {
  const verdicts: Applied[] = [];
  const reader = new WireReader(record);
  for (const end of writesOf(reader)) {
    if (record[reader.position] !== APPLIED) continue;
    const { kind } = fromBinary(WriteSchema, reader.slice(end));
    if (kind.case === "applied") verdicts.push(kind.value);
  }
  return verdicts;
}
