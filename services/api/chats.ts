import { ChatService } from "../../gen/parley/v1/chat_service_pb.ts";
import { MemberService } from "../../gen/parley/v1/member_service_pb.ts";
import { MessageService } from "../../gen/parley/v1/message_service_pb.ts";
import { SearchService } from "../../gen/parley/v1/search_service_pb.ts";
import { SupportService } from "../../gen/parley/v1/support_service_pb.ts";
import type { PageSizes } from "../aip/page-size.ts";
import { createChatService } from "../chat/chat-service.ts";
import { ChatStore } from "../chat/chat-store.ts";
import { UserChats } from "../chat/user-chats.ts";
import { createMemberService } from "../member/member-service.ts";
import { MemberStore } from "../member/member-store.ts";
import { AuthorMessages } from "../message/author-messages.ts";
import { MessageReader } from "../message/message-reader.ts";
import { createMessageService } from "../message/message-service.ts";
import { MessageStore } from "../message/message-store.ts";
import type { RpcRegistry } from "../rpc/rpc-registry.ts";
import { createSearchService } from "../search/search-service.ts";
import { createSupportService } from "../support/support-service.ts";
import { SupportStore } from "../support/support-store.ts";
import type { GroupCommit } from "../write-path/group-commit.ts";
import type { Mutations } from "../write-path/mutations.ts";
import type { ApiOptions } from "./options.ts";

/** What the services of chats share. */
type Shared = { groups: GroupCommit; mutations: Mutations; pageSizes: PageSizes };

/** Adds the services of chats, and of what is in them. */
export function addChatServices(
  registry: RpcRegistry,
  { settings, database, queue, recents, facts, index, horizon, metrics }: ApiOptions,
  { groups, mutations, pageSizes }: Shared,
): void {
  const { MEMBERS_MAX: membersMax } = settings;
  const chats = new ChatStore({ database, queue, horizon });
  const members = new MemberStore(database);
  const messages = new MessageStore(database);
  const reader = new MessageReader({ recents, store: messages, queue, horizon });
  metrics.watch({ recentReads: () => reader.reads });
  const userChats = new UserChats(database);
  const authors = new AuthorMessages({ database, chats });
  const sessions = new SupportStore(database);
  const shared = { facts, groups, mutations, pageSizes };
  registry.add(ChatService, createChatService({ ...shared, store: chats, userChats, membersMax }));
  registry.add(MemberService, createMemberService({ ...shared, store: members, chats, membersMax }));
  registry.add(MessageService, createMessageService({ ...shared, reader, authors }));
  registry.add(SearchService, createSearchService({ index, messages, chats, pageSizes }));
  registry.add(SupportService, createSupportService({ sessions, chats, mutations, facts, pageSizes }));
}
