import type { DescMethod } from "@bufbuild/protobuf";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import { BadRequestSchema, RetryInfoSchema } from "../../gen/google/rpc/error_details_pb.ts";
import { ApplicationSchema } from "../../gen/parley/v1/application_pb.ts";
import { ApplicationService } from "../../gen/parley/v1/application_service_pb.ts";
import {
  ActivateUserRequestSchema,
  ChangePasswordRequestSchema,
  LogInRequestSchema,
  RegisterUserRequestSchema,
  ResetPasswordRequestSchema,
  TokenKeySchema,
  TokensSchema,
} from "../../gen/parley/v1/auth_pb.ts";
import { ChatSchema } from "../../gen/parley/v1/chat_pb.ts";
import type { ErrorReason } from "../../gen/parley/v1/error_reason_pb.ts";
import {
  AddMembersRequestSchema,
  MarkReadRequestSchema,
  Member_Role,
  MemberSchema,
} from "../../gen/parley/v1/member_pb.ts";
import {
  AddReactionRequestSchema,
  AuthorSchema,
  BatchCreateMessagesRequestSchema,
  CreateMessageRequestSchema,
  MessageSchema,
  RemoveReactionRequestSchema,
} from "../../gen/parley/v1/message_pb.ts";
import { MessageService } from "../../gen/parley/v1/message_service_pb.ts";
import { SearchMessagesRequestSchema, SearchResultSchema } from "../../gen/parley/v1/search_pb.ts";
import { AssignSupportChatRequestSchema } from "../../gen/parley/v1/support_pb.ts";
import { SupportService } from "../../gen/parley/v1/support_service_pb.ts";
import { UserSchema } from "../../gen/parley/v1/user_pb.ts";
import { type ErrorExamples, type Example, type ExampleOptions, example } from "../docs/index.ts";
import {
  APPLICATION,
  AUTHOR,
  CHAT,
  MEMBER,
  MESSAGE,
  NEW_APPLICATION,
  SUPPORT_CHAT,
  TOKEN_KEY,
  TOKENS,
  TOMBSTONE,
  USER,
} from "./example-resources.ts";

const { parent, email, password } = {
  parent: APPLICATION.name,
  email: USER.email,
  password: "three geese on a bicycle",
};
const REACTION = { name: MESSAGE.name, emoji: "🎂", user: "ada" };
const REACTED = example(MessageSchema, { ...MESSAGE, reactions: [{ emoji: REACTION.emoji, users: ["ada"] }] });
const SESSION = example(ChatSchema, SUPPORT_CHAT);

/** What requests and answers look like: those of a bakery that talks to its customers. */
export const EXAMPLES: ExampleOptions = {
  messages: [
    example(ApplicationSchema, APPLICATION),
    example(UserSchema, USER),
    example(TokensSchema, TOKENS),
    example(TokenKeySchema, TOKEN_KEY),
    example(RegisterUserRequestSchema, { parent, email, password, displayName: USER.displayName }),
    example(ActivateUserRequestSchema, { parent, token: "bWFpbGVkIHRva2Vu", password, device: "Ada's phone" }),
    example(LogInRequestSchema, { parent, email, password, device: "Ada's phone" }),
    example(ChangePasswordRequestSchema, {
      name: USER.name,
      currentPassword: password,
      newPassword: "four geese on two bicycles",
    }),
    example(ResetPasswordRequestSchema, { parent, token: "bWFpbGVkIHRva2Vu", newPassword: password }),
    example(ChatSchema, CHAT),
    example(MemberSchema, MEMBER),
    example(AddMembersRequestSchema, { parent: CHAT.name, users: ["grace"], role: Member_Role.MEMBER }),
    example(MarkReadRequestSchema, { parent: CHAT.name, number: 1, user: "ada" }),
    example(MessageSchema, MESSAGE),
    example(AuthorSchema, AUTHOR),
    example(CreateMessageRequestSchema, { message: MESSAGE }),
    example(BatchCreateMessagesRequestSchema, {
      requests: [
        { message: MESSAGE },
        { message: { content: { case: "body", value: "We need it at six." }, author: AUTHOR } },
      ],
    }),
    example(AddReactionRequestSchema, REACTION),
    example(RemoveReactionRequestSchema, REACTION),
    example(SearchMessagesRequestSchema, { query: "cake" }),
    example(SearchResultSchema, { message: MESSAGE, snippet: "When will the <em>cake</em> be ready?" }),
    example(AssignSupportChatRequestSchema, { name: CHAT.name, agent: "grace" }),
  ],
  answers: new Map<DescMethod, Example>([
    [ApplicationService.method.createApplication, example(ApplicationSchema, NEW_APPLICATION)],
    [ApplicationService.method.rotateApiKey, example(ApplicationSchema, NEW_APPLICATION)],
    [MessageService.method.deleteMessage, example(MessageSchema, TOMBSTONE)],
    [MessageService.method.addReaction, REACTED],
    [SupportService.method.assignSupportChat, SESSION],
    [SupportService.method.closeSupportChat, SESSION],
    [SupportService.method.reopenSupportChat, SESSION],
  ]),
};

/** What errors look like. */
export const ERROR_EXAMPLES: ErrorExamples = {
  metadata: {
    resource: CHAT.name,
    request_id: "6f1c2a54-9d3e-4b7a-8c15-2e0f9b7d4a61",
    field: "message.author",
    limit: "user-messages-minute",
    until: "2026-03-02T10:00:00Z",
  },
  details: {
    FIELD_INVALID: example(BadRequestSchema, {
      fieldViolations: [{ field: "chat.title", description: "must be at most 200 characters" }],
    }),
    PASSWORD_WEAK: example(BadRequestSchema, {
      fieldViolations: [{ field: "password", description: "has 9 characters; choose one of 10 or more" }],
    }),
    RATE_LIMITED: example(RetryInfoSchema, { retryDelay: durationFromMs(12_000) }),
  } satisfies Partial<Record<keyof typeof ErrorReason, Example>>,
  headers: {
    RATE_LIMITED: {
      "Retry-After": { description: "seconds after which to repeat the call.", example: "12" },
      RateLimit: {
        description:
          "what is left of the limit, and the seconds until its window ends. Also of an answer that went " +
          "well, where a tenth or less is left.",
        example: '"user-messages-minute";r=0;t=12',
      },
      "RateLimit-Policy": {
        description: "the limit, and the length of its window in seconds; wherever `RateLimit` is.",
        example: '"user-messages-minute";q=60;w=60',
      },
    },
  } satisfies Partial<Record<keyof typeof ErrorReason, object>>,
};
