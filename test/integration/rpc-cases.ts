import type { DescMessage, DescMethodUnary, MessageInitShape } from "@bufbuild/protobuf";
import { ApplicationService } from "../../gen/parley/v1/application_service_pb.ts";
import { ChatService } from "../../gen/parley/v1/chat_service_pb.ts";
import { MessageService } from "../../gen/parley/v1/message_service_pb.ts";
import { SearchService } from "../../gen/parley/v1/search_service_pb.ts";

/** The names that a case's request may speak of. */
export type Names = { application: string; chat: string; message: string };

/** A call that succeeds where the cases before it did. */
export type RpcCase<I extends DescMessage = DescMessage> = {
  method: DescMethodUnary<I>;
  as: "admin" | "application";
  request(names: Names): MessageInitShape<I>;
};

function rpc<I extends DescMessage>(
  method: DescMethodUnary<I>,
  request: (names: Names) => MessageInitShape<NoInfer<I>>,
  as: RpcCase["as"] = "application",
): RpcCase {
  return { method, as, request: request as RpcCase["request"] };
}

const text = (body: string) => ({ content: { case: "body" as const, value: body } });

const { method: applications } = ApplicationService;
const { method: chats } = ChatService;
const { method: messages } = MessageService;

/** A case for each RPC, in an order in which each finds what it needs; the first three make what `Names` speaks of. */
export const RPC_CASES: readonly RpcCase[] = [
  rpc(applications.createApplication, () => ({ application: { displayName: "Matrix" } }), "admin"),
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
    requests: [{ message: text("one") }, { parent: chat, message: text("two") }],
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
  rpc(messages.deleteMessage, ({ message }) => ({ name: message })),
  rpc(chats.getChat, ({ chat }) => ({ name: chat })),
  rpc(chats.listChats, ({ application }) => ({ parent: application, pageSize: 5 })),
  rpc(chats.updateChat, ({ chat }) => ({ chat: { name: chat, title: "renamed" }, updateMask: { paths: ["*"] } })),
  rpc(chats.deleteChat, ({ chat }) => ({ name: chat, force: true })),
  rpc(applications.getApplication, ({ application }) => ({ name: application })),
  rpc(applications.listApplications, () => ({ pageSize: 1 }), "admin"),
  rpc(applications.updateApplication, ({ application }) => ({
    application: { name: application, displayName: "New" },
  })),
  rpc(applications.rotateApiKey, ({ application }) => ({ name: application })),
  rpc(applications.deleteApplication, ({ application }) => ({ name: application, force: true }), "admin"),
];
