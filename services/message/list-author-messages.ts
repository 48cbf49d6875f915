import type { HandlerContext } from "@connectrpc/connect";
import { type ListMessagesRequest, ListMessagesRequestSchema } from "../../gen/parley/v1/message_pb.ts";
import { cutPage } from "../aip/page.ts";
import { coercePageSize, type PageSizes } from "../aip/page-size.ts";
import { parsePageToken } from "../aip/page-token.ts";
import { parseApplicationName } from "../aip/resource-name.ts";
import { isAgentRole } from "../auth/agent-role.ts";
import { type Principal, principalOf } from "../auth/principal.ts";
import { invalidFields, notFound } from "../rpc/errors.ts";
import type { AuthorMessages, Viewer } from "./author-messages.ts";
import type { MessagePage } from "./message-page.ts";
import { countFitting } from "./page-weight.ts";
import { MessageOfRow } from "./read-message.ts";

/** Ends a parent that stands for all chats of an application. */
const ALL_CHATS = "/chats/-";
/** A commit mark. */
const CURSOR = /^[1-9]\d{0,15}$/;

/** Whether a list is one of an author's messages in all chats. */
export function isOfAllChats({ parent }: Pick<ListMessagesRequest, "parent">): boolean {
  return parent.endsWith(ALL_CHATS);
}

/** A page of ListMessages with the parent `applications/{token}/chats/-`: what an author wrote, the latest first. */
export async function listAuthorMessages(
  { authors, pageSizes }: { authors: AuthorMessages; pageSizes: PageSizes },
  request: ListMessagesRequest,
  { values, signal }: HandlerContext,
): Promise<MessagePage> {
  checkRequest(request);
  const parent = parseApplicationName(request.parent.slice(0, -ALL_CHATS.length), "parent");
  const size = coercePageSize(request.pageSize, pageSizes);
  const before = Number(parsePageToken(ListMessagesRequestSchema, request, CURSOR) ?? Number.MAX_SAFE_INTEGER);
  const query = { author: request.author, before, limit: size + 1, viewer: viewerOf(principalOf(values)) };
  const rows = await authors.list(parent, query, signal);
  if (!rows) throw notFound(request.parent);
  const read = rows.map((row) => new MessageOfRow(row));
  const { page, nextPageToken } = cutPage(ListMessagesRequestSchema, request, rows, {
    size: Math.min(size, countFitting(read)),
    cursorOf: ({ createSeq }) => String(createSeq),
  });
  return { messages: read.slice(0, page.length), nextPageToken };
}

function checkRequest({ author, order, position, startTime, endTime }: ListMessagesRequest): void {
  if (author === "")
    throw invalidFields([{ field: "author", description: "is required where parent is of all chats" }]);
  const given = [
    ...(order === 0 ? [] : ["order"]),
    ...(position.case === undefined ? [] : [POSITION_FIELDS[position.case]]),
    ...(startTime ? ["start_time"] : []),
    ...(endTime ? ["end_time"] : []),
  ];
  if (given.length === 0) return;
  throw invalidFields(given.map((field) => ({ field, description: "must be left out where parent is of all chats" })));
}

const POSITION_FIELDS = {
  beforeNumber: "before_number",
  afterNumber: "after_number",
  aroundNumber: "around_number",
} as const;

function viewerOf(principal: Principal): Viewer {
  if (principal.kind !== "user") return { kind: "backend" };
  const { user, role } = principal;
  return { kind: "user", user, isAgent: isAgentRole(role) };
}
