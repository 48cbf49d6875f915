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
import { encodeRequest, grpcLoad } from "./grpc-load.ts";
import { runH2load } from "./h2load.ts";
import { turnBody } from "./turning-body.ts";
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

export type GrowthLoads = {
  /** Sends one kind of operation; what it asks for keeps changing meanwhile. Resolves with how long one took, in seconds. */
  time(operation: Operation, count: number): Promise<number>;
  /** How many messages were created. */
  created(): number;
};

const PAGE_SIZE = 20;
const RECENT_MESSAGES = PAGE_SIZE + 1;
/** Where messages are created, and where there are some that were created before. */
const [WRITTEN_CHAT, RECENT_CHAT] = [2, 3];
/** Where old messages are read and searched. */
export const GROWN_CHAT = 4;

/** @param turns words to look for and numbers of old messages, each equally long */
export async function growthLoads(
  { grpcAddress, tenant, chat }: SearchedParley,
  turns: { words: readonly string[]; grownWords: readonly string[]; numbers: readonly number[] },
): Promise<GrowthLoads> {
  const recent = await createRecent({ tenant });
  const get = (names: readonly string[]) =>
    turning(
      MessageService.method.getMessage,
      GetMessageRequestSchema,
      names.map((name) => create(GetMessageRequestSchema, { name })),
    );
  const list = (parent: string, before: readonly (number | undefined)[]) =>
    turning(
      MessageService.method.listMessages,
      ListMessagesRequestSchema,
      before.map((value) => {
        const position = value === undefined ? undefined : ({ case: "beforeNumber", value } as const);
        return create(ListMessagesRequestSchema, { parent, pageSize: PAGE_SIZE, position });
      }),
    );
  const search = (parent: string, words: readonly string[]) =>
    turning(
      SearchService.method.searchMessages,
      SearchMessagesRequestSchema,
      words.map((query) => create(SearchMessagesRequestSchema, { parent, query, pageSize: PAGE_SIZE })),
    );
  const grown = `${tenant.name}/chats/${GROWN_CHAT}`;
  const written = createRequest(`${tenant.name}/chats/${WRITTEN_CHAT}`);
  const all: Record<Operation, TurningRequests> = {
    create: turning(MessageService.method.createMessage, CreateMessageRequestSchema, [written]),
    "get recent": get([recent.name]),
    "get old": get(turns.numbers.map((number) => `${grown}/messages/${number}`)),
    "list recent": list(recent.parent, [undefined]),
    "list old": list(grown, turns.numbers),
    search: search(chat, turns.words),
    "search grown": search(grown, turns.grownWords),
  };
  let created = RECENT_MESSAGES;
  return {
    created: () => created,
    async time(operation, count) {
      const { method, requests } = all[operation];
      const body = await turnBody(requests[0]!, requests);
      try {
        const { seconds } = await runH2load(grpcLoad(method, grpcAddress, body.path, tenant.key), count);
        if (operation === "create") created += count;
        return seconds / count;
      } finally {
        await body.close();
      }
    },
  };
}

/** Requests of one method, as gRPC frames them, and equally long. */
type TurningRequests = { method: DescMethod; requests: readonly Uint8Array[] };

function turning<Desc extends DescMessage>(
  method: DescMethod,
  schema: Desc,
  requests: readonly MessageShape<Desc>[],
): TurningRequests {
  return { method, requests: requests.map((request) => encodeRequest(schema, request)) };
}

/** More messages than a page, the newest of their chat. */
async function createRecent({ tenant }: Pick<SearchedParley, "tenant">): Promise<{ parent: string; name: string }> {
  const parent = `${tenant.name}/chats/${RECENT_CHAT}`;
  const request = createRequest(parent);
  let name = "";
  for (let count = 0; count < RECENT_MESSAGES; count++) ({ name } = await tenant.messages.createMessage(request));
  return { parent, name };
}
