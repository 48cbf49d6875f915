import type { CounterName } from "./numbering.ts";

/** Where a counter starts from: the highest number ever stored, and the newest create_time. */
export type CounterSeed = { last: number; lastTimeMs: number };

/** Names the create request of a principal in a chat or application. */
export type CreateRequestName = CounterName & { principal: string; requestId: string };

/** What a create request made before. */
export type StoredCreateRequest = { first: number; createTimeMs: number; digest: Uint8Array };

/** What numbering has to know of the database. */
export interface NumberingSource {
  /** The counter's seed; undefined where the chat or application does not exist or is deleted. */
  seed(counter: CounterName): Promise<CounterSeed | undefined>;

  /** What each request made; undefined where it is not known or was forgotten. Few queries for the group. */
  findRequests(names: readonly CreateRequestName[]): Promise<(StoredCreateRequest | undefined)[]>;
}
