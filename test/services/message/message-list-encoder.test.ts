import { create, toBinary } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import {
  BatchCreateMessagesResponseSchema,
  ListMessagesResponseSchema,
  MessageSchema,
} from "../../../gen/parley/v1/message_pb.ts";
import { encodeMessageList } from "../../../services/message/message-list-encoder.ts";
import { newMessage } from "../writes.ts";

const CHAT = { application: "0123456789abcdefghjkmnpqrs", chat: 1 };
const messages = [1, 2, 3].map((number) => newMessage(CHAT, number));
const bytes = messages.map((message) => toBinary(MessageSchema, message));

test.each([0, 1, 3])("a list of %i messages is encoded as the library does it", (count) => {
  const some = { messages: messages.slice(0, count) };
  const page = create(ListMessagesResponseSchema, { ...some, nextPageToken: "next" });
  const encoded = encodeMessageList(bytes.slice(0, count), "next");
  expect(Buffer.from(encoded)).toEqual(Buffer.from(toBinary(ListMessagesResponseSchema, page)));
  const batch = toBinary(BatchCreateMessagesResponseSchema, create(BatchCreateMessagesResponseSchema, some));
  expect(Buffer.from(encodeMessageList(bytes.slice(0, count)))).toEqual(Buffer.from(batch));
});
