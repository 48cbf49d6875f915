import type { WireReader } from "../protobuf/wire-reader.ts";
import { delimitedTag } from "../protobuf/wire-type.ts";
import { RECORD_FIELDS } from "./record-fields.ts";

const WRITES = delimitedTag(RECORD_FIELDS.writes);

/**
 * Goes through the writes of a parley.queue.v1.Record: gives where each ends, when the reader stands where it begins. How
 * much of it is read then makes no difference.
 */
export function* writesOf(record: WireReader): Generator<number, void> {
  while (record.position < record.length) {
    const tag = record.varint();
    if (tag !== WRITES) {
      record.skip(tag);
      continue;
    }
    const end = record.end();
    yield end;
    record.position = end;
  }
}
