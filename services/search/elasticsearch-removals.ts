import type { estypes } from "@elastic/elasticsearch";
import { answered } from "../elasticsearch/elasticsearch-failure.ts";
import { type BulkTarget, writeBulk } from "./elasticsearch-bulk.ts";
import {
  type DocumentAddress,
  removedApplicationAddress,
  removedChatAddress,
} from "./elasticsearch-search-document.ts";
import { chatKey } from "./search-changes.ts";
import type { SearchDocument } from "./search-index.ts";

type Query = estypes.QueryDslQueryContainer;
type Chat = { application: string; chat: number };

/** Chats and applications whose documents have to go. */
export type Removals = { chats: Chat[]; applications: string[] };

/** Documents that are deleted at a time. */
const STEP_DOCUMENTS = 5_000;

/**
 * Of the chats and applications of messages that were just written, those that were removed before, perhaps by another
 * process. Who removes notes that first and then deletes; who writes asks for notes afterwards. So one of the two
 * deletes what was written, whatever the order.
 */
export async function findRemoved(
  { client, index, signal }: BulkTarget,
  written: readonly SearchDocument[],
): Promise<Removals> {
  const chats = [
    ...new Map(
      written.map(({ application, chat }) => [chatKey({ application, chat }), { application, chat }]),
    ).values(),
  ];
  const applications = [...new Set(written.map(({ application }) => application))];
  const addresses = [...chats.map(removedChatAddress), ...applications.map(removedApplicationAddress)];
  if (addresses.length === 0) return { chats: [], applications: [] };
  const { docs } = await answered(client.mget({ index, docs: addresses }, { signal }), signal);
  const isNoted = docs.map((document) => "found" in document && document.found);
  return {
    chats: chats.filter((_, place) => isNoted[place]),
    applications: applications.filter((_, place) => isNoted[chats.length + place]),
  };
}

/** Deletes every document of chats and applications. */
export async function deleteDocuments(target: BulkTarget, { chats, applications }: Removals): Promise<void> {
  for (const chat of chats.map(chatKey)) {
    await deleteMatches(
      target,
      inEither((field) => ({ term: { [field]: chat } })),
      chat,
    );
  }
  for (const application of applications) {
    await deleteMatches(
      target,
      inEither((field) => ({ prefix: { [field]: `${application}/` } })),
    );
  }
}

/** Messages and their tombstones. */
function inEither(match: (field: string) => Query): Query {
  return { bool: { should: [match("chat"), match("removed_from")] } };
}

/** A few at a time, each of which can be seen to be gone by the next search. */
async function deleteMatches(target: BulkTarget, query: Query, routing?: string): Promise<void> {
  const { client, index, signal } = target;
  await answered(client.indices.refresh({ index }, { signal }), signal);
  for (;;) {
    const search = {
      index,
      query,
      size: STEP_DOCUMENTS,
      _source: false,
      ...(routing === undefined ? {} : { routing }),
    };
    const { hits } = await answered(client.search(search, { signal }), signal);
    const found = hits.hits.map(({ _id, _routing }): DocumentAddress => ({ _id: _id!, routing: _routing! }));
    if (found.length === 0) return;
    await writeBulk(
      { ...target, refresh: true },
      found.map((address) => ({ address })),
    );
  }
}
