import type { FactKind } from "./fact-name.ts";

/** How often a cache had what was asked for since the start, and how often something made room. */
export type CacheCounts = { hits: number; misses: number; evictions: number };

/** What a process holds of facts, and how well that does. */
export type CacheReport = {
  /** Names held: users; chats, members and messages; applications. */
  entries: number;
  counts: Record<FactKind, CacheCounts>;
};

/** Nothing counted yet. */
export function createCacheCounts(): Record<FactKind, CacheCounts> {
  const none = () => ({ hits: 0, misses: 0, evictions: 0 });
  return { user: none(), chat: none(), member: none(), message: none(), application: none() };
}
