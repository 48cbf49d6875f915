import type { CreateRequest } from "../../gen/parley/queue/v1/record_pb.ts";
import type { ChatName } from "../aip/resource-name.ts";
import { WireWriter } from "../protobuf/wire-writer.ts";

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
  writer.message(2, created, writeCreateMessages);
  return writer.finish();
}

/** The bytes of the parley.queue.v1.Record of writes that are encoded already. */
export function encodeRecord(writes: readonly Uint8Array[]): Uint8Array {
  const writer = new WireWriter(sizeOf(writes));
  for (const write of writes) writer.bytes(1, write);
  return writer.finish();
}

function sizeOf(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, { length }) => sum + FRAME_BYTES + length, 0);
}

function writeCreateMessages(writer: WireWriter, { request, chat, messages }: EncodedCreateMessages): void {
  if (request) writer.message(1, request, writeCreateRequest);
  writer.string(2, chat.application);
  writer.integer(3, chat.chat);
  for (const message of messages) writer.bytes(4, message);
}

function writeCreateRequest(writer: WireWriter, request: NonNullable<EncodedCreateMessages["request"]>): void {
  writer.string(1, request.principal);
  writer.string(2, request.requestId);
  if (request.digest.length > 0) writer.bytes(3, request.digest);
}
