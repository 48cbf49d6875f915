import type { Database } from "../database/database.ts";
import { CachedFacts, type CachedFactsOptions } from "../facts/cached-facts.ts";
import type { FactKind } from "../facts/fact-name.ts";
import type { SharedFacts } from "../facts/shared-facts.ts";
import { SqlFactSource } from "../facts/sql-fact-source.ts";
import type { Settings } from "../settings/settings.ts";
import type { WriteQueue } from "../write-queue/write-queue.ts";
import type { Horizon } from "../writer/horizon.ts";

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

/** How long each kind of fact is believed, in milliseconds. */
export function factTtls(settings: Settings): Record<FactKind, number> {
  const { CACHE_PROFILE_TTL: profile, CACHE_CHAT_TTL: chat, CACHE_MESSAGE_TTL: message } = settings;
  return { user: profile, application: profile, chat, member: chat, message };
}

/** How long any fact is believed at most, in milliseconds. */
export function longestFactTtl(settings: Settings): number {
  return Math.max(...Object.values(factTtls(settings)));
}

/** The facts that decisions rest on, out of the database, as the settings say how long they are held. */
export function createFacts({ settings, database, queue, horizon, shared, recorded }: FactStores): CachedFacts {
  const catchUp = async (signal: AbortSignal) => horizon.reached(await queue.end(), signal);
  return new CachedFacts({
    source: new SqlFactSource({ database, catchUp }),
    ...{ shared, recorded },
    ttlMs: factTtls(settings),
    max: settings.CACHE_ENTRIES_MAX,
  });
}
