import type { CreateRequest } from "../../gen/parley/queue/v1/record_pb.ts";
import type { ChatName } from "../aip/resource-name.ts";
import { WireWriter } from "../protobuf/wire-writer.ts";

/** Bytes of tags, lengths, an application's token and a chat's number. */
const OVERHEAD_BYTES = 100;
/** Bytes of a tag and a length. */
const FRAME_BYTES = 6;

/** A parley.queue.v1.CreateMessages whose messages are encoded already. */
export type EncodedCreateMessages = {
  request: Omit<CreateRequest, "$typeName"> | undefined;
  chat: ChatName;
  messages: readonly Uint8Array[];
};

/** The bytes of the parley.queue.v1.Write that creates messages. */
export function encodeCreateMessages(created: EncodedCreateMessages): Uint8Array {
  const size = created.messages.reduce((sum, { length }) => sum + FRAME_BYTES + length, 2 * OVERHEAD_BYTES);
  const writer = new WireWriter(size);
  writer.message(2, created, writeCreateMessages);
  return writer.finish();
}

/** The bytes of the parley.queue.v1.Record of writes that are encoded already. */
export function encodeRecord(writes: readonly Uint8Array[]): Uint8Array {
  const writer = new WireWriter(writes.reduce((sum, { length }) => sum + FRAME_BYTES + length, 0));
  for (const write of writes) writer.bytes(1, write);
  return writer.finish();
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
