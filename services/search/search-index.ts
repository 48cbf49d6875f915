import type { SearchTerm } from "./search-query.ts";

/** A message as the index knows it. Numbers are 1 to 2,147,483,647. */
export type SearchDocument = {
  application: string;
  chat: number;
  number: number;
  body: string;
  author: string;
  createTimeMs: number;
};

/**
 * What changed. An upsert replaces the document of the same number. Where a message, chat or application is both
 * upserted and removed, it is removed: numbers never come back.
 */
export type SearchChanges = {
  upserts: SearchDocument[];
  removals: { application: string; chat: number; number: number }[];
  removedChats: { application: string; chat: number }[];
  removedApplications: string[];
};

/** A search in one chat. All terms must match. */
export type SearchRequest = {
  application: string;
  chat: number;
  terms: readonly SearchTerm[];
  order: "relevance" | "newest";
  author?: string;
  startTimeMs?: number;
  /** Exclusive. */
  endTimeMs?: number;
  /** The cursor of a hit of the same search; the hits after it are returned. */
  after?: string;
  limit: number;
};

/** A message that was found. `cursor` is opaque and means something only to the same search. */
export type SearchHit = { number: number; cursor: string };

/** Finds messages by words; it follows the database and can be rebuilt from it. */
export interface SearchIndex {
  /** The change mark up to which it was fed; 0 when empty. */
  position(): Promise<number>;

  /** Applies changes and moves the position, atomically. Replays are harmless. One call at a time. */
  apply(changes: SearchChanges, position: number): Promise<void>;

  /** At most `limit` hits. Throws INVALID_ARGUMENT for a cursor that is not one of this search's. */
  search(request: SearchRequest): Promise<SearchHit[]>;

  close(): Promise<void>;
}
