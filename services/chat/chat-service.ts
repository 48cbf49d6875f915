import { create, toBinary } from "@bufbuild/protobuf";
import { EmptySchema } from "@bufbuild/protobuf/wkt";
import type { HandlerContext, ServiceImpl } from "@connectrpc/connect";
import {
  CreateChatSchema,
  DeleteChatSchema,
  UpdateChatSchema,
  WriteSchema,
} from "../../gen/parley/queue/v1/record_pb.ts";
import {
  type Chat,
  Chat_Kind,
  ChatSchema,
  CreateChatRequestSchema,
  ListChatsRequestSchema,
} from "../../gen/parley/v1/chat_pb.ts";
import type { ChatService } from "../../gen/parley/v1/chat_service_pb.ts";
import { formatEtag } from "../aip/etag.ts";
import { fieldsToUpdate } from "../aip/field-mask.ts";
import { checkMetadata } from "../aip/metadata.ts";
import { coercePageSize, type PageSizes } from "../aip/page-size.ts";
import { formatPageToken, NUMBER_CURSOR, parsePageToken } from "../aip/page-token.ts";
import { requestKey } from "../aip/request-id.ts";
import { formatChatName, MAX_NUMBER, parseApplicationName, parseChatName } from "../aip/resource-name.ts";
import { timestampFromMillis } from "../aip/timestamp.ts";
import { notFound } from "../rpc/errors.ts";
import { createRequestOf, numbersOf, submitCreate } from "../write-path/creates.ts";
import type { GroupCommit } from "../write-path/group-commit.ts";
import type { Mutations } from "../write-path/mutations.ts";
import type { BuiltCreate } from "../write-path/pending-write.ts";
import { estimateBytes } from "../write-path/record-size.ts";
import { chatFromRow } from "./chat-codec.ts";
import type { ChatStore } from "./chat-store.ts";

/** What the service works with. */
export type ChatServiceOptions = {
  store: ChatStore;
  groups: GroupCommit;
  mutations: Mutations;
  pageSizes: PageSizes;
};

/** ChatService, as in proto/parley/v1/chat_service.proto. */
export function createChatService({
  store,
  groups,
  mutations,
  pageSizes,
}: ChatServiceOptions): ServiceImpl<typeof ChatService> {
  const get = async (name: string, signal: AbortSignal): Promise<Chat> => {
    const key = parseChatName(name, "name");
    await store.catchUp(signal);
    const row = await store.find(key);
    if (!row) throw notFound(name);
    return chatFromRow(row);
  };

  return {
    async createChat(request, context: HandlerContext): Promise<Chat> {
      const { application } = parseApplicationName(request.parent, "parent");
      const wanted = request.chat!;
      checkMetadata(wanted.metadata, "chat.metadata");
      const key = requestKey(CreateChatRequestSchema, request, context);
      let chat: Chat | undefined;
      const build = (number: number, createTimeMs: number, epoch: number): BuiltCreate => {
        chat = newChat(wanted, { application, chat: number }, createTimeMs);
        const value = create(CreateChatSchema, { request: createRequestOf(key), chat, epoch: BigInt(epoch) });
        return { write: toBinary(WriteSchema, create(WriteSchema, { kind: { case: "createChat", value } })) };
      };
      const bytes = estimateBytes(wanted.title, wanted.metadata);
      const committed = await submitCreate(
        groups,
        {
          kind: "create",
          request: { application, count: 1, request: key },
          bytes,
          build,
        },
        context.signal,
      );
      const numbered = numbersOf(committed, request.parent, request.requestId);
      if (numbered.kind === "assigned") return chat!;
      return get(formatChatName({ application, chat: numbered.first }), context.signal);
    },

    getChat({ name }, { signal }) {
      return get(name, signal);
    },

    async listChats(request, { signal }) {
      const parent = parseApplicationName(request.parent, "parent");
      const before = Number(parsePageToken(ListChatsRequestSchema, request, NUMBER_CURSOR) ?? MAX_NUMBER + 1);
      const size = coercePageSize(request.pageSize, pageSizes);
      await store.catchUp(signal);
      const rows = await store.list(parent, { before, limit: size + 1 }, signal);
      if (rows.length === 0 && !(await store.hasApplication(parent))) throw notFound(request.parent);
      const page = rows.slice(0, size);
      const more = rows.length > size;
      return {
        chats: page.map((row) => chatFromRow(row)),
        nextPageToken: more ? formatPageToken(ListChatsRequestSchema, request, String(page.at(-1)!.number)) : "",
      };
    },

    async updateChat({ chat, updateMask }, { signal }) {
      const { name, title, metadata, etag } = chat!;
      parseChatName(name, "chat.name");
      checkMetadata(metadata, "chat.metadata");
      const set = { title: title !== "", metadata: Object.keys(metadata).length > 0 };
      const fields = fieldsToUpdate(updateMask, set);
      const value = create(UpdateChatSchema, { chat: create(ChatSchema, { name, title, metadata, etag }), fields });
      const effect = await mutations.apply({ case: "updateChat", value }, name, signal);
      return effect.value as Chat;
    },

    async deleteChat({ name, force, etag }, { signal }) {
      const counter = parseChatName(name, "name");
      const build = (numbered: number) => {
        return { case: "deleteChat", value: create(DeleteChatSchema, { name, force, etag, numbered }) } as const;
      };
      await mutations.delete(build, name, counter, signal);
      return create(EmptySchema);
    },
  };
}

function newChat({ title, metadata }: Chat, name: { application: string; chat: number }, createTimeMs: number): Chat {
  return create(ChatSchema, {
    name: formatChatName(name),
    number: name.chat,
    title,
    kind: Chat_Kind.OPEN,
    metadata,
    createTime: timestampFromMillis(createTimeMs),
    updateTime: timestampFromMillis(createTimeMs),
    etag: formatEtag({ revision: 1, updateTimeMs: createTimeMs }),
  });
}
