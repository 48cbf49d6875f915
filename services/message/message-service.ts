import { create } from "@bufbuild/protobuf";
import type { HandlerContext, ServiceImpl } from "@connectrpc/connect";
import {
  type BatchCreateMessagesRequest,
  BatchCreateMessagesRequestSchema,
  type BatchCreateMessagesResponse,
  BatchCreateMessagesResponseSchema,
  type CreateMessageRequest,
  CreateMessageRequestSchema,
  type GetMessageRequest,
  type Message,
} from "../../gen/parley/v1/message_pb.ts";
import type { MessageService } from "../../gen/parley/v1/message_service_pb.ts";
import type { PageSizes } from "../aip/page-size.ts";
import { requestKey } from "../aip/request-id.ts";
import { parseChatName, parseMessageName } from "../aip/resource-name.ts";
import { standingOf } from "../auth/standing.ts";
import type { Facts } from "../facts/facts.ts";
import { rememberBytes } from "../rpc/encoded-messages.ts";
import { invalidFields, notFound } from "../rpc/errors.ts";
import type { GroupCommit } from "../write-path/group-commit.ts";
import type { Mutations } from "../write-path/mutations.ts";
import { admitMessages, checkNewMessage } from "./admit-messages.ts";
import type { AuthorMessages } from "./author-messages.ts";
import { createMessages } from "./create-messages.ts";
import { listMessages } from "./list-messages.ts";
import { deleteMessage, react, updateMessage } from "./message-changes.ts";
import { encodeMessageList } from "./message-list-encoder.ts";
import type { MessageReader } from "./message-reader.ts";
import { hidesNotes } from "./notes.ts";

/** What the service works with. */
export type MessageServiceOptions = {
  reader: MessageReader;
  groups: GroupCommit;
  mutations: Mutations;
  facts: Pick<Facts, "user" | "chat" | "message">;
  authors: AuthorMessages;
  pageSizes: PageSizes;
};

/** MessageService, as in proto/parley/v1/message_service.proto. */
export function createMessageService(options: MessageServiceOptions): ServiceImpl<typeof MessageService> {
  return {
    createMessage: (request, context) => createMessage(options, request, context),
    batchCreateMessages: (request, context) => batchCreateMessages(options, request, context),
    getMessage: (request, context) => getMessage(options, request, context),
    listMessages: (request, context) => listMessages(options, request, context),
    updateMessage: (request, context) => updateMessage(options, request, context),
    deleteMessage: (request, context) => deleteMessage(options, request, context),
    addReaction: (request, context) => react(options, request, context, false),
    removeReaction: (request, context) => react(options, request, context, true),
  };
}

async function createMessage(
  options: MessageServiceOptions,
  request: CreateMessageRequest,
  context: HandlerContext,
): Promise<Message> {
  const chat = parseChatName(request.parent, "parent");
  const message = request.message!;
  checkNewMessage(message, "message");
  const authors = await admitMessages(options, { chat, messages: [message], fields: ["message"] }, context);
  const key = requestKey(CreateMessageRequestSchema, request, context);
  const wanted = { chat, messages: [message], authors, request: key };
  const { messages, bytes } = await createMessages(options, wanted, context);
  rememberBytes(messages[0]!, bytes[0]!);
  return messages[0]!;
}

async function batchCreateMessages(
  options: MessageServiceOptions,
  request: BatchCreateMessagesRequest,
  context: HandlerContext,
): Promise<BatchCreateMessagesResponse> {
  const chat = parseChatName(request.parent, "parent");
  const messages = messagesOf(request);
  const fields = messages.map((_, index) => `requests[${index}].message`);
  const authors = await admitMessages(options, { chat, messages, fields }, context);
  const key = requestKey(BatchCreateMessagesRequestSchema, request, context);
  const created = await createMessages(options, { chat, messages, authors, request: key }, context);
  const answer = create(BatchCreateMessagesResponseSchema, { messages: [...created.messages] });
  rememberBytes(answer, encodeMessageList(created.bytes));
  return answer;
}

/** The messages of a batch, each checked. */
function messagesOf({ parent: ofBatch, requests }: BatchCreateMessagesRequest): Message[] {
  return requests.map(({ parent, message, requestId }, index) => {
    const field = `requests[${index}]`;
    if (parent !== "" && parent !== ofBatch) {
      throw invalidFields([{ field: `${field}.parent`, description: "must be empty or the batch's parent" }]);
    }
    if (requestId !== "") {
      throw invalidFields([{ field: `${field}.request_id`, description: "must be empty: the batch has one" }]);
    }
    checkNewMessage(message!, `${field}.message`);
    return message!;
  });
}

async function getMessage(
  { reader }: Pick<MessageServiceOptions, "reader">,
  { name }: GetMessageRequest,
  { values, signal }: HandlerContext,
): Promise<Message> {
  const read = await reader.get(parseMessageName(name, "name"), signal);
  if (!read || (read.internal && hidesNotes(standingOf(values)))) throw notFound(name);
  rememberBytes(read.message, read.bytes);
  return read.message;
}
