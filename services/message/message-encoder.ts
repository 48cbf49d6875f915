import { toBinary } from "@bufbuild/protobuf";
import type { Timestamp } from "@bufbuild/protobuf/wkt";
import { type Message, MessageSchema } from "../../gen/parley/v1/message_pb.ts";
import { WireWriter } from "../protobuf/wire-writer.ts";
import { bodyOf } from "./message-body.ts";
import { AUTHOR_FIELDS, ENTRY_FIELDS, MESSAGE_FIELDS, TIMESTAMP_FIELDS } from "./message-fields.ts";

/** What a message takes beside its name and body, mostly. */
const OVERHEAD_BYTES = 250;

/** The bytes that toBinary makes of a message, made field by field. */
export function encodeMessage(message: Message): Uint8Array {
  if (!isUsual(message)) return toBinary(MessageSchema, message);
  const writer = new WireWriter(OVERHEAD_BYTES + message.name.length + (bodyOf(message)?.length ?? 0));
  writeMessage(writer, message);
  return writer.finish();
}

function writeMessage(writer: WireWriter, message: Message): void {
  writer.string(MESSAGE_FIELDS.name, message.name);
  writer.integer(MESSAGE_FIELDS.number, message.number);
  if (message.content.case === "body") writer.text(MESSAGE_FIELDS.body, message.content.value);
  if (message.author) writer.message(MESSAGE_FIELDS.author, message.author, writeAuthor);
  for (const key of Object.keys(message.metadata)) {
    writer.message(MESSAGE_FIELDS.metadata, { key, value: message.metadata[key]! }, writeEntry);
  }
  writer.string(MESSAGE_FIELDS.requestId, message.requestId);
  if (message.createTime) writer.message(MESSAGE_FIELDS.createTime, message.createTime, writeTimestamp);
  if (message.updateTime) writer.message(MESSAGE_FIELDS.updateTime, message.updateTime, writeTimestamp);
  if (message.editTime) writer.message(MESSAGE_FIELDS.editTime, message.editTime, writeTimestamp);
  if (message.deleteTime) writer.message(MESSAGE_FIELDS.deleteTime, message.deleteTime, writeTimestamp);
  writer.string(MESSAGE_FIELDS.etag, message.etag);
  if (message.internal) writer.integer(MESSAGE_FIELDS.internal, 1);
  writer.integer(MESSAGE_FIELDS.replyTo, message.replyTo);
  for (const user of message.mentions) writer.text(MESSAGE_FIELDS.mentions, user);
}

export function writeAuthor(
  writer: WireWriter,
  { user, displayName, type }: { user: string; displayName: string; type: number },
): void {
  writer.string(AUTHOR_FIELDS.user, user);
  writer.string(AUTHOR_FIELDS.displayName, displayName);
  writer.integer(AUTHOR_FIELDS.type, type);
}

export function writeEntry(writer: WireWriter, { key, value }: { key: string; value: string }): void {
  writer.text(ENTRY_FIELDS.key, key);
  writer.text(ENTRY_FIELDS.value, value);
}

function writeTimestamp(writer: WireWriter, { seconds, nanos }: Timestamp): void {
  writer.integer(TIMESTAMP_FIELDS.seconds, Number(seconds));
  writer.integer(TIMESTAMP_FIELDS.nanos, nanos);
}

/**
 * Whether it holds nothing that the writer cannot write: negative numbers, what no message has that is created by a call,
 * and fields that this version does not know.
 */
function isUsual(message: Message): boolean {
  const { author, createTime, updateTime, editTime, deleteTime } = message;
  return (
    message.$unknown === undefined &&
    message.number >= 0 &&
    message.replyTo >= 0 &&
    message.content.case !== "systemEvent" &&
    message.reactions.length === 0 &&
    (!author || (author.$unknown === undefined && author.type >= 0)) &&
    [createTime, updateTime, editTime, deleteTime].every(isUsualTime)
  );
}

function isUsualTime(time: Timestamp | undefined): boolean {
  if (!time) return true;
  return time.$unknown === undefined && time.nanos >= 0 && time.seconds >= 0 && time.seconds <= Number.MAX_SAFE_INTEGER;
}
