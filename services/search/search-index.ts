import type { CommitMark } from "../write-queue/commit-mark.ts";
import type { SearchTerm } from "./search-query.ts";

/** A message of which the index is told. Numbers are 1 to 2,147,483,647. */
export type SearchedMessage = {
  application: string;
  chat: number;
  number: number;
  /** Of the change that is told. An index that may be told of changes late drops those older than what it knows. */
  changeMark: CommitMark;
};

/** A message as the index knows it. */
export type SearchDocument = SearchedMessage & {
  body: string;
  author: string;
  /** Whether it is a note that agents alone see. */
  internal: boolean;
  createTimeMs: number;
};

/**
 * What changed. An upsert replaces the document of the same number. Where a message, chat or application is both
 * upserted and removed, it is removed: numbers never come back.
 */
export type SearchChanges = {
  upserts: SearchDocument[];
  removals: SearchedMessage[];
  removedChats: { application: string; chat: number }[];
  removedApplications: string[];
};

/** Which part of all changes some are: those after a mark and up to another. */
export type ChangeSpan = { after: CommitMark; upTo: CommitMark };

/** A search in one chat. All terms must match. */
export type SearchRequest = {
  application: string;
  chat: number;
  terms: readonly SearchTerm[];
  order: "relevance" | "newest";
  author?: string;
  /** Whether internal notes are left out. Default: no. */
  withoutNotes?: boolean;
  startTimeMs?: number;
  /** Exclusive. */
  endTimeMs?: number;
  /** The cursor of a hit of the same search; the hits after it are returned. */
  after?: string;
  limit: number;
};

/** A message that was found. `cursor` is opaque and means something only to the same search. */
export type SearchHit = { number: number; cursor: string };

/** A search's `after` is not a cursor of such a search. */
export class InvalidCursorError extends Error {
  constructor(cursor: string) {
    super(`'${cursor}' is not a cursor of this search`);
    this.name = "InvalidCursorError";
  }
}

/** The index's storage failed. */
export class SearchIndexError extends Error {
  constructor(cause: unknown) {
    super("the search index cannot be read or written", { cause });
    this.name = "SearchIndexError";
  }
}

/**
 * Finds messages by words; it follows the database and can be rebuilt from it. A call whose storage fails rejects with
 * SearchIndexError.
 */
export interface SearchIndex {
  /** The change mark up to which it was fed; 0 when empty. One that does not exist is made. */
  position(): Promise<CommitMark>;

  /**
   * Applies changes and moves the position, in this order where it cannot be at once. Replays are harmless. An index
   * that is not fed up to where the changes begin is left alone: it was replaced. One call at a time.
   *
   * @returns the position of the index, from where it is to be fed
   */
  apply(changes: SearchChanges, span: ChangeSpan): Promise<CommitMark>;

  /** Removes everything: the index is as new, at position 0. Not during an `apply`. */
  reset(): Promise<void>;

  /**
   * At most `limit` hits. InvalidCursorError where `after` is not a cursor of this search. One whose signal aborts
   * before it is begun is not done. Where an application has too many of them waiting, TooManyWaitingError.
   */
  search(request: SearchRequest, signal?: AbortSignal): Promise<SearchHit[]>;

  close(): Promise<void>;
}
