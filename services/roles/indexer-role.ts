import { ChangeFeed } from "../indexer/change-feed.ts";
import { Indexer } from "../indexer/indexer.ts";
import { requireSettings } from "../settings/settings.ts";
import { sequenceBefore } from "../write-queue/commit-mark.ts";
import { WriterPosition } from "../writer/writer-position.ts";
import type { Role, RoleContext } from "./role.ts";
import { followPosition, openDatabase, openIndex } from "./stores.ts";

/** How often the indexer looks whether the writer has gone on, in milliseconds. */
const LOOK_INTERVAL_MS = 50;

/** How long the index may be ahead of a database that failed over, until it has caught up, in milliseconds. */
const AHEAD_MAX_MS = 60_000;

/** The indexer role: mirrors the database into the search index. Several processes do the same work, harmlessly. */
export async function startIndexer(context: RoleContext): Promise<Role> {
  const { settings, metrics, log, opened } = context;
  requireSettings(settings, "the role indexer", ["MYSQL_URL", "ELASTICSEARCH_URL"]);
  const { store: database, dependency: mysql } = await openDatabase(context);
  const { store: index, dependency: elasticsearch } = await openIndex(context);
  const horizon = await followPosition(context, new WriterPosition(database), LOOK_INTERVAL_MS);
  const indexer = new Indexer({ feed: new ChangeFeed(database), index, horizon, log, aheadMaxMs: AHEAD_MAX_MS });
  metrics.watch({ indexLag: () => sequenceBefore(horizon.position) - sequenceBefore(indexer.position) });
  opened.defer(() => indexer.stop());
  indexer.start();
  return { dependencies: { mysql, elasticsearch: { ...elasticsearch, isRequired: true } } };
}
