import type { Database } from "../database/database.ts";
import { CachedFacts, type CachedFactsOptions } from "../facts/cached-facts.ts";
import { factTtls } from "../facts/fact-ttls.ts";
import type { SharedFacts } from "../facts/shared-facts.ts";
import { SqlFactSource } from "../facts/sql-fact-source.ts";
import type { Settings } from "../settings/settings.ts";
import type { WriteQueue } from "../write-queue/write-queue.ts";
import { catchUp, type Horizon } from "../writer/horizon.ts";

export type FactStores = {
  settings: Settings;
  database: Database;
  queue: WriteQueue;
  horizon: Horizon;
  /** Where other processes change facts, too. */
  shared?: SharedFacts;
  /** Tells what other processes wrote down as changed. */
  recorded?: CachedFactsOptions["recorded"];
};

/** The facts that decisions rest on, out of the database, as the settings say how long they are held. */
export function createFacts({ settings, database, queue, horizon, shared, recorded }: FactStores): CachedFacts {
  return new CachedFacts({
    source: new SqlFactSource({ database, catchUp: (signal) => catchUp({ queue, horizon }, signal) }),
    ...{ shared, recorded },
    ttlMs: factTtls(settings),
    max: settings.CACHE_ENTRIES_MAX,
  });
}
