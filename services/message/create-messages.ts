import { create } from "@bufbuild/protobuf";
import type { HandlerContext } from "@connectrpc/connect";
import { CreateMessagesSchema, WriteSchema } from "../../gen/parley/queue/v1/record_pb.ts";
import { Author_Type, AuthorSchema, type Message, MessageSchema } from "../../gen/parley/v1/message_pb.ts";
import { formatEtag } from "../aip/etag.ts";
import { checkMetadata } from "../aip/metadata.ts";
import { type ChatName, formatChatName, formatMessageName } from "../aip/resource-name.ts";
import { timestampFromMillis } from "../aip/timestamp.ts";
import type { CreateRequestKey } from "../numbering/numbering.ts";
import { type FieldViolation, invalidFields, notFound } from "../rpc/errors.ts";
import { createRequestOf, numbersOf } from "../write-path/creates.ts";
import type { GroupCommit } from "../write-path/group-commit.ts";
import type { BuiltCreate } from "../write-path/pending-write.ts";
import type { MessageReader } from "./message-reader.ts";

const OVERHEAD_BYTES = 250;
/** Bytes of UTF-8 that a UTF-16 code unit takes at most. */
const BYTES_PER_UNIT = 3;

/** Messages to create in one chat under one request_id. */
export type MessagesToCreate = {
  chat: ChatName;
  /** As the caller wrote them; checked by checkNewMessage. */
  messages: readonly Message[];
  request: CreateRequestKey | undefined;
};

/** Checks what the contract's rules do not say of a message to create. `field` is its place in the request. */
export function checkNewMessage(message: Message, field: string): void {
  const violations: FieldViolation[] = [];
  if (message.content.case === undefined) violations.push({ field: `${field}.body`, description: "is required" });
  if (violations.length > 0) throw invalidFields(violations);
  checkMetadata(message.metadata, `${field}.metadata`);
}

/** The message as it is stored and answered. */
function finish(wanted: Message, chat: ChatName, number: number, createTimeMs: number, requestId: string): Message {
  const { user = "", displayName = "" } = wanted.author ?? {};
  const time = timestampFromMillis(createTimeMs);
  return create(MessageSchema, {
    name: formatMessageName({ ...chat, message: number }),
    number,
    content: wanted.content,
    author: create(AuthorSchema, { user, displayName, type: Author_Type.BACKEND }),
    metadata: wanted.metadata,
    requestId,
    createTime: time,
    updateTime: time,
    etag: formatEtag({ revision: 1, updateTimeMs: createTimeMs }),
  });
}

function estimateBytes(messages: readonly Message[]): number {
  return messages.reduce((sum, { content, metadata }) => {
    let units = content.value?.length ?? 0;
    for (const key in metadata) units += key.length + metadata[key]!.length;
    return sum + OVERHEAD_BYTES + BYTES_PER_UNIT * units;
  }, 0);
}

/** Creates messages under consecutive numbers; a repeated request resolves with what it made before. */
export async function createMessages(
  { groups, reader }: { groups: GroupCommit; reader: MessageReader },
  { chat, messages, request }: MessagesToCreate,
  { signal }: HandlerContext,
): Promise<Message[]> {
  const requestId = request?.requestId ?? "";
  let made: Message[] = [];
  const build = (first: number, createTimeMs: number): BuiltCreate => {
    made = messages.map((message, index) => finish(message, chat, first + index, createTimeMs, requestId));
    const value = create(CreateMessagesSchema, { ...chat, request: createRequestOf(request), messages: made });
    const write = create(WriteSchema, { kind: { case: "createMessages", value } });
    return { write, recent: { chat, messages: made } };
  };
  const committed = await groups.submit({
    kind: "create",
    request: { ...chat, count: messages.length, request },
    bytes: estimateBytes(messages),
    build,
  });
  const numbered = numbersOf(committed, formatChatName(chat), requestId);
  if (numbered.kind === "assigned") return made;
  const before = await reader.getRange(chat, numbered.first, messages.length, signal);
  if (!before) throw notFound(formatMessageName({ ...chat, message: numbered.first }));
  return before;
}
