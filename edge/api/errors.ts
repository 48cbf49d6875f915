import type { DescMethod } from "@bufbuild/protobuf";
import { MethodOptions_IdempotencyLevel } from "@bufbuild/protobuf/wkt";
import { AuthService } from "../../gen/parley/v1/auth_service_pb.ts";
import { ChatService } from "../../gen/parley/v1/chat_service_pb.ts";
import { type ErrorReason, ErrorReasonSchema } from "../../gen/parley/v1/error_reason_pb.ts";
import { MemberService } from "../../gen/parley/v1/member_service_pb.ts";
import { MessageService } from "../../gen/parley/v1/message_service_pb.ts";
import { SupportService } from "../../gen/parley/v1/support_service_pb.ts";
import { UserService } from "../../gen/parley/v1/user_service_pb.ts";
import { DENIED_TO_MUTED, isPublic } from "../../services/auth/access-policy.ts";
import { methodPath } from "../../services/rpc/method-path.ts";
import type { ErrorCatalog } from "../docs/index.ts";
import { credentialsOf, deniesMethod, deniesRole, limitsFields } from "./access.ts";
import { ERROR_EXAMPLES } from "./examples.ts";
import { ERROR_DOMAIN, REFUSAL_REASONS } from "./refusal-reasons.ts";

type Where = NonNullable<ErrorCatalog["where"]>[string];

const takes =
  (name: string): Where =>
  ({ method }) =>
    method.input.fields.some((field) => field.name === name);

const among =
  (...methods: readonly DescMethod[]): Where =>
  ({ method }) =>
    methods.includes(method);

const asksForCredential: Where = ({ method }) => !isPublic(method);

const opensToUsers: Where = ({ method }) => credentialsOf(method).includes("userToken");

const writes = ({ idempotency }: DescMethod) => idempotency !== MethodOptions_IdempotencyLevel.NO_SIDE_EFFECTS;

const {
  activateUser,
  changePassword,
  createTokenKey,
  createUserTokens,
  logIn,
  logOut,
  refreshTokens,
  registerUser,
  resetPassword,
} = AuthService.method;
const { createChat, updateChat } = ChatService.method;
const { addMembers, removeMember, updateMember } = MemberService.method;
const { addReaction, batchCreateMessages, createMessage, deleteMessage, updateMessage } = MessageService.method;
const { assignSupportChat, closeSupportChat, reopenSupportChat } = SupportService.method;
const { createUser, updateUser } = UserService.method;

/** What is done to members and sessions, of which the chat tells in a message with a number. */
const TOLD = [addMembers, updateMember, removeMember, assignSupportChat, closeSupportChat, reopenSupportChat];

/** What somebody proves who it is by: a wrong proof and an application that is not there are answered alike. */
const PROVING: readonly DescMethod[] = [activateUser, logIn, logOut, refreshTokens, resetPassword];

const WHERE: Partial<Record<keyof typeof ErrorReason, Where>> = {
  CREDENTIAL_MISSING: asksForCredential,
  CREDENTIAL_INVALID: ({ method }) => !isPublic(method) || method === refreshTokens,
  TOKEN_EXPIRED: opensToUsers,
  LOGIN_FAILED: among(logIn),
  METHOD_DENIED: ({ method }) => deniesMethod(method),
  FIELD_DENIED: (call) =>
    writes(call.method) ? limitsFields(call.method) : takes("user")(call) || takes("email")(call),
  MUTED: ({ method }) => DENIED_TO_MUTED.has(methodPath(method)),
  ROLE_DENIED: ({ method }) => deniesRole(method),
  PAGE_TOKEN_INVALID: takes("page_token"),
  MAIL_TOKEN_INVALID: among(activateUser, resetPassword),
  REGISTRATION_CLOSED: among(registerUser),
  PASSWORD_WEAK: among(registerUser, changePassword, resetPassword),
  RESOURCE_NOT_FOUND: ({ captures, method }) => captures.length > 0 && !PROVING.includes(method),
  REQUEST_ID_REUSED: takes("request_id"),
  USER_ID_TAKEN: among(createUser, createUserTokens),
  EMAIL_TAKEN: among(createUser, updateUser),
  TOKEN_KEY_EXISTS: among(createTokenKey),
  HAS_CHILDREN: takes("force"),
  MESSAGE_DELETED: among(updateMessage, addReaction),
  LAST_OWNER: among(addMembers, updateMember, removeMember),
  KIND_MISMATCH: among(...TOLD, updateChat, createMessage, updateMessage, deleteMessage, addReaction),
  FULL: among(addMembers, addReaction, createTokenKey),
  NUMBERS_EXHAUSTED: among(createChat, createMessage, batchCreateMessages, ...TOLD),
};

/** Why calls fail, as the document tells it. */
export const ERRORS: ErrorCatalog = {
  reasons: ErrorReasonSchema,
  domain: ERROR_DOMAIN,
  refusals: REFUSAL_REASONS,
  where: WHERE,
  examples: ERROR_EXAMPLES,
};
