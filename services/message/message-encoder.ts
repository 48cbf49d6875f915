import { toBinary } from "@bufbuild/protobuf";
import type { Timestamp } from "@bufbuild/protobuf/wkt";
import { type Message, MessageSchema } from "../../gen/parley/v1/message_pb.ts";
import { WireWriter } from "../protobuf/wire-writer.ts";

/** What a message takes beside its name and body, mostly. */
const OVERHEAD_BYTES = 250;

/** The bytes that toBinary makes of a message, made field by field. */
export function encodeMessage(message: Message): Uint8Array {
  if (!isUsual(message)) return toBinary(MessageSchema, message);
  const writer = new WireWriter(OVERHEAD_BYTES + message.name.length + (message.content.value?.length ?? 0));
  writeMessage(writer, message);
  return writer.finish();
}

function writeMessage(writer: WireWriter, message: Message): void {
  writer.string(1, message.name);
  writer.integer(2, message.number);
  if (message.content.case === "body") writer.text(3, message.content.value);
  if (message.author) writer.message(4, message.author, writeAuthor);
  for (const key of Object.keys(message.metadata)) {
    writer.message(5, { key, value: message.metadata[key]! }, writeEntry);
  }
  writer.string(6, message.requestId);
  if (message.createTime) writer.message(7, message.createTime, writeTimestamp);
  if (message.updateTime) writer.message(8, message.updateTime, writeTimestamp);
  if (message.editTime) writer.message(9, message.editTime, writeTimestamp);
  if (message.deleteTime) writer.message(10, message.deleteTime, writeTimestamp);
  writer.string(11, message.etag);
}

export function writeAuthor(
  writer: WireWriter,
  { user, displayName, type }: { user: string; displayName: string; type: number },
): void {
  writer.string(1, user);
  writer.string(2, displayName);
  writer.integer(3, type);
}

export function writeEntry(writer: WireWriter, { key, value }: { key: string; value: string }): void {
  writer.text(1, key);
  writer.text(2, value);
}

function writeTimestamp(writer: WireWriter, { seconds, nanos }: Timestamp): void {
  writer.integer(1, Number(seconds));
  writer.integer(2, nanos);
}

/** Whether it holds nothing that the writer cannot write: negative numbers, and fields that this version does not know. */
function isUsual(message: Message): boolean {
  const { author, createTime, updateTime, editTime, deleteTime } = message;
  return (
    message.$unknown === undefined &&
    message.number >= 0 &&
    (!author || (author.$unknown === undefined && author.type >= 0)) &&
    [createTime, updateTime, editTime, deleteTime].every(isUsualTime)
  );
}

function isUsualTime(time: Timestamp | undefined): boolean {
  if (!time) return true;
  return time.$unknown === undefined && time.nanos >= 0 && time.seconds >= 0 && time.seconds <= Number.MAX_SAFE_INTEGER;
}
