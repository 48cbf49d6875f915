import { ApplicationService } from "../../gen/parley/v1/application_service_pb.ts";
import { ChatService } from "../../gen/parley/v1/chat_service_pb.ts";
import { MessageService } from "../../gen/parley/v1/message_service_pb.ts";
import { SearchService } from "../../gen/parley/v1/search_service_pb.ts";
import { text } from "../message-text.ts";
import { ACCOUNT_CASES, MEMBER_CASES, SUPPORT_CASES, USER_CASES, USER_END_CASES } from "./people-cases.ts";
import { type RpcCase, rpc } from "./rpc-case.ts";

const { method: applications } = ApplicationService;
const { method: chats } = ChatService;
const { method: messages } = MessageService;

const MESSAGE_CASES: readonly RpcCase[] = [
  rpc(chats.createChat, ({ application }) => ({
    parent: application,
    chat: { title: "Général 🎈", metadata: { b: "2", a: "1" } },
  })),
  rpc(messages.createMessage, ({ chat }) => ({
    parent: chat,
    message: {
      ...text("Grüße, 世界 👋\n<b>&amp;</b>"),
      author: { user: "u.1", displayName: "Ü" },
      metadata: { k: "v" },
    },
    requestId: "7b2f0c4e-6f0c-4a59-8d6b-0d4fdc1f3f11",
  })),
  rpc(messages.batchCreateMessages, ({ chat }) => ({
    parent: chat,
    requests: [{ message: text("one") }, { parent: chat, message: { ...text("two, @ada"), replyTo: 1 } }],
  })),
  rpc(messages.getMessage, ({ message }) => ({ name: message })),
  rpc(messages.listMessages, ({ chat }) => ({
    parent: chat,
    pageSize: 2,
    position: { case: "afterNumber" as const, value: 0 },
  })),
  rpc(SearchService.method.searchMessages, ({ chat }) => ({ parent: chat, query: "grüße 世界", pageSize: 1 })),
  rpc(messages.updateMessage, ({ message }) => ({
    message: { name: message, ...text("edited"), metadata: { x: "y" } },
    updateMask: { paths: ["body", "metadata"] },
  })),
  rpc(messages.addReaction, ({ message }) => ({ name: message, emoji: "👩‍💻", user: "ada" })),
  rpc(messages.removeReaction, ({ message }) => ({ name: message, emoji: "👩‍💻", user: "ada" })),
  rpc(messages.deleteMessage, ({ message }) => ({ name: message })),
  rpc(chats.getChat, ({ chat }) => ({ name: chat })),
  rpc(chats.listChats, ({ application }) => ({ parent: application, pageSize: 5 })),
  rpc(chats.updateChat, ({ chat }) => ({ chat: { name: chat, title: "renamed" }, updateMask: { paths: ["*"] } })),
];

/** A case for each RPC at least, in an order in which each finds what it needs. */
export const RPC_CASES: readonly RpcCase[] = [
  rpc(applications.createApplication, () => ({ application: { displayName: "Matrix" } }), { as: "admin" }),
  ...USER_CASES,
  ...MESSAGE_CASES,
  ...MEMBER_CASES,
  ...SUPPORT_CASES,
  ...ACCOUNT_CASES,
  ...USER_END_CASES,
  rpc(chats.deleteChat, ({ chat }) => ({ name: chat, force: true })),
  rpc(applications.getApplication, ({ application }) => ({ name: application })),
  rpc(applications.listApplications, () => ({ pageSize: 1 }), { as: "admin" }),
  rpc(applications.updateApplication, ({ application }) => ({
    application: { name: application, displayName: "New" },
  })),
  rpc(applications.rotateApiKey, ({ application }) => ({ name: application })),
  rpc(applications.deleteApplication, ({ application }) => ({ name: application, force: true }), { as: "admin" }),
];
