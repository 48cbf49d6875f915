import type { Client } from "@elastic/elasticsearch";
import { answered, ElasticsearchFailure } from "../elasticsearch/elasticsearch-failure.ts";
import type { CommitMark } from "../write-queue/commit-mark.ts";
import { POSITION_ADDRESS } from "./elasticsearch-search-document.ts";

/** An index, and the change mark up to which it is fed; 0 when it is empty. */
export type FedIndex = { index: string; position: CommitMark };

type Answer = { _index: string; _version?: number; error?: { type: string; reason: string } };

/** How long an index may take to start that was just made, perhaps by another process. */
const START_TIMEOUT = "10s";

const TIMED_OUT = 408;

/** What is under a name of an index or alias; undefined where there is none of that name. */
export async function findFedIndex(client: Client, name: string): Promise<FedIndex | undefined> {
  try {
    return await readPosition(client, name);
  } catch (error) {
    if (!(error instanceof ElasticsearchFailure)) throw error;
    if (error.isIndexMissing()) return undefined;
    if (error.type !== "no_shard_available_action_exception") throw error;
  }
  await answered(
    client.cluster.health(
      { index: name, wait_for_active_shards: "all", timeout: START_TIMEOUT },
      { ignore: [TIMED_OUT] },
    ),
  );
  return readPosition(client, name);
}

async function readPosition(client: Client, name: string): Promise<FedIndex> {
  const { _id: id, routing } = POSITION_ADDRESS;
  // A document that is not there is an answer too: that of an index without a position.
  const request: Promise<Answer> = client.get({ index: name, id, routing }, { ignore: [404] });
  const { _index: index, _version: version, error } = await answered(request);
  if (error === undefined) return { index, position: version ?? 0 };
  throw new ElasticsearchFailure(`Elasticsearch has no position: ${error.reason}`, { status: 404, type: error.type });
}
