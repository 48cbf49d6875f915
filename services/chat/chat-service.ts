import { create } from "@bufbuild/protobuf";
import { type Empty, EmptySchema } from "@bufbuild/protobuf/wkt";
import type { HandlerContext, ServiceImpl } from "@connectrpc/connect";
import { DeleteChatSchema, UpdateChatSchema } from "../../gen/parley/queue/v1/record_pb.ts";
import {
  type Chat,
  ChatSchema,
  type DeleteChatRequest,
  type GetChatRequest,
  type UpdateChatRequest,
} from "../../gen/parley/v1/chat_pb.ts";
import type { ChatService } from "../../gen/parley/v1/chat_service_pb.ts";
import { fieldsToUpdate } from "../aip/field-mask.ts";
import { checkMetadata } from "../aip/metadata.ts";
import type { PageSizes } from "../aip/page-size.ts";
import { parseApplicationName, parseChatName } from "../aip/resource-name.ts";
import { principalOf } from "../auth/principal.ts";
import { standingIn } from "../auth/relations.ts";
import { notFound } from "../rpc/errors.ts";
import type { Mutations } from "../write-path/mutations.ts";
import { chatFromRow } from "./chat-codec.ts";
import { chatViewer } from "./chat-viewer.ts";
import { type CreateChatOptions, createChat } from "./create-chat.ts";
import { listChats, listUserChats } from "./list-chats.ts";
import { checkSlowMode } from "./slow-mode.ts";
import type { UserChats } from "./user-chats.ts";

/** What the service works with. */
export type ChatServiceOptions = CreateChatOptions & {
  userChats: UserChats;
  mutations: Mutations;
  pageSizes: PageSizes;
};

/** ChatService, as in proto/parley/v1/chat_service.proto. */
export function createChatService(options: ChatServiceOptions): ServiceImpl<typeof ChatService> {
  return {
    createChat: (request, context) => createChat(options, request, context),
    getChat: (request, context) => getChat(options, request, context),
    async listChats(request, { values, signal }) {
      const named = { ...parseApplicationName(request.parent, "parent"), user: request.user };
      const viewer = await chatViewer(options, principalOf(values), named);
      if (!viewer) return listChats(options, request, signal);
      return listUserChats(options, request, viewer, signal);
    },
    updateChat: (request, context) => updateChat(options, request, context),
    deleteChat: (request, context) => deleteChat(options, request, context),
  };
}

async function getChat(
  options: ChatServiceOptions,
  { name, user }: GetChatRequest,
  { values, signal }: HandlerContext,
): Promise<Chat> {
  const { store, userChats, facts } = options;
  const key = parseChatName(name, "name");
  const row = await store.findLatest(key, signal);
  if (!row) throw notFound(name);
  const viewer = await chatViewer(options, principalOf(values), { application: key.application, user });
  if (!viewer) return chatFromRow(row, true);
  if (user !== "" && !(await standingIn(key, viewer, facts))) throw notFound(name);
  return userChats.view(row, viewer);
}

async function updateChat(
  { mutations }: ChatServiceOptions,
  { chat, updateMask }: UpdateChatRequest,
  { signal }: HandlerContext,
): Promise<Chat> {
  const { name, title, metadata, slowMode, etag } = chat!;
  parseChatName(name, "chat.name");
  checkMetadata(metadata, "chat.metadata");
  checkSlowMode(slowMode, "chat.slow_mode");
  const set = {
    title: title !== "",
    metadata: Object.keys(metadata).length > 0,
    slow_mode: slowMode !== undefined,
  };
  const fields = fieldsToUpdate(updateMask, set);
  const changed = create(ChatSchema, { name, title, metadata, slowMode, etag });
  const value = create(UpdateChatSchema, { chat: changed, fields });
  const effect = await mutations.apply({ case: "updateChat", value }, name, signal);
  return effect.value as Chat;
}

async function deleteChat(
  { mutations }: ChatServiceOptions,
  { name, force, etag }: DeleteChatRequest,
  { signal }: HandlerContext,
): Promise<Empty> {
  const counter = parseChatName(name, "name");
  const build = (numbered: number) => {
    return { case: "deleteChat", value: create(DeleteChatSchema, { name, force, etag, numbered }) } as const;
  };
  await mutations.delete(build, name, counter, signal);
  return create(EmptySchema);
}
