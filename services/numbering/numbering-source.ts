import type { CounterName } from "./numbering.ts";

/** Where a counter starts from: the highest number ever stored, and the newest create_time. */
export type CounterSeed = { last: number; lastTimeMs: number };

/** What a claim of a counter found: its seed, the epoch it was last claimed for, and whether that was this claim. */
export type CounterClaim = CounterSeed & { epoch: number; isOurs: boolean };

/** Names the create request of a principal in a chat or application. */
export type CreateRequestName = CounterName & { principal: string; requestId: string };

/** What a create request made before. */
export type StoredCreateRequest = { first: number; createTimeMs: number; digest: Uint8Array };

/** What numbering has to know of the database. */
export interface NumberingSource {
  /** The counter's seed; undefined where the chat or application does not exist or is deleted. */
  seed(counter: CounterName): Promise<CounterSeed | undefined>;

  /**
   * Claims the right to set the counter in an epoch, which nobody gets a second time. Undefined where the chat or
   * application does not exist or is deleted.
   */
  claim(counter: CounterName, epoch: number): Promise<CounterClaim | undefined>;

  /** What each request made; undefined where it is not known or was forgotten. Few queries for the group. */
  findRequests(names: readonly CreateRequestName[]): Promise<(StoredCreateRequest | undefined)[]>;
}
