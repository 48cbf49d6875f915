import type { CreateRequest } from "../../gen/parley/queue/v1/record_pb.ts";
import type { ChatName } from "../aip/resource-name.ts";
import { WireWriter } from "../protobuf/wire-writer.ts";
import { CREATE_MESSAGES_FIELDS, CREATE_REQUEST_FIELDS, RECORD_FIELDS, WRITE_FIELDS } from "./record-fields.ts";

/** Bytes of tags, lengths, an application's token and a chat's number; of a request, at most. */
const OVERHEAD_BYTES = 64;
const REQUEST_BYTES = 160;
/** Bytes of a tag and a length. */
const FRAME_BYTES = 10;

/** A parley.queue.v1.CreateMessages whose messages are encoded already. */
export type EncodedCreateMessages = {
  request: Omit<CreateRequest, "$typeName"> | undefined;
  chat: ChatName;
  messages: readonly Uint8Array[];
};

/** The bytes of the parley.queue.v1.Write that creates messages. */
export function encodeCreateMessages(created: EncodedCreateMessages): Uint8Array {
  const overhead = OVERHEAD_BYTES + (created.request ? REQUEST_BYTES : 0);
  const writer = new WireWriter(sizeOf(created.messages) + overhead);
  writer.message(WRITE_FIELDS.createMessages, created, writeCreateMessages);
  return writer.finish();
}

/** The bytes of the parley.queue.v1.Record of writes that are encoded already. */
export function encodeRecord(writes: readonly Uint8Array[]): Uint8Array {
  const writer = new WireWriter(sizeOf(writes));
  for (const write of writes) writer.bytes(RECORD_FIELDS.writes, write);
  return writer.finish();
}

function sizeOf(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, { length }) => sum + FRAME_BYTES + length, 0);
}

function writeCreateMessages(writer: WireWriter, { request, chat, messages }: EncodedCreateMessages): void {
  if (request) writer.message(CREATE_MESSAGES_FIELDS.request, request, writeCreateRequest);
  writer.string(CREATE_MESSAGES_FIELDS.application, chat.application);
  writer.integer(CREATE_MESSAGES_FIELDS.chat, chat.chat);
  for (const message of messages) writer.bytes(CREATE_MESSAGES_FIELDS.messages, message);
}

function writeCreateRequest(writer: WireWriter, request: NonNullable<EncodedCreateMessages["request"]>): void {
  writer.string(CREATE_REQUEST_FIELDS.principal, request.principal);
  writer.string(CREATE_REQUEST_FIELDS.requestId, request.requestId);
  if (request.digest.length > 0) writer.bytes(CREATE_REQUEST_FIELDS.digest, request.digest);
}
