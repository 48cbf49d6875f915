import type { Client } from "@elastic/elasticsearch";
import { answered, ElasticsearchFailure } from "../elasticsearch/elasticsearch-failure.ts";
import type { CommitMark } from "../write-queue/commit-mark.ts";
import { POSITION_ADDRESS } from "./elasticsearch-search-document.ts";

/** An index, and the change mark up to which it is fed; 0 when it is empty. */
export type FedIndex = { index: string; position: CommitMark };

/** What is under a name of an index or alias; undefined where there is none of that name. */
export async function findFedIndex(client: Client, name: string): Promise<FedIndex | undefined> {
  const { _id: id, routing } = POSITION_ADDRESS;
  try {
    // A document that is not there is an answer too: of an index without a position.
    const request = client.get({ index: name, id, routing }, { ignore: [404] });
    const { _index: index, _version: version, error } = await answered<Answer>(request);
    if (error === undefined) return { index, position: version ?? 0 };
    throw new ElasticsearchFailure(`Elasticsearch has no position: ${error.reason}`, { status: 404, type: error.type });
  } catch (error) {
    if (error instanceof ElasticsearchFailure && error.isIndexMissing()) return undefined;
    throw error;
  }
}

type Answer = { _index: string; _version?: number; error?: { type: string; reason: string } };
