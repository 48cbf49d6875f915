import type { HandlerContext } from "@connectrpc/connect";
import {
  type ListMessagesRequest,
  ListMessagesRequest_Order,
  ListMessagesRequestSchema,
  type ListMessagesResponse,
} from "../../gen/parley/v1/message_pb.ts";
import { cutPage } from "../aip/page.ts";
import { coercePageSize, type PageSizes } from "../aip/page-size.ts";
import { NUMBER_CURSOR, parsePageToken } from "../aip/page-token.ts";
import { type ChatName, MAX_NUMBER, parseChatName } from "../aip/resource-name.ts";
import { millisFromTimestamp } from "../aip/timestamp.ts";
import { standingOf } from "../auth/standing.ts";
import { invalidFields, notFound } from "../rpc/errors.ts";
import type { AuthorMessages } from "./author-messages.ts";
import { isOfAllChats, listAuthorMessages } from "./list-author-messages.ts";
import { type MessagePage, pageAnswer } from "./message-page.ts";
import type { MessageReader } from "./message-reader.ts";
import type { NumberRange } from "./message-store.ts";
import { hidesNotes } from "./notes.ts";
import { countFitting } from "./page-weight.ts";
import type { ReadMessage } from "./read-message.ts";

function narrow(range: NumberRange, { after = 0, before = MAX_NUMBER + 1 }: Partial<NumberRange>): NumberRange {
  return { after: Math.max(range.after, after), before: Math.min(range.before, before) };
}

/** The numbers that a request's position and times allow. */
async function rangeOf(
  reader: MessageReader,
  chat: ChatName,
  { position, startTime, endTime }: ListMessagesRequest,
  signal: AbortSignal,
): Promise<NumberRange> {
  let range: NumberRange = { after: 0, before: MAX_NUMBER + 1 };
  if (position.case === "beforeNumber") range = narrow(range, { before: position.value });
  if (position.case === "afterNumber") range = narrow(range, { after: position.value });
  if (startTime) {
    const first = await reader.firstNumberAt(chat, millisFromTimestamp(startTime), signal);
    range = narrow(range, { after: (first ?? MAX_NUMBER + 1) - 1 });
  }
  if (endTime)
    range = narrow(range, { before: await numberBefore(reader, chat, millisFromTimestamp(endTime), signal) });
  return range;
}

/**
 * The number below which every message was created before a time. Where none is that late yet, it is the one after the
 * newest, so that what is created while the page is read, and may be too late, is not on it.
 */
async function numberBefore(reader: MessageReader, chat: ChatName, timeMs: number, signal: AbortSignal) {
  const whole = { after: 0, before: MAX_NUMBER + 1 };
  const [newest] = (await reader.list(chat, { ...whole, newestFirst: true, limit: 1 }, signal)) ?? [];
  return (await reader.firstNumberAt(chat, timeMs, signal)) ?? (newest?.number ?? 0) + 1;
}

/** What ListMessages works with. */
export type ListMessagesOptions = { reader: MessageReader; authors: AuthorMessages; pageSizes: PageSizes };

/** ListMessages: a page by number, or one of an author's messages in all chats. */
export async function listMessages(
  options: ListMessagesOptions,
  request: ListMessagesRequest,
  context: HandlerContext,
): Promise<ListMessagesResponse> {
  if (isOfAllChats(request)) return pageAnswer(await listAuthorMessages(options, request, context));
  const { values, signal } = context;
  return pageAnswer(await readPage(options, request, { withoutNotes: hidesNotes(standingOf(values)), signal }));
}

async function readPage(
  { reader, pageSizes }: Pick<ListMessagesOptions, "reader" | "pageSizes">,
  request: ListMessagesRequest,
  { withoutNotes, signal }: { withoutNotes: boolean; signal: AbortSignal },
): Promise<MessagePage> {
  const chat = parseChatName(request.parent, "parent");
  const size = coercePageSize(request.pageSize, pageSizes);
  const newestFirst = request.order !== ListMessagesRequest_Order.OLDEST_FIRST;
  const author = request.author || undefined;
  const cursor = parsePageToken(ListMessagesRequestSchema, request, NUMBER_CURSOR);
  const range = await rangeOf(reader, chat, request, signal);
  const read = async (query: NumberRange & { newestFirst: boolean; limit: number }) => {
    const messages = await reader.list(chat, { ...query, author, withoutNotes }, signal);
    if (!messages) throw notFound(request.parent);
    return messages;
  };
  if (request.position.case === "aroundNumber") {
    if (cursor) throw invalidFields([{ field: "page_token", description: "cannot be combined with around_number" }]);
    const messages = await readAround(read, range, request.position.value, size);
    return { messages: newestFirst ? messages.reverse() : messages, nextPageToken: "" };
  }
  const start = cursor === undefined ? {} : newestFirst ? { before: Number(cursor) } : { after: Number(cursor) };
  const messages = await read({ ...narrow(range, start), newestFirst, limit: size + 1 });
  const { page, nextPageToken } = cutPage(ListMessagesRequestSchema, request, messages, {
    size: Math.min(size, countFitting(messages)),
    cursorOf: (last) => String(last.number),
  });
  return { messages: page, nextPageToken };
}

/** The messages around a number, oldest first: half of the page on either side, more where the other side has less. */
async function readAround(
  read: (query: NumberRange & { newestFirst: boolean; limit: number }) => Promise<ReadMessage[]>,
  range: NumberRange,
  number: number,
  size: number,
): Promise<ReadMessage[]> {
  const older = await read({ ...narrow(range, { before: number + 1 }), newestFirst: true, limit: size });
  const newer = await read({ ...narrow(range, { after: number }), newestFirst: false, limit: size });
  const nearest = alternate(older, newer).slice(0, size);
  return nearest.slice(0, countFitting(nearest)).sort((a, b) => a.number - b.number);
}

/** Takes from both lists in turn, and what is left of the longer one. */
function alternate<T>(first: readonly T[], second: readonly T[]): T[] {
  const longest = Math.max(first.length, second.length);
  return Array.from({ length: longest }, (_, index) => [
    ...first.slice(index, index + 1),
    ...second.slice(index, index + 1),
  ]).flat();
}
