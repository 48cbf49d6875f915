import type { CommitMark } from "../write-queue/commit-mark.ts";
import { type BulkTarget, writeBulk } from "./elasticsearch-bulk.ts";
import { deleteDocuments, findRemoved } from "./elasticsearch-removals.ts";
import {
  type IndexWrite,
  POSITION_ADDRESS,
  removalWrite,
  removedApplicationWrite,
  removedChatWrite,
  upsertWrite,
} from "./elasticsearch-search-document.ts";
import { survivingUpserts } from "./search-changes.ts";
import type { SearchChanges } from "./search-index.ts";

/**
 * Applies changes to an index, then moves its position where that is lower. Several processes may do so at once, and
 * some of them late: what is newer stays. An index that is gone is not made again. Rejects with ElasticsearchFailure.
 */
export async function applyChanges(target: BulkTarget, changes: SearchChanges, position: CommitMark): Promise<void> {
  await writeBulk(target, writesOf(changes));
  const removed = await findRemoved(target, changes.upserts);
  await deleteDocuments(target, {
    chats: [...changes.removedChats, ...removed.chats],
    applications: [...changes.removedApplications, ...removed.applications],
  });
  const moved = { address: POSITION_ADDRESS, version: position, document: {} };
  await writeBulk({ ...target, refresh: false }, [moved]);
}

function* writesOf(changes: SearchChanges): Generator<IndexWrite> {
  yield* changes.removedApplications.map(removedApplicationWrite);
  yield* changes.removedChats.map(removedChatWrite);
  yield* changes.removals.map(removalWrite);
  for (const upsert of survivingUpserts(changes)) yield upsertWrite(upsert);
}
