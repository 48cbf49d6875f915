import { create } from "@bufbuild/protobuf";
import { SearchMessagesRequestSchema } from "../../gen/parley/v1/search_pb.ts";
import { SearchService } from "../../gen/parley/v1/search_service_pb.ts";
import type { SearchedParley } from "../installation/searched-parley.ts";
import { encodeRequest, grpcLoad } from "./grpc-load.ts";
import type { Load } from "./h2load.ts";
import { turnBody } from "./turning-body.ts";

/** Searches in a chat, for one word after the other; `close` ends the turning. */
export type SearchLoad = { load: Load; close(): Promise<void> };

/** @param words equally long */
export async function searchLoad(
  { chat: parent, grpcAddress, tenant }: SearchedParley,
  words: readonly string[],
  pageSize: number,
): Promise<SearchLoad> {
  const request = create(SearchMessagesRequestSchema, { parent, query: words[0]!, pageSize });
  const body = await turnBody(encodeRequest(SearchMessagesRequestSchema, request), words);
  const load = grpcLoad(SearchService.method.searchMessages, grpcAddress, body.path, tenant.key);
  return { load, close: () => body.close() };
}
