import type { SearchIndex } from "../search/search-index.ts";
import type { CommitMark } from "../write-queue/commit-mark.ts";
import type { ChangeFeed } from "./change-feed.ts";

/** An index that is being made while another one is searched and fed. Where its storage fails, SearchIndexError. */
export interface IndexBuild extends Pick<SearchIndex, "position" | "apply" | "reset"> {
  /** The position of the index that is searched; 0 where there is none. */
  positionInUse(): Promise<CommitMark>;

  /** Puts the new index in the place of the one that is searched, at once. */
  promote(): Promise<void>;

  /** Deletes the index that was searched before, once no search is under way in it. */
  removeOthers(): Promise<void>;
}

/** How far a rebuild is: the mark that the new index has reached, and the one that the database had. */
export type RebuildProgress = { messages: number; position: CommitMark; end: CommitMark };

/** What a rebuild works with. */
export type RebuildOptions = {
  feed: ChangeFeed;
  build: IndexBuild;
  /** Told after each page of changes. */
  report: (progress: RebuildProgress) => void;
};

/** How often the new index catches up before it is put into place, where the old one is ahead again each time. */
const MAX_ROUNDS = 20;

/**
 * Makes a new search index from the database, puts it in the place of the old one, and deletes that. Searches go on all
 * the time, and so may the indexers: they feed the old index until it is replaced, and go on with the new one from where
 * that is. One that was cut short is gone on with; several at once make the same index. Rejects with the signal's
 * reason where it aborts.
 */
export async function rebuildIndex({ feed, build, report }: RebuildOptions, signal: AbortSignal): Promise<void> {
  let messages = 0;
  let position = await build.position();
  if (position > (await feed.end())) {
    await build.reset();
    position = 0;
  }
  const catchUp = async () => {
    const end = await feed.end();
    while (position < end) {
      signal.throwIfAborted();
      const { changes, position: upTo } = await feed.read(position, end);
      position = await build.apply(changes, { after: position, upTo });
      messages += changes.upserts.length;
      report({ messages, position, end });
    }
  };
  for (let round = 0; round < MAX_ROUNDS; round++) {
    await catchUp();
    if (position >= Math.min(await build.positionInUse(), await feed.end())) break;
  }
  await build.promote();
  // What the old index was fed meanwhile: there may be no indexer at work.
  await catchUp();
  await build.removeOthers();
}
