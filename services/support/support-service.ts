import { create } from "@bufbuild/protobuf";
import type { HandlerContext, ServiceImpl } from "@connectrpc/connect";
import { type ChangeSupport, ChangeSupportSchema, type SupportChanged } from "../../gen/parley/queue/v1/record_pb.ts";
import { type Chat, Chat_Kind, SupportState_Status } from "../../gen/parley/v1/chat_pb.ts";
import {
  type AssignSupportChatRequest,
  type ListSupportChatsRequest,
  ListSupportChatsRequestSchema,
} from "../../gen/parley/v1/support_pb.ts";
import type { SupportService } from "../../gen/parley/v1/support_service_pb.ts";
import { cutPage } from "../aip/page.ts";
import { coercePageSize, type PageSizes } from "../aip/page-size.ts";
import { NUMBER_CURSOR, parsePageToken } from "../aip/page-token.ts";
import { type ChatName, parseApplicationName, parseChatName } from "../aip/resource-name.ts";
import { actorOf, principalOf } from "../auth/principal.ts";
import { standingOf } from "../auth/standing.ts";
import { chatFromRow } from "../chat/chat-codec.ts";
import type { ChatStore } from "../chat/chat-store.ts";
import type { Facts } from "../facts/facts.ts";
import { seesNotes } from "../message/notes.ts";
import { kindMismatch, notFound } from "../rpc/errors.ts";
import type { Mutations } from "../write-path/mutations.ts";
import { agentFor } from "./support-agent.ts";
import { queryOf } from "./support-query.ts";
import type { SupportStore } from "./support-store.ts";

/** What the service works with. */
export type SupportServiceOptions = {
  sessions: SupportStore;
  chats: ChatStore;
  mutations: Mutations;
  facts: Pick<Facts, "user">;
  pageSizes: PageSizes;
};

/** A change of a session, and whether the session is in the state that it would bring. */
type Wanted = { name: string; etag?: string; kind: ChangeSupport["kind"]; isDone: (chat: Chat) => boolean };

/** SupportService, as in proto/parley/v1/support_service.proto. */
export function createSupportService(options: SupportServiceOptions): ServiceImpl<typeof SupportService> {
  return {
    listSupportChats: (request, context) => listSupportChats(options, request, context),
    assignSupportChat: (request, context) => assignSupportChat(options, request, context),

    closeSupportChat({ name }, context) {
      return change(options, { name, kind: { case: "close", value: true }, isDone: isClosed }, context);
    },

    reopenSupportChat({ name }, context) {
      const isDone = (chat: Chat) => !isClosed(chat);
      return change(options, { name, kind: { case: "reopen", value: true }, isDone }, context);
    },
  };
}

async function listSupportChats(
  { sessions, chats, pageSizes }: SupportServiceOptions,
  request: ListSupportChatsRequest,
  { signal, values }: HandlerContext,
): Promise<{ chats: Chat[]; nextPageToken: string }> {
  const parent = parseApplicationName(request.parent, "parent");
  const query = queryOf(request, principalOf(values));
  const after = Number(parsePageToken(ListSupportChatsRequestSchema, request, NUMBER_CURSOR) ?? 0);
  const size = coercePageSize(request.pageSize, pageSizes);
  await chats.catchUp(signal);
  const listed = await sessions.list(parent, query, { after, limit: size + 1 }, signal);
  if (listed.length === 0 && !(await chats.hasApplication(parent))) throw notFound(request.parent);
  const { page, nextPageToken } = cutPage(ListSupportChatsRequestSchema, request, listed, {
    size,
    cursorOf: ({ number }) => String(number),
  });
  return { chats: page, nextPageToken };
}

async function assignSupportChat(
  options: SupportServiceOptions,
  { name, agent: given, etag }: AssignSupportChatRequest,
  context: HandlerContext,
): Promise<Chat> {
  const { application } = parseChatName(name, "name");
  const agent = await agentFor(application, given, principalOf(context.values), options.facts);
  const isDone = ({ support }: Chat) => support?.agent === agent;
  return change(options, { name, etag, kind: { case: "assign", value: agent }, isDone }, context);
}

function isClosed({ support }: Chat): boolean {
  return support?.status === SupportState_Status.CLOSED;
}

/** Changes a session, as the writer judges. Where it is as wanted before, no number is spent on it. */
async function change(
  { chats, mutations }: SupportServiceOptions,
  { name, etag = "", kind, isDone }: Wanted,
  { signal, values }: HandlerContext,
): Promise<Chat> {
  const session = parseChatName(name, "name");
  const notes = seesNotes(standingOf(values));
  const before = await find(chats, session, { name, notes }, signal);
  if (before.kind !== Chat_Kind.SUPPORT) throw kindMismatch(name, before.kind, "it is no support session");
  if (etag === "" && isDone(before)) return before;
  const actor = actorOf(principalOf(values));
  const effect = await mutations.applyWithSystemMessage(
    (message) => ({ case: "changeSupport", value: create(ChangeSupportSchema, { name, actor, etag, message, kind }) }),
    name,
    session,
    signal,
  );
  // The verdict counts notes, which a customer must not.
  return notes ? (effect.value as SupportChanged).chat! : find(chats, session, { name, notes }, signal);
}

async function find(
  chats: ChatStore,
  session: ChatName,
  { name, notes }: { name: string; notes: boolean },
  signal: AbortSignal,
): Promise<Chat> {
  const row = await chats.findLatest(session, signal);
  if (!row) throw notFound(name);
  return chatFromRow(row, notes);
}
