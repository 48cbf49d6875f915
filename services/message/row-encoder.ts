import { toBinary } from "@bufbuild/protobuf";
import { MessageSchema } from "../../gen/parley/v1/message_pb.ts";
import { formatEtag } from "../aip/etag.ts";
import { parseMetadata } from "../aip/metadata.ts";
import { formatMessageName } from "../aip/resource-name.ts";
import { WireWriter } from "../protobuf/wire-writer.ts";
import { mentionsIn } from "./mentions.ts";
import { messageFromRow } from "./message-codec.ts";
import { writeAuthor, writeEntry } from "./message-encoder.ts";
import { MESSAGE_FIELDS, REACTION_FIELDS, TIMESTAMP_FIELDS } from "./message-fields.ts";
import type { MessageFields } from "./message-model.ts";
import { parseReactions, type StoredReaction } from "./stored-reactions.ts";

/** What most messages take beside their text. */
const USUAL_BYTES = 300;

/**
 * The bytes of the message that a row holds, without making it: 1.2 µs instead of 2.1. Written out beside encodeMessage,
 * as one function for both takes 0.1 µs more.
 */
export function encodeRow(row: MessageFields): Uint8Array {
  if (row.systemEvent !== null) return toBinary(MessageSchema, messageFromRow(row));
  const { application, chat, number, body, updateTime } = row;
  const writer = new WireWriter(USUAL_BYTES + (body?.length ?? 0));
  writer.string(MESSAGE_FIELDS.name, formatMessageName({ application, chat, message: number }));
  writer.integer(MESSAGE_FIELDS.number, number);
  if (body !== null) writer.text(MESSAGE_FIELDS.body, body);
  const author = { user: row.authorUser ?? "", displayName: row.authorDisplayName ?? "", type: row.authorType };
  writer.message(MESSAGE_FIELDS.author, author, writeAuthor);
  const metadata = parseMetadata(row.metadata);
  for (const key of Object.keys(metadata)) {
    writer.message(MESSAGE_FIELDS.metadata, { key, value: metadata[key]! }, writeEntry);
  }
  writer.string(MESSAGE_FIELDS.requestId, row.requestId ?? "");
  writer.message(MESSAGE_FIELDS.createTime, row.createTime, writeMillis);
  writer.message(MESSAGE_FIELDS.updateTime, updateTime, writeMillis);
  if (row.editTime !== null) writer.message(MESSAGE_FIELDS.editTime, row.editTime, writeMillis);
  if (row.deleteTime !== null) writer.message(MESSAGE_FIELDS.deleteTime, row.deleteTime, writeMillis);
  writer.string(MESSAGE_FIELDS.etag, formatEtag({ revision: row.revision, updateTimeMs: updateTime }));
  writer.integer(MESSAGE_FIELDS.internal, row.internal);
  writer.integer(MESSAGE_FIELDS.replyTo, row.replyTo ?? 0);
  for (const reaction of parseReactions(row.reactions)) {
    writer.message(MESSAGE_FIELDS.reactions, reaction, writeReaction);
  }
  for (const user of mentionsIn(body)) writer.text(MESSAGE_FIELDS.mentions, user);
  return writer.finish();
}

function writeReaction(writer: WireWriter, [emoji, users]: StoredReaction): void {
  writer.string(REACTION_FIELDS.emoji, emoji);
  for (const user of users) writer.text(REACTION_FIELDS.users, user);
}

function writeMillis(writer: WireWriter, millis: number): void {
  const seconds = Math.floor(millis / 1_000);
  writer.integer(TIMESTAMP_FIELDS.seconds, seconds);
  writer.integer(TIMESTAMP_FIELDS.nanos, (millis - seconds * 1_000) * 1_000_000);
}
