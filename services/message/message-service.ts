import { create } from "@bufbuild/protobuf";
import type { HandlerContext, ServiceImpl } from "@connectrpc/connect";
import { ChangeReactionSchema, DeleteMessageSchema, UpdateMessageSchema } from "../../gen/parley/queue/v1/record_pb.ts";
import {
  BatchCreateMessagesRequestSchema,
  BatchCreateMessagesResponseSchema,
  CreateMessageRequestSchema,
  type Message,
  MessageSchema,
} from "../../gen/parley/v1/message_pb.ts";
import type { MessageService } from "../../gen/parley/v1/message_service_pb.ts";
import { fieldsToUpdate } from "../aip/field-mask.ts";
import { checkMetadata } from "../aip/metadata.ts";
import type { PageSizes } from "../aip/page-size.ts";
import { requestKey } from "../aip/request-id.ts";
import { parseChatName, parseMessageName } from "../aip/resource-name.ts";
import { principalOf, userActedFor } from "../auth/principal.ts";
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
import { encodeMessageList } from "./message-list-encoder.ts";
import type { MessageReader } from "./message-reader.ts";
import { checkSees, hidesNotes } from "./notes.ts";

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
  const { reader, mutations, facts } = options;
  const react = async ({ name, emoji, user }: Reacting, { values, signal }: HandlerContext, remove: boolean) => {
    const key = parseMessageName(name, "name");
    const actor = userActedFor(principalOf(values), user, "the id of the user who reacts");
    const value = create(ChangeReactionSchema, { name, emoji, user: actor, remove });
    await checkSees(facts, standingOf(values), key);
    return (await mutations.apply({ case: "changeReaction", value }, name, signal)).value as Message;
  };
  return {
    async createMessage(request, context): Promise<Message> {
      const chat = parseChatName(request.parent, "parent");
      const message = request.message!;
      checkNewMessage(message, "message");
      const authors = await admitMessages(options, { chat, messages: [message], fields: ["message"] }, context);
      const key = requestKey(CreateMessageRequestSchema, request, context);
      const wanted = { chat, messages: [message], authors, request: key };
      const { messages, bytes } = await createMessages(options, wanted, context);
      rememberBytes(messages[0]!, bytes[0]!);
      return messages[0]!;
    },

    async batchCreateMessages(request, context) {
      const chat = parseChatName(request.parent, "parent");
      const messages = request.requests.map(({ parent, message, requestId }, index) => {
        const field = `requests[${index}]`;
        if (parent !== "" && parent !== request.parent) {
          throw invalidFields([{ field: `${field}.parent`, description: "must be empty or the batch's parent" }]);
        }
        if (requestId !== "") {
          throw invalidFields([{ field: `${field}.request_id`, description: "must be empty: the batch has one" }]);
        }
        checkNewMessage(message!, `${field}.message`);
        return message!;
      });
      const fields = messages.map((_, index) => `requests[${index}].message`);
      const authors = await admitMessages(options, { chat, messages, fields }, context);
      const key = requestKey(BatchCreateMessagesRequestSchema, request, context);
      const created = await createMessages(options, { chat, messages, authors, request: key }, context);
      const answer = create(BatchCreateMessagesResponseSchema, { messages: [...created.messages] });
      rememberBytes(answer, encodeMessageList(created.bytes));
      return answer;
    },

    async getMessage({ name }, { values, signal }) {
      const read = await reader.get(parseMessageName(name, "name"), signal);
      if (!read || (read.internal && hidesNotes(standingOf(values)))) throw notFound(name);
      rememberBytes(read.message, read.bytes);
      return read.message;
    },

    listMessages(request, context) {
      return listMessages(options, request, context);
    },

    async updateMessage({ message, updateMask }, { signal }) {
      const { name, content, metadata, etag } = message!;
      parseMessageName(name, "message.name");
      checkMetadata(metadata, "message.metadata");
      const set = { body: content.case === "body", metadata: Object.keys(metadata).length > 0 };
      const fields = fieldsToUpdate(updateMask, set);
      if (fields.includes("body") && content.case !== "body") {
        const description = "must have a value, as it is among the fields to change";
        throw invalidFields([{ field: "message.body", description }]);
      }
      const changed = create(MessageSchema, { name, content, metadata, etag });
      const value = create(UpdateMessageSchema, { message: changed, fields });
      const effect = await mutations.apply({ case: "updateMessage", value }, name, signal);
      return effect.value as Message;
    },

    async deleteMessage({ name, etag }, { signal }) {
      parseMessageName(name, "name");
      const value = create(DeleteMessageSchema, { name, etag });
      return (await mutations.apply({ case: "deleteMessage", value }, name, signal)).value as Message;
    },

    addReaction(request, context) {
      return react(request, context, false);
    },

    removeReaction(request, context) {
      return react(request, context, true);
    },
  };
}

type Reacting = { name: string; emoji: string; user: string };
