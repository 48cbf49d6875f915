import type { Client } from "@elastic/elasticsearch";
import type { Logger } from "pino";
import { answered, ElasticsearchFailure } from "../elasticsearch/elasticsearch-failure.ts";
import type { CommitMark } from "../write-queue/commit-mark.ts";
import { writeBulk } from "./elasticsearch-bulk.ts";
import { chatsRemovedBefore, deleteDocuments } from "./elasticsearch-removals.ts";
import {
  type IndexWrite,
  POSITION_ADDRESS,
  removalWrite,
  removedApplicationWrite,
  removedChatWrite,
  upsertWrite,
} from "./elasticsearch-search-document.ts";
import type { SearchChanges } from "./search-index.ts";
import { survivingUpserts } from "./surviving-upserts.ts";

/** How generations are written. */
export type GenerationOptions = {
  client: Client;
  log: Logger;
  /** Whether what is applied can be found at once, which is dear; else within a second. */
  refresh: boolean;
  /** Ends what is under way. */
  signal: AbortSignal;
};

/**
 * One index of those that an installation has over time; its name is never given again. Several processes may apply
 * changes at once, and some of them late: what is newer stays. It is not made again by a write when it is gone.
 * Everything rejects with ElasticsearchFailure.
 */
export class IndexGeneration {
  readonly index: string;
  readonly #options: GenerationOptions;

  constructor(index: string, options: GenerationOptions) {
    this.index = index;
    this.#options = options;
  }

  /** The change mark up to which it was fed; 0 when empty. */
  async position(): Promise<CommitMark> {
    const { client, signal } = this.#options;
    const { _id: id, routing } = POSITION_ADDRESS;
    try {
      const { _version: version } = await answered(client.get({ index: this.index, id, routing }, { signal }), signal);
      return version ?? 0;
    } catch (error) {
      if (error instanceof ElasticsearchFailure && error.status === 404 && !error.isIndexMissing()) return 0;
      throw error;
    }
  }

  /** Applies changes, then moves the position where that is below. */
  async apply(changes: SearchChanges, position: CommitMark): Promise<void> {
    const target = { ...this.#options, index: this.index };
    await writeBulk(target, writesOf(changes));
    const removed = await chatsRemovedBefore(target, changes.upserts);
    await deleteDocuments(target, {
      chats: [...changes.removedChats, ...removed.chats],
      applications: [...changes.removedApplications, ...removed.applications],
    });
    const moved = { address: POSITION_ADDRESS, version: position, document: {} };
    await writeBulk({ ...target, refresh: false }, [moved]);
  }
}

function* writesOf(changes: SearchChanges): Generator<IndexWrite> {
  yield* changes.removedApplications.map(removedApplicationWrite);
  yield* changes.removedChats.map(removedChatWrite);
  yield* changes.removals.map(removalWrite);
  for (const upsert of survivingUpserts(changes)) yield upsertWrite(upsert);
}
