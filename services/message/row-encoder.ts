import { formatEtag } from "../aip/etag.ts";
import { parseMetadata } from "../aip/metadata.ts";
import { formatMessageName } from "../aip/resource-name.ts";
import { WireWriter } from "../protobuf/wire-writer.ts";
import { writeAuthor, writeEntry } from "./message-encoder.ts";
import type { MessageFields } from "./message-model.ts";

/** What most messages take beside their text. */
const USUAL_BYTES = 300;

/** The bytes of the message that a row holds, without making it: 1.2 µs instead of 2.1. */
export function encodeRow(row: MessageFields): Uint8Array {
  const { application, chat, number, body, updateTime } = row;
  const writer = new WireWriter(USUAL_BYTES + (body?.length ?? 0));
  writer.string(1, formatMessageName({ application, chat, message: number }));
  writer.integer(2, number);
  if (body !== null) writer.text(3, body);
  const author = { user: row.authorUser ?? "", displayName: row.authorDisplayName ?? "", type: row.authorType };
  writer.message(4, author, writeAuthor);
  const metadata = parseMetadata(row.metadata);
  for (const key of Object.keys(metadata)) writer.message(5, { key, value: metadata[key]! }, writeEntry);
  writer.string(6, row.requestId ?? "");
  writer.message(7, row.createTime, writeMillis);
  writer.message(8, updateTime, writeMillis);
  if (row.editTime !== null) writer.message(9, row.editTime, writeMillis);
  if (row.deleteTime !== null) writer.message(10, row.deleteTime, writeMillis);
  writer.string(11, formatEtag({ revision: row.revision, updateTimeMs: updateTime }));
  return writer.finish();
}

function writeMillis(writer: WireWriter, millis: number): void {
  const seconds = Math.floor(millis / 1_000);
  writer.integer(1, seconds);
  writer.integer(2, (millis - seconds * 1_000) * 1_000_000);
}
