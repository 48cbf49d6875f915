import type { DescMethod } from "@bufbuild/protobuf";
import { ApplicationService } from "../../gen/parley/v1/application_service_pb.ts";
import { ChatService } from "../../gen/parley/v1/chat_service_pb.ts";
import { type ErrorReason, ErrorReasonSchema } from "../../gen/parley/v1/error_reason_pb.ts";
import { MessageService } from "../../gen/parley/v1/message_service_pb.ts";
import type { ErrorCatalog } from "../docs/index.ts";
import { ERROR_EXAMPLES } from "./examples.ts";
import { ERROR_DOMAIN, REFUSAL_REASONS } from "./refusal-reasons.ts";

type Where = NonNullable<ErrorCatalog["where"]>[string];

/** Methods that the admin key alone opens. */
export const ADMIN_METHODS: readonly DescMethod[] = [
  ApplicationService.method.createApplication,
  ApplicationService.method.listApplications,
  ApplicationService.method.deleteApplication,
];

const takes =
  (name: string): Where =>
  ({ method }) =>
    method.input.fields.some((field) => field.name === name);

const among =
  (...methods: readonly DescMethod[]): Where =>
  ({ method }) =>
    methods.includes(method);

const { createChat } = ChatService.method;
const { createMessage, batchCreateMessages, updateMessage } = MessageService.method;

const WHERE: Partial<Record<keyof typeof ErrorReason, Where>> = {
  METHOD_DENIED: among(...ADMIN_METHODS),
  PAGE_TOKEN_INVALID: takes("page_token"),
  RESOURCE_NOT_FOUND: ({ captures }) => captures.length > 0,
  REQUEST_ID_REUSED: takes("request_id"),
  HAS_CHILDREN: takes("force"),
  MESSAGE_DELETED: among(updateMessage),
  NUMBERS_EXHAUSTED: among(createChat, createMessage, batchCreateMessages),
};

/** Why calls fail, as the document tells it. */
export const ERRORS: ErrorCatalog = {
  reasons: ErrorReasonSchema,
  domain: ERROR_DOMAIN,
  refusals: REFUSAL_REASONS,
  where: WHERE,
  examples: ERROR_EXAMPLES,
};
