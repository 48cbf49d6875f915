import { randomUUID } from "node:crypto";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  type Applied,
  type ChangeMembers,
  ChangeMembersSchema,
  CreateChatSchema,
  CreateMessagesSchema,
  type CreateRequest,
  CreateRequestSchema,
  MarkReadSchema,
  type Mutation,
  MutationSchema,
  RecordSchema,
  type Write,
  WriteSchema,
} from "../../gen/parley/queue/v1/record_pb.ts";
import { Chat_Kind, ChatSchema } from "../../gen/parley/v1/chat_pb.ts";
import { Author_Type, type Message, MessageSchema } from "../../gen/parley/v1/message_pb.ts";
import { formatEtag } from "../../services/aip/etag.ts";
import {
  type ChatName,
  formatChatName,
  formatMemberName,
  formatMessageName,
  type MemberName,
} from "../../services/aip/resource-name.ts";
import { timestampFromMillis } from "../../services/aip/timestamp.ts";
import { newSystemMessage } from "../../services/message/new-system-message.ts";
import type { WriteQueue } from "../../services/write-queue/write-queue.ts";

/** The create_time of whatever does not say another. */
export const CREATE_TIME_MS = 1_700_000_000_000;

/** A message as it is queued. */
export function newMessage(
  chat: ChatName,
  number: number,
  {
    body = `message ${number}`,
    createTimeMs = CREATE_TIME_MS,
    user = "",
    type = Author_Type.BACKEND as Author_Type,
    internal = false,
    requestId = "",
    revision = 1,
  } = {},
): Message {
  const time = timestampFromMillis(createTimeMs);
  return create(MessageSchema, {
    name: formatMessageName({ ...chat, message: number }),
    number,
    content: { case: "body", value: body },
    author: { user, displayName: "", type },
    internal,
    requestId,
    createTime: time,
    updateTime: time,
    etag: formatEtag({ revision, updateTimeMs: createTimeMs }),
  });
}

/** What a create was asked with. */
export function createRequest(requestId: string, digest = 1): CreateRequest {
  return create(CreateRequestSchema, { principal: "admin", requestId, digest: Uint8Array.of(digest) });
}

/** The creation of a chat. */
export function chatWrite(
  name: ChatName,
  {
    title = "",
    kind = Chat_Kind.OPEN as Chat_Kind,
    creator = "",
    createTimeMs = CREATE_TIME_MS,
    request = undefined as CreateRequest | undefined,
    epoch = 0,
    members = [] as string[],
    pair = "",
  } = {},
): Write {
  const time = timestampFromMillis(createTimeMs);
  const chat = create(ChatSchema, {
    name: formatChatName(name),
    number: name.chat,
    title,
    kind,
    creator,
    createTime: time,
    updateTime: time,
  });
  const value = create(CreateChatSchema, { request, chat, epoch: BigInt(epoch), members, pair });
  return create(WriteSchema, { kind: { case: "createChat", value } });
}

/** The creation of messages of a chat. */
export function messagesWrite(chat: ChatName, messages: readonly Message[], request?: CreateRequest): Write {
  const value = create(CreateMessagesSchema, { ...chat, request, messages: [...messages] });
  return create(WriteSchema, { kind: { case: "createMessages", value } });
}

/** The creation of one message. */
export function messageWrite(
  chat: ChatName,
  number: number,
  { request, ...fields }: Parameters<typeof newMessage>[2] & { request?: CreateRequest } = {},
): Write {
  return messagesWrite(chat, [newMessage(chat, number, { ...fields, requestId: request?.requestId })], request);
}

/** A mutation, under an id of its own where none is given. */
export function mutationWrite(
  kind: Mutation["kind"],
  { id = randomUUID() as string, timeMs = CREATE_TIME_MS + 1_000 } = {},
): Write {
  const value = create(MutationSchema, { id, timeMs: BigInt(timeMs), kind });
  return create(WriteSchema, { kind: { case: "mutation", value } });
}

/** A change of a message's body. */
export function editWrite(
  name: string,
  body: string,
  { etag = "", ...options }: { etag?: string; id?: string; timeMs?: number } = {},
): Write {
  const message = create(MessageSchema, { name, content: { case: "body", value: body }, etag });
  const value = { $typeName: "parley.queue.v1.UpdateMessage", message, fields: ["body"] } as const;
  return mutationWrite({ case: "updateMessage", value: { ...value, fields: ["body"] } }, options);
}

/** The deletion of a message. */
export function deleteMessageWrite(
  name: string,
  { etag = "", ...options }: { etag?: string; id?: string } = {},
): Write {
  return mutationWrite(
    { case: "deleteMessage", value: { $typeName: "parley.queue.v1.DeleteMessage", name, etag } },
    options,
  );
}

/** The deletion of a chat. */
export function deleteChatWrite(name: string, { force = false, etag = "", numbered = 0 } = {}): Write {
  const value = { $typeName: "parley.queue.v1.DeleteChat", name, force, etag, numbered } as const;
  return mutationWrite({ case: "deleteChat", value });
}

/** The deletion of an application. */
export function deleteApplicationWrite(name: string, { force = false, etag = "", numbered = 0 } = {}): Write {
  const value = { $typeName: "parley.queue.v1.DeleteApplication", name, force, etag, numbered } as const;
  return mutationWrite({ case: "deleteApplication", value });
}

/** A change of members, with the system message of this number. */
export function membersWrite(
  chat: ChatName,
  number: number,
  kind: ChangeMembers["kind"],
  { actor = "", timeMs = CREATE_TIME_MS + 1_000 } = {},
): Write {
  const message = newSystemMessage(chat, number, timeMs);
  const value = create(ChangeMembersSchema, { chat: formatChatName(chat), actor, message, kind });
  return mutationWrite({ case: "changeMembers", value }, { timeMs });
}

/** A member's reading on; with `notes`, of an agent. */
export function readWrite(name: MemberName, number: number, notes = false): Write {
  const value = create(MarkReadSchema, { name: formatMemberName(name), number, notes });
  return create(WriteSchema, { kind: { case: "markRead", value } });
}

/** Appends writes as one record; resolves with its sequence. */
export function appendRecord(queue: WriteQueue, ...writes: Write[]): Promise<number> {
  return queue.append(toBinary(RecordSchema, create(RecordSchema, { writes })));
}

const PLENTY = { records: 10_000, bytes: 1_000_000_000 };

/** The verdicts in the queue after a record, in their order. */
export async function verdictsAfter(queue: WriteQueue, after: number): Promise<Applied[]> {
  if ((await queue.end()) <= after) return [];
  const records = await queue.read(after, PLENTY, new AbortController().signal);
  return records
    .flatMap(({ data }) => fromBinary(RecordSchema, data).writes)
    .flatMap(({ kind }) => (kind.case === "applied" ? [kind.value] : []));
}
