import { create, toBinary } from "@bufbuild/protobuf";
import type { HandlerContext } from "@connectrpc/connect";
import { CreateChatSchema, WriteSchema } from "../../gen/parley/queue/v1/record_pb.ts";
import {
  type Chat,
  Chat_Kind,
  ChatSchema,
  type CreateChatRequest,
  CreateChatRequestSchema,
} from "../../gen/parley/v1/chat_pb.ts";
import { formatEtag } from "../aip/etag.ts";
import { checkMetadata } from "../aip/metadata.ts";
import { requestKey } from "../aip/request-id.ts";
import { type ChatName, formatChatName, parseApplicationName } from "../aip/resource-name.ts";
import { timestampFromMillis } from "../aip/timestamp.ts";
import { principalOf } from "../auth/principal.ts";
import { standingIn } from "../auth/relations.ts";
import type { Facts } from "../facts/facts.ts";
import { seesNotes } from "../message/notes.ts";
import type { CreateRequestKey, Numbered } from "../numbering/numbering.ts";
import { notFound } from "../rpc/errors.ts";
import { checkUsersExist } from "../user/existing-users.ts";
import { createRequestOf, numbersOf, submitCreate } from "../write-path/creates.ts";
import type { GroupCommit } from "../write-path/group-commit.ts";
import type { BuiltCreate } from "../write-path/pending-write.ts";
import { estimateBytes } from "../write-path/record-size.ts";
import { chatFromRow } from "./chat-codec.ts";
import type { ChatStore } from "./chat-store.ts";
import { directRequestKey, pairOf } from "./direct-pair.ts";
import { checkKind, checkSize, namedUsers } from "./new-chat-rules.ts";
import { checkSlowMode } from "./slow-mode.ts";
import { newSession, supportStateOf } from "./support-state.ts";

/** What CreateChat works with. */
export type CreateChatOptions = {
  store: ChatStore;
  facts: Facts;
  groups: GroupCommit;
  /** How many members a group may have. */
  membersMax: number;
};

/** A chat to create, as its request wants it. */
type Wanted = { application: string; chat: Chat; members: string[]; pair: string };

/** CreateChat: of a pair that has a direct chat, that chat. */
export async function createChat(
  options: CreateChatOptions,
  request: CreateChatRequest,
  context: HandlerContext,
): Promise<Chat> {
  const wanted = await checked(options, request, context);
  if (wanted.chat.kind === Chat_Kind.DIRECT) return createDirect(options, wanted, context.signal);
  const key = requestKey(CreateChatRequestSchema, request, context);
  const { chat, numbered } = await submit(options, wanted, key, context.signal);
  return chat ?? repeated(options, { application: wanted.application, chat: numbered.first }, context);
}

/** The chat that a repeated request made, as its caller sees it now; NOT_FOUND where it does not any more. */
async function repeated(
  { store, facts }: CreateChatOptions,
  name: ChatName,
  { values, signal }: HandlerContext,
): Promise<Chat> {
  const principal = principalOf(values);
  const row = await store.findLatest(name, signal);
  if (row && principal.kind !== "user") return chatFromRow(row, true);
  const standing = principal.kind === "user" && (await standingIn(name, principal, facts));
  if (!row || !standing) throw notFound(formatChatName(name));
  return chatFromRow(row, seesNotes(standing));
}

/** What is wanted, once all of it is allowed, and every user exists. */
async function checked(
  { facts, membersMax }: CreateChatOptions,
  request: CreateChatRequest,
  { values }: HandlerContext,
): Promise<Wanted> {
  const { application } = parseApplicationName(request.parent, "parent");
  const principal = principalOf(values);
  const given = request.chat!;
  const creator = principal.kind === "user" ? principal.user : given.creator;
  const chat = create(ChatSchema, { ...given, kind: given.kind || Chat_Kind.OPEN, creator });
  checkMetadata(chat.metadata, "chat.metadata");
  checkSlowMode(chat.slowMode, "chat.slow_mode");
  checkKind(chat, principal);
  await checkUsersExist(facts, application, namedUsers(given, principal));
  const members = [...new Set(given.members)].filter((user) => user !== creator);
  if (chat.kind === Chat_Kind.GROUP) checkSize(members, membersMax);
  const pair = chat.kind === Chat_Kind.DIRECT ? pairOf(creator, members[0]!) : "";
  return { application, chat, members, pair };
}

/** A chat that is deleted, or removed altogether, gives way to the next one of the pair. */
async function createDirect(options: CreateChatOptions, wanted: Wanted, signal: AbortSignal): Promise<Chat> {
  const { store } = options;
  await store.catchUp(signal);
  const newest = await store.newestOfPair(wanted, wanted.pair);
  if (newest && newest.deleteTime === null) return chatFromRow(newest, true);
  for (let after = newest?.number ?? 0; ; ) {
    const { chat, numbered } = await submit(options, wanted, directRequestKey(wanted.pair, after), signal);
    const made = chat ?? (await find(options, { application: wanted.application, chat: numbered.first }, signal));
    if (made) return made;
    after = numbered.first;
  }
}

async function find({ store }: CreateChatOptions, name: ChatName, signal: AbortSignal): Promise<Chat | undefined> {
  const row = await store.findLatest(name, signal);
  return row && chatFromRow(row, true);
}

/** Stores it: `chat` is undefined where the same request made one before, which may be deleted. */
async function submit(
  { groups }: CreateChatOptions,
  { application, chat: wanted, members, pair }: Wanted,
  request: CreateRequestKey | undefined,
  signal: AbortSignal,
): Promise<{ chat: Chat | undefined; numbered: Extract<Numbered, { kind: "assigned" | "repeated" }> }> {
  let chat: Chat | undefined;
  const build = (number: number, createTimeMs: number, epoch: number): BuiltCreate => {
    chat = newChat({ application, chat: wanted, members }, number, createTimeMs);
    const fields = { request: createRequestOf(request), chat, epoch: BigInt(epoch), members, pair };
    const value = create(CreateChatSchema, fields);
    return { write: toBinary(WriteSchema, create(WriteSchema, { kind: { case: "createChat", value } })) };
  };
  const bytes = estimateBytes(wanted.title + members.join(""), wanted.metadata);
  const wish = { application, count: 1, request };
  const committed = await submitCreate(groups, { kind: "create", request: wish, bytes, build }, signal);
  const numbered = numbersOf(committed, `applications/${application}`, request?.requestId ?? "");
  return { chat: numbered.kind === "assigned" ? chat : undefined, numbered };
}

function newChat(
  { application, chat: { title, kind, metadata, creator, slowMode }, members }: Omit<Wanted, "pair">,
  number: number,
  createTimeMs: number,
): Chat {
  const time = timestampFromMillis(createTimeMs);
  return create(ChatSchema, {
    name: formatChatName({ application, chat: number }),
    number,
    title,
    kind,
    metadata,
    creator,
    membersCount: kind === Chat_Kind.OPEN ? 0 : members.length + 1,
    slowMode: slowMode && slowMode.seconds > 0 ? slowMode : undefined,
    support: supportStateOf({ kind, ...newSession(kind) }),
    createTime: time,
    updateTime: time,
    etag: formatEtag({ revision: 1, updateTimeMs: createTimeMs }),
  });
}
