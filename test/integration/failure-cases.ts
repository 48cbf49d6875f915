import { ApplicationService } from "../../gen/parley/v1/application_service_pb.ts";
import { ChatService } from "../../gen/parley/v1/chat_service_pb.ts";
import { ListMessagesRequest_Order } from "../../gen/parley/v1/message_pb.ts";
import { MessageService } from "../../gen/parley/v1/message_service_pb.ts";
import { SearchService } from "../../gen/parley/v1/search_service_pb.ts";
import { text } from "../message-text.ts";
import { about, type FailureCase, failing, foreignToken, invalid, reused, type Scene, stale } from "./failure-case.ts";
import { PEOPLE_FAILURES } from "./people-failures.ts";

const { method: applications } = ApplicationService;
const { method: chats } = ChatService;
const { method: messages } = MessageService;
const { searchMessages } = SearchService.method;

const hasChildren = (resource: (scene: Scene) => string) => about("FailedPrecondition", "HAS_CHILDREN", resource);

const FIELD_RULES: FailureCase[] = [
  failing(
    "no display_name",
    applications.createApplication,
    () => ({ application: {} }),
    invalid("application.display_name"),
    "admin",
  ),
  failing(
    "display_name of 101 code points",
    applications.createApplication,
    () => ({ application: { displayName: "🎈".repeat(101) } }),
    invalid("application.display_name"),
    "admin",
  ),
  failing("no application", applications.createApplication, () => ({}), invalid("application"), "admin"),
  failing("no message", messages.createMessage, ({ chat }) => ({ parent: chat }), invalid("message")),
  failing("no body", messages.createMessage, ({ chat }) => ({ parent: chat, message: {} }), invalid("message.body")),
  failing(
    "several rules at once",
    messages.createMessage,
    ({ chat }) => ({
      parent: chat,
      message: { ...text(" \u3000\u00a0"), author: { user: "no spaces" }, metadata: { "": "x" } },
      requestId: "not a UUID",
    }),
    invalid("message.body", "message.author.user", 'message.metadata[""]', "request_id"),
  ),
  failing(
    "one bad message",
    messages.batchCreateMessages,
    ({ chat }) => ({ parent: chat, requests: [{ message: text("good") }, { message: text(" ") }] }),
    invalid("requests[1].message.body"),
  ),
  failing(
    "a request_id of a single message",
    messages.batchCreateMessages,
    ({ chat, requestId }) => ({ parent: chat, requests: [{ message: text("x"), requestId }] }),
    invalid("requests[0].request_id"),
  ),
  failing(
    "title of 201 code points",
    chats.createChat,
    ({ application }) => ({ parent: application, chat: { title: "é".repeat(201) } }),
    invalid("chat.title"),
  ),
  failing(
    "unknown kind",
    chats.createChat,
    ({ application }) => ({ parent: application, chat: { kind: 99 as never } }),
    invalid("chat.kind"),
  ),
  failing(
    "number above int32",
    messages.getMessage,
    ({ chat }) => ({ name: `${chat}/messages/2147483648` }),
    invalid("name"),
  ),
  failing(
    "a field that cannot be updated",
    chats.updateChat,
    ({ chat }) => ({ chat: { name: chat }, updateMask: { paths: ["number"] } }),
    invalid("update_mask"),
  ),
  failing(
    "a mask that names a body that is not there",
    messages.updateMessage,
    ({ message }) => ({ message: { name: message }, updateMask: { paths: ["*"] } }),
    invalid("message.body"),
  ),
  failing("only white space", searchMessages, ({ chat }) => ({ parent: chat, query: " " }), invalid("query")),
  failing("33 words", searchMessages, ({ chat }) => ({ parent: chat, query: "a ".repeat(33) }), invalid("query")),
  failing(
    "before number 0",
    messages.listMessages,
    ({ chat }) => ({ parent: chat, position: { case: "beforeNumber" as const, value: 0 } }),
    invalid("before_number"),
  ),
];

const NEGATIVE_PAGES: FailureCase[] = [
  failing("negative page size", applications.listApplications, () => ({ pageSize: -1 }), invalid("page_size"), "admin"),
  failing(
    "negative page size",
    chats.listChats,
    ({ application }) => ({ parent: application, pageSize: -1 }),
    invalid("page_size"),
  ),
  failing(
    "negative page size",
    messages.listMessages,
    ({ chat }) => ({ parent: chat, pageSize: -1 }),
    invalid("page_size"),
  ),
  failing(
    "negative page size",
    searchMessages,
    ({ chat }) => ({ parent: chat, query: "x", pageSize: -1 }),
    invalid("page_size"),
  ),
];

const FOREIGN_TOKENS: FailureCase[] = [
  failing(
    "token of another method",
    applications.listApplications,
    ({ chatsPageToken: pageToken }) => ({ pageToken }),
    foreignToken,
    "admin",
  ),
  failing(
    "no token at all",
    chats.listChats,
    ({ application }) => ({ parent: application, pageToken: "???" }),
    foreignToken,
  ),
  failing(
    "token of another method",
    chats.listChats,
    ({ application, messagesPageToken: pageToken }) => ({ parent: application, pageToken }),
    foreignToken,
  ),
  failing(
    "token of another chat",
    messages.listMessages,
    ({ application, messagesPageToken: pageToken }) => ({ parent: `${application}/chats/2`, pageToken }),
    foreignToken,
  ),
  failing(
    "token of another order",
    messages.listMessages,
    ({ chat, messagesPageToken: pageToken }) => ({
      parent: chat,
      pageToken,
      order: ListMessagesRequest_Order.OLDEST_FIRST,
    }),
    foreignToken,
  ),
  failing(
    "token of a list",
    searchMessages,
    ({ chat, messagesPageToken: pageToken }) => ({ parent: chat, query: "x", pageToken }),
    foreignToken,
  ),
];

const ETAGS: FailureCase[] = [
  failing(
    "other etag",
    applications.updateApplication,
    ({ application }) => ({ application: { name: application, displayName: "x", etag: "old" } }),
    stale((scene) => scene.application),
  ),
  failing(
    "other etag",
    applications.deleteApplication,
    ({ application }) => ({ name: application, force: true, etag: "old" }),
    stale((scene) => scene.application),
    "admin",
  ),
  failing(
    "other etag",
    chats.updateChat,
    ({ chat }) => ({ chat: { name: chat, title: "x", etag: "old" } }),
    stale(({ chat }) => chat),
  ),
  failing(
    "other etag",
    chats.deleteChat,
    ({ chat }) => ({ name: chat, force: true, etag: "old" }),
    stale(({ chat }) => chat),
  ),
  failing(
    "other etag",
    messages.updateMessage,
    ({ message }) => ({ message: { name: message, ...text("x"), etag: "old" } }),
    stale(({ message }) => message),
  ),
  failing(
    "other etag",
    messages.deleteMessage,
    ({ message }) => ({ name: message, etag: "old" }),
    stale(({ message }) => message),
  ),
];

const STATES: FailureCase[] = [
  failing(
    "has chats",
    applications.deleteApplication,
    ({ application }) => ({ name: application }),
    hasChildren((scene) => scene.application),
    "admin",
  ),
  failing(
    "has messages",
    chats.deleteChat,
    ({ chat }) => ({ name: chat }),
    hasChildren(({ chat }) => chat),
  ),
  failing(
    "a tombstone",
    messages.updateMessage,
    ({ tombstone }) => ({ message: { name: tombstone, ...text("x") } }),
    about("FailedPrecondition", "MESSAGE_DELETED", ({ tombstone }) => tombstone),
  ),
];

const REQUEST_IDS: FailureCase[] = [
  failing(
    "request_id of another request",
    applications.createApplication,
    ({ requestId }) => ({ application: { displayName: "other" }, requestId }),
    reused,
    "admin",
  ),
  failing(
    "request_id of another request",
    chats.createChat,
    ({ application, requestId }) => ({ parent: application, chat: { title: "other" }, requestId }),
    reused,
  ),
  failing(
    "request_id of another request",
    messages.createMessage,
    ({ chat, requestId }) => ({ parent: chat, message: text("other"), requestId }),
    reused,
  ),
  failing(
    "request_id of a single message",
    messages.batchCreateMessages,
    ({ chat, requestId }) => ({ parent: chat, requests: [{ message: text("live") }], requestId }),
    reused,
  ),
];

/** Failures that need more than a name or a credential that is wrong. */
export const FAILURE_CASES: readonly FailureCase[] = [
  ...FIELD_RULES,
  ...NEGATIVE_PAGES,
  ...FOREIGN_TOKENS,
  ...ETAGS,
  ...STATES,
  ...REQUEST_IDS,
  ...PEOPLE_FAILURES,
];
