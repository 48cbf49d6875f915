import type { CacheCounts, CacheReport } from "../facts/cache-report.ts";
import type { CollectedCounter } from "./collected-counter.ts";

const HELP: Record<keyof CacheCounts, string> = {
  hits: "Facts that the process had, and believed.",
  misses: "Facts that it looked up.",
  evictions: "Facts that made room for others.",
};

/** What is counted of a cache of facts, by the kind of fact. */
export function cacheCounters(read: () => CacheReport["counts"]): CollectedCounter[] {
  return (Object.keys(HELP) as (keyof CacheCounts)[]).map((count) => ({
    name: `parley_cache_${count}_total`,
    help: HELP[count],
    label: "kind",
    read: () => Object.fromEntries(Object.entries(read()).map(([kind, counts]) => [kind, counts[count]])),
  }));
}
