import { existsSync } from "node:fs";
import { createElasticsearchClient } from "../elasticsearch/elasticsearch-client.ts";
import { ChangeFeed } from "../indexer/change-feed.ts";
import { rebuildIndex } from "../indexer/index-rebuild.ts";
import { createRebuildReport } from "../indexer/rebuild-report.ts";
import { openMysqlDatabase } from "../mysql/mysql-database.ts";
import { createLog } from "../observability/log.ts";
import { ElasticsearchIndexBuild } from "../search/elasticsearch-index-build.ts";
import { readSettings, requireSettings } from "../settings/settings.ts";

/** Makes the search index at ELASTICSEARCH_URL anew from the database at MYSQL_URL, and says how far it is. */
async function runReindex(
  environment: NodeJS.ProcessEnv,
  print: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const settings = requireSettings(readSettings(environment), "npm run reindex", ["MYSQL_URL", "ELASTICSEARCH_URL"]);
  await using opened = new AsyncDisposableStack();
  const database = await openMysqlDatabase(settings);
  opened.defer(() => database.close());
  const client = createElasticsearchClient(settings);
  opened.defer(() => client.close());
  const { INSTALLATION: installation } = settings;
  const build = new ElasticsearchIndexBuild({ client, installation, log: createLog(settings), signal });
  await rebuildIndex({ feed: new ChangeFeed(database), build, report: createRebuildReport(print) }, signal);
}

if (import.meta.main) {
  if (existsSync(".env")) process.loadEnvFile();
  const stop = new AbortController();
  const reason = new Error("it was stopped; run it again, and it goes on from there");
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stop.abort(reason));
  try {
    await runReindex(process.env, (line) => process.stdout.write(`${line}\n`), stop.signal);
    process.stdout.write("the search index is made anew and in use\n");
  } catch (error) {
    const { message, cause } = error as Error;
    process.stderr.write(`Parley cannot reindex: ${cause instanceof Error ? cause.message : message}\n`);
    process.exitCode = 1;
  }
}
