import { toBinary } from "@bufbuild/protobuf";
import type { Timestamp } from "@bufbuild/protobuf/wkt";
import { type Message, MessageSchema } from "../../gen/parley/v1/message_pb.ts";
import { WireWriter } from "../protobuf/wire-writer.ts";
import { AUTHOR_FIELDS, ENTRY_FIELDS, MESSAGE_FIELDS, TIMESTAMP_FIELDS } from "./message-fields.ts";

/** What a message takes beside its name and body, mostly. */
const OVERHEAD_BYTES = 250;

/** The bytes that toBinary makes of a message, made field by field. */
export function encodeMessage(message: Message): Uint8Array {
  if (!isUsual(message)) return toBinary(MessageSchema, message);
  const writer = new WireWriter(OVERHEAD_BYTES + message.name.length + (message.content.value?.length ?? 0));
  writeMessage(writer, message, writeTimestamp);
  return writer.finish();
}

type WrittenAuthor = { user: string; displayName: string; type: number };

/** What is written of a message, whose times are of any kind. */
export type WrittenMessage<Time> = Pick<Message, "name" | "number" | "content" | "metadata" | "requestId" | "etag"> & {
  author?: WrittenAuthor;
  createTime?: Time;
  updateTime?: Time;
  editTime?: Time;
  deleteTime?: Time;
};

/** Writes the fields of a message; `writeTime` those of a google.protobuf.Timestamp. */
export function writeMessage<Time>(
  writer: WireWriter,
  message: WrittenMessage<Time>,
  writeTime: (writer: WireWriter, time: Time) => void,
): void {
  const { content, author, metadata, createTime, updateTime, editTime, deleteTime } = message;
  writer.string(MESSAGE_FIELDS.name, message.name);
  writer.integer(MESSAGE_FIELDS.number, message.number);
  if (content.case === "body") writer.text(MESSAGE_FIELDS.body, content.value);
  if (author) writer.message(MESSAGE_FIELDS.author, author, writeAuthor);
  for (const key of Object.keys(metadata)) {
    writer.message(MESSAGE_FIELDS.metadata, { key, value: metadata[key]! }, writeEntry);
  }
  writer.string(MESSAGE_FIELDS.requestId, message.requestId);
  if (createTime !== undefined) writer.message(MESSAGE_FIELDS.createTime, createTime, writeTime);
  if (updateTime !== undefined) writer.message(MESSAGE_FIELDS.updateTime, updateTime, writeTime);
  if (editTime !== undefined) writer.message(MESSAGE_FIELDS.editTime, editTime, writeTime);
  if (deleteTime !== undefined) writer.message(MESSAGE_FIELDS.deleteTime, deleteTime, writeTime);
  writer.string(MESSAGE_FIELDS.etag, message.etag);
}

function writeAuthor(writer: WireWriter, { user, displayName, type }: WrittenAuthor): void {
  writer.string(AUTHOR_FIELDS.user, user);
  writer.string(AUTHOR_FIELDS.displayName, displayName);
  writer.integer(AUTHOR_FIELDS.type, type);
}

function writeEntry(writer: WireWriter, { key, value }: { key: string; value: string }): void {
  writer.text(ENTRY_FIELDS.key, key);
  writer.text(ENTRY_FIELDS.value, value);
}

function writeTimestamp(writer: WireWriter, { seconds, nanos }: Timestamp): void {
  writer.integer(TIMESTAMP_FIELDS.seconds, Number(seconds));
  writer.integer(TIMESTAMP_FIELDS.nanos, nanos);
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
