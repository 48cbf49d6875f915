import type { DescMethod } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { BadRequestSchema } from "../../gen/google/rpc/error_details_pb.ts";
import { ApplicationSchema } from "../../gen/parley/v1/application_pb.ts";
import { ApplicationService } from "../../gen/parley/v1/application_service_pb.ts";
import { Chat_Kind, ChatSchema } from "../../gen/parley/v1/chat_pb.ts";
import type { ErrorReason } from "../../gen/parley/v1/error_reason_pb.ts";
import {
  Author_Type,
  AuthorSchema,
  BatchCreateMessagesRequestSchema,
  CreateMessageRequestSchema,
  MessageSchema,
} from "../../gen/parley/v1/message_pb.ts";
import { MessageService } from "../../gen/parley/v1/message_service_pb.ts";
import { SearchMessagesRequestSchema, SearchResultSchema } from "../../gen/parley/v1/search_pb.ts";
import { type ErrorExamples, type Example, type ExampleOptions, example } from "../docs/index.ts";

const created = timestampFromMs(Date.UTC(2026, 2, 2, 9, 30, 0, 125));
const changed = timestampFromMs(Date.UTC(2026, 2, 2, 9, 41, 7, 250));

const APPLICATION = {
  name: "applications/k3v9x2m7q8w1z5c4b6n0a2s8d7",
  displayName: "Bakery",
  chatsCount: 12,
  createTime: created,
  updateTime: changed,
  etag: "1-mm8q4c2x",
};

const CHAT = {
  name: `${APPLICATION.name}/chats/1`,
  number: 1,
  title: "Order 1045",
  kind: Chat_Kind.OPEN,
  metadata: { order: "1045" },
  messagesCount: 2,
  createTime: created,
  updateTime: created,
  lastMessageTime: changed,
  etag: "1-mm8q4c2x",
};

const AUTHOR = { user: "ada", displayName: "Ada", type: Author_Type.BACKEND };

const MESSAGE = {
  name: `${CHAT.name}/messages/1`,
  number: 1,
  content: { case: "body", value: "When will the cake be ready?" },
  author: AUTHOR,
  metadata: { locale: "en" },
  createTime: changed,
  updateTime: changed,
  etag: "1-mm8q4c2x",
} as const;

const TOMBSTONE = {
  name: MESSAGE.name,
  number: MESSAGE.number,
  author: AUTHOR,
  createTime: created,
  updateTime: changed,
  deleteTime: changed,
  etag: "2-mm8q5k7f",
};

const WITH_KEY = example(ApplicationSchema, {
  ...APPLICATION,
  chatsCount: 0,
  updateTime: created,
  apiKey: "parley_0123456789abcdefghijklmnopqrstuvwxyzABCDEFG",
});

/** What requests and answers look like: those of a bakery that talks to its customers. */
export const EXAMPLES: ExampleOptions = {
  messages: [
    example(ApplicationSchema, APPLICATION),
    example(ChatSchema, CHAT),
    example(MessageSchema, MESSAGE),
    example(AuthorSchema, AUTHOR),
    example(CreateMessageRequestSchema, { message: MESSAGE }),
    example(BatchCreateMessagesRequestSchema, {
      requests: [
        { message: MESSAGE },
        { message: { content: { case: "body", value: "We need it at six." }, author: AUTHOR } },
      ],
    }),
    example(SearchMessagesRequestSchema, { query: "cake" }),
    example(SearchResultSchema, { message: MESSAGE, snippet: "When will the <em>cake</em> be ready?" }),
  ],
  answers: new Map<DescMethod, Example>([
    [ApplicationService.method.createApplication, WITH_KEY],
    [ApplicationService.method.rotateApiKey, WITH_KEY],
    [MessageService.method.deleteMessage, example(MessageSchema, TOMBSTONE)],
  ]),
};

/** What errors look like. */
export const ERROR_EXAMPLES: ErrorExamples = {
  metadata: { resource: CHAT.name, request_id: "6f1c2a54-9d3e-4b7a-8c15-2e0f9b7d4a61" },
  details: {
    FIELD_INVALID: example(BadRequestSchema, {
      fieldViolations: [{ field: "chat.title", description: "must be at most 200 characters" }],
    }),
  } satisfies Partial<Record<keyof typeof ErrorReason, Example>>,
};
