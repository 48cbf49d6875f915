import { create, type DescMessage, type DescMethod, type MessageShape } from "@bufbuild/protobuf";
import {
  CreateMessageRequestSchema,
  GetMessageRequestSchema,
  ListMessagesRequestSchema,
} from "../../gen/parley/v1/message_pb.ts";
import { MessageService } from "../../gen/parley/v1/message_service_pb.ts";
import { SearchMessagesRequestSchema } from "../../gen/parley/v1/search_pb.ts";
import { SearchService } from "../../gen/parley/v1/search_service_pb.ts";
import type { SearchedParley } from "../installation/searched-parley.ts";
import { encodeRequest } from "./grpc-load.ts";
import { createRequest } from "./workload.ts";

/**
 * "old" is what the database alone has, in a chat that grows with all others. The chat of "search" is the same at each
 * size; "search grown" is in the one that grows, and has more matches to look through.
 */
export const OPERATIONS = [
  "create",
  "get recent",
  "get old",
  "list recent",
  "list old",
  "search",
  "search grown",
] as const;
export type Operation = (typeof OPERATIONS)[number];

/** Requests of one method, as gRPC frames them, and equally long. */
export type TurningRequests = { method: DescMethod; requests: readonly Uint8Array[] };

/** Words to look for and numbers of old messages, each equally long. */
export type GrowthTurns = { words: readonly string[]; grownWords: readonly string[]; numbers: readonly number[] };

export const PAGE_SIZE = 20;
/** Where messages are created. */
const WRITTEN_CHAT = 2;
/** Where old messages are read and searched. */
export const GROWN_CHAT = 4;

/** @param recent a chat with more messages than a page that are held, and the name of one of them */
export function growthRequests(
  { tenant, chat }: Pick<SearchedParley, "tenant" | "chat">,
  recent: { parent: string; name: string },
  { words, grownWords, numbers }: GrowthTurns,
): Record<Operation, TurningRequests> {
  const grown = `${tenant.name}/chats/${GROWN_CHAT}`;
  const written = createRequest(`${tenant.name}/chats/${WRITTEN_CHAT}`);
  return {
    create: turning(MessageService.method.createMessage, CreateMessageRequestSchema, [written]),
    "get recent": gets([recent.name]),
    "get old": gets(numbers.map((number) => `${grown}/messages/${number}`)),
    "list recent": lists(recent.parent, [undefined]),
    "list old": lists(grown, numbers),
    search: searches(chat, words),
    "search grown": searches(grown, grownWords),
  };
}

function gets(names: readonly string[]): TurningRequests {
  const requests = names.map((name) => create(GetMessageRequestSchema, { name }));
  return turning(MessageService.method.getMessage, GetMessageRequestSchema, requests);
}

/** Pages of a chat: below a number, or the newest. */
function lists(parent: string, before: readonly (number | undefined)[]): TurningRequests {
  const requests = before.map((value) => {
    const position = value === undefined ? undefined : ({ case: "beforeNumber", value } as const);
    return create(ListMessagesRequestSchema, { parent, pageSize: PAGE_SIZE, position });
  });
  return turning(MessageService.method.listMessages, ListMessagesRequestSchema, requests);
}

function searches(parent: string, words: readonly string[]): TurningRequests {
  const requests = words.map((query) => create(SearchMessagesRequestSchema, { parent, query, pageSize: PAGE_SIZE }));
  return turning(SearchService.method.searchMessages, SearchMessagesRequestSchema, requests);
}

function turning<Desc extends DescMessage>(
  method: DescMethod,
  schema: Desc,
  requests: readonly MessageShape<Desc>[],
): TurningRequests {
  return { method, requests: requests.map((request) => encodeRequest(schema, request)) };
}
