import { type ListChatsRequest, ListChatsRequestSchema, type ListChatsResponse } from "../../gen/parley/v1/chat_pb.ts";
import { cutPage } from "../aip/page.ts";
import { coercePageSize, type PageSizes } from "../aip/page-size.ts";
import { NUMBER_CURSOR, parsePageToken } from "../aip/page-token.ts";
import { MAX_NUMBER, parseApplicationName } from "../aip/resource-name.ts";
import { notFound } from "../rpc/errors.ts";
import { chatFromRow } from "./chat-codec.ts";
import type { ChatStore } from "./chat-store.ts";
import type { ChatViewer } from "./chat-viewer.ts";
import type { UserChats } from "./user-chats.ts";

/** What ListChats works with. */
export type ListChatsOptions = { store: ChatStore; userChats: UserChats; pageSizes: PageSizes };

type Page = Pick<ListChatsResponse, "chats" | "nextPageToken">;

/** `{activity in milliseconds}.{number}` */
const ACTIVITY_CURSOR = /^\d{1,16}\.[1-9]\d{0,9}$/;

/** ListChats of an application's backend: all chats, the newest first. */
export async function listChats(
  { store, pageSizes }: ListChatsOptions,
  request: ListChatsRequest,
  signal: AbortSignal,
): Promise<Page> {
  const parent = parseApplicationName(request.parent, "parent");
  const before = Number(parsePageToken(ListChatsRequestSchema, request, NUMBER_CURSOR) ?? MAX_NUMBER + 1);
  const size = coercePageSize(request.pageSize, pageSizes);
  await store.catchUp(signal);
  const rows = await store.list(parent, { before, limit: size + 1 }, signal);
  if (rows.length === 0 && !(await store.hasApplication(parent))) throw notFound(request.parent);
  const { page, nextPageToken } = cutPage(ListChatsRequestSchema, request, rows, {
    size,
    cursorOf: ({ number }) => String(number),
  });
  return { chats: page.map((row) => chatFromRow(row, true)), nextPageToken };
}

/** ListChats of a user, or as one: its own, that of the latest activity first. */
export async function listUserChats(
  { store, userChats, pageSizes }: ListChatsOptions,
  request: ListChatsRequest,
  viewer: ChatViewer,
  signal: AbortSignal,
): Promise<Page> {
  const cursor = parsePageToken(ListChatsRequestSchema, request, ACTIVITY_CURSOR)?.split(".").map(Number);
  const after = cursor && { activity: cursor[0]!, number: cursor[1]! };
  const size = coercePageSize(request.pageSize, pageSizes);
  await store.catchUp(signal);
  const query = { after, limit: size + 1, nowMs: Date.now() };
  const listed = await userChats.list(viewer, query, signal);
  const { page, nextPageToken } = cutPage(ListChatsRequestSchema, request, listed, {
    size,
    cursorOf: ({ place }) => `${place.activity}.${place.number}`,
  });
  return { chats: page.map(({ chat }) => chat), nextPageToken };
}
