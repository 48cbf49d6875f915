import { fromBinary } from "@bufbuild/protobuf";
import type { Attributes } from "sequelize";
import { type CreateMessages, type CreateRequest, CreateRequestSchema } from "../../gen/parley/queue/v1/record_pb.ts";
import { SystemEventSchema } from "../../gen/parley/v1/message_pb.ts";
import { formatMetadata } from "../aip/metadata.ts";
import { formatChatName } from "../aip/resource-name.ts";
import { rowFromNewMessage } from "../message/message-codec.ts";
import { AUTHOR_FIELDS, ENTRY_FIELDS, MESSAGE_FIELDS, TIMESTAMP_FIELDS } from "../message/message-fields.ts";
import type { MessageRow } from "../message/message-model.ts";
import { formatSystemEvent } from "../message/stored-system-event.ts";
import type { WireReader } from "../protobuf/wire-reader.ts";
import { delimitedTag, varintTag } from "../protobuf/wire-type.ts";
import type { CommitMark } from "../write-queue/commit-mark.ts";
import { CREATE_MESSAGES_FIELDS } from "../write-queue/record-fields.ts";

/** The creation of messages of one chat, as rows. */
export type NewMessages = {
  application: string;
  chat: number;
  /** The chat's resource name. */
  parent: string;
  request: CreateRequest | undefined;
  /** At least one, with consecutive numbers. */
  rows: Attributes<MessageRow>[];
};

/** The rows of messages that the library decoded. `mark` is that of the first. */
export function newMessagesOf({ application, chat, request, messages }: CreateMessages, mark: CommitMark): NewMessages {
  const name = { application, chat };
  const rows = messages.map((message, index) => rowFromNewMessage(message, name, mark + index));
  return { ...name, parent: formatChatName(name), request, rows };
}

/**
 * The same from the bytes of a parley.queue.v1.CreateMessages that end at `end`, without the objects in between: nearly
 * all that the writer reads is of this kind, and the library takes 2.9 µs a message instead of 1.3.
 */
export function readNewMessages(reader: WireReader, end: number, mark: CommitMark): NewMessages {
  const read: NewMessages = { application: "", chat: 0, parent: "", request: undefined, rows: [] };
  while (reader.position < end) {
    const tag = reader.varint();
    if (tag === FIELDS.request) read.request = fromBinary(CreateRequestSchema, reader.bytes());
    else if (tag === FIELDS.application) read.application = reader.text();
    else if (tag === FIELDS.chat) read.chat = reader.varint();
    else if (tag === FIELDS.messages) read.rows.push(readRow(reader, reader.end(), mark + read.rows.length));
    else reader.skip(tag);
  }
  for (const row of read.rows) {
    row.application = read.application;
    row.chat = read.chat;
  }
  read.parent = formatChatName(read);
  return read;
}

/** The tags of what is read. */
const FIELDS = {
  request: delimitedTag(CREATE_MESSAGES_FIELDS.request),
  application: delimitedTag(CREATE_MESSAGES_FIELDS.application),
  chat: varintTag(CREATE_MESSAGES_FIELDS.chat),
  messages: delimitedTag(CREATE_MESSAGES_FIELDS.messages),
};
const MESSAGE = {
  number: varintTag(MESSAGE_FIELDS.number),
  body: delimitedTag(MESSAGE_FIELDS.body),
  author: delimitedTag(MESSAGE_FIELDS.author),
  metadata: delimitedTag(MESSAGE_FIELDS.metadata),
  requestId: delimitedTag(MESSAGE_FIELDS.requestId),
  createTime: delimitedTag(MESSAGE_FIELDS.createTime),
  internal: varintTag(MESSAGE_FIELDS.internal),
  replyTo: varintTag(MESSAGE_FIELDS.replyTo),
  systemEvent: delimitedTag(MESSAGE_FIELDS.systemEvent),
};
const AUTHOR = {
  user: delimitedTag(AUTHOR_FIELDS.user),
  displayName: delimitedTag(AUTHOR_FIELDS.displayName),
  type: varintTag(AUTHOR_FIELDS.type),
};
const ENTRY = { key: delimitedTag(ENTRY_FIELDS.key), value: delimitedTag(ENTRY_FIELDS.value) };
const TIMESTAMP = { seconds: varintTag(TIMESTAMP_FIELDS.seconds), nanos: varintTag(TIMESTAMP_FIELDS.nanos) };

/** A row of a parley.v1.Message. Its application and chat come with what it is in. */
function readRow(reader: WireReader, end: number, mark: CommitMark): Attributes<MessageRow> {
  const row = newRow(mark);
  let metadata: Record<string, string> | undefined;
  while (reader.position < end) {
    const tag = reader.varint();
    if (tag === MESSAGE.number) row.number = reader.varint();
    else if (tag === MESSAGE.body) row.body = reader.text();
    else if (tag === MESSAGE.author) readAuthor(reader, reader.end(), row);
    else if (tag === MESSAGE.metadata) {
      metadata ??= {};
      readEntry(reader, reader.end(), metadata);
    } else if (tag === MESSAGE.requestId) row.requestId = reader.text() || null;
    else if (tag === MESSAGE.createTime) row.createTime = readMillis(reader, reader.end());
    else if (tag === MESSAGE.internal) row.internal = reader.varint();
    else if (tag === MESSAGE.replyTo) row.replyTo = reader.varint() || null;
    else if (tag === MESSAGE.systemEvent) row.systemEvent = readSystemEvent(reader.bytes());
    else reader.skip(tag);
  }
  row.updateTime = row.createTime;
  if (metadata) row.metadata = formatMetadata(metadata);
  return row;
}

function readSystemEvent(bytes: Uint8Array): string | null {
  return formatSystemEvent({ content: { case: "systemEvent", value: fromBinary(SystemEventSchema, bytes) } });
}

/** With every attribute from the beginning, so that all rows are of one shape to the compiler. */
function newRow(mark: CommitMark): Attributes<MessageRow> {
  return {
    application: "",
    chat: 0,
    number: 0,
    body: null,
    authorUser: null,
    authorDisplayName: null,
    authorType: 0,
    metadata: null,
    requestId: null,
    revision: 1,
    createTime: 0,
    updateTime: 0,
    editTime: null,
    deleteTime: null,
    createSeq: mark,
    changeSeq: mark,
    internal: 0,
    replyTo: null,
    reactions: null,
    systemEvent: null,
  };
}

function readAuthor(reader: WireReader, end: number, row: Attributes<MessageRow>): void {
  while (reader.position < end) {
    const tag = reader.varint();
    if (tag === AUTHOR.user) row.authorUser = reader.text() || null;
    else if (tag === AUTHOR.displayName) row.authorDisplayName = reader.text() || null;
    else if (tag === AUTHOR.type) row.authorType = reader.varint();
    else reader.skip(tag);
  }
}

function readEntry(reader: WireReader, end: number, metadata: Record<string, string>): void {
  let [key, value] = ["", ""];
  while (reader.position < end) {
    const tag = reader.varint();
    if (tag === ENTRY.key) key = reader.text();
    else if (tag === ENTRY.value) value = reader.text();
    else reader.skip(tag);
  }
  if (key !== "__proto__") metadata[key] = value;
  // To set it would mean the object's prototype.
  else Object.defineProperty(metadata, key, { value, enumerable: true, configurable: true, writable: true });
}

/** A google.protobuf.Timestamp in milliseconds, as millisFromTimestamp gives it. */
function readMillis(reader: WireReader, end: number): number {
  let [seconds, nanos] = [0, 0];
  while (reader.position < end) {
    const tag = reader.varint();
    if (tag === TIMESTAMP.seconds) seconds = reader.varint();
    else if (tag === TIMESTAMP.nanos) nanos = reader.varint();
    else reader.skip(tag);
  }
  return seconds * 1_000 + Math.ceil(nanos / 1_000_000);
}
