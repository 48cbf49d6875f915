import { openElasticsearchClient } from "../elasticsearch/elasticsearch-client.ts";
import { ChangeFeed } from "../indexer/change-feed.ts";
import { rebuildIndex } from "../indexer/index-rebuild.ts";
import { createRebuildReport } from "../indexer/rebuild-report.ts";
import { openMysqlDatabase } from "../mysql/mysql-database.ts";
import { createLog } from "../observability/log.ts";
import { ElasticsearchIndexBuild } from "../search/elasticsearch-index-build.ts";
import { loadEnvironment } from "../settings/environment.ts";
import { readSettings, requireSettings } from "../settings/settings.ts";
import { takesNoArguments } from "./no-arguments.ts";

/** What the command says, a line at a time. */
export type ReindexOutput = { print: (line: string) => void; complain: (line: string) => void };

/**
 * Makes the search index at ELASTICSEARCH_URL anew from the database at MYSQL_URL, and says how far it is; resolves with
 * the exit code.
 *
 * @param signal ends it; the next run goes on from there
 */
export async function runReindex(
  environment: NodeJS.ProcessEnv,
  { print, complain }: ReindexOutput,
  signal: AbortSignal,
): Promise<number> {
  try {
    await reindex(environment, print, signal);
    print("the search index is made anew and in use");
    return 0;
  } catch (error) {
    const { message, cause } = error as Error;
    complain(`Parley cannot reindex: ${cause instanceof Error ? cause.message : message}`);
    return 1;
  }
}

async function reindex(
  environment: NodeJS.ProcessEnv,
  print: ReindexOutput["print"],
  signal: AbortSignal,
): Promise<void> {
  const settings = requireSettings(readSettings(environment), "npm run reindex", ["MYSQL_URL", "ELASTICSEARCH_URL"]);
  await using opened = new AsyncDisposableStack();
  const database = await openMysqlDatabase(settings);
  opened.defer(() => database.close());
  const client = await openElasticsearchClient(settings);
  opened.defer(() => client.close());
  const { INSTALLATION: installation } = settings;
  const build = new ElasticsearchIndexBuild({ client, installation, log: createLog(settings), signal });
  await rebuildIndex({ feed: new ChangeFeed(database), build, report: createRebuildReport(print) }, signal);
}

const USAGE = "npm run reindex: makes the search index anew from the database, and swaps it in; it takes no arguments";

if (import.meta.main && takesNoArguments(process.argv.slice(2), USAGE)) {
  const stop = new AbortController();
  const reason = new Error("it was stopped; run it again, and it goes on from there");
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stop.abort(reason));
  const output: ReindexOutput = {
    print: (line) => process.stdout.write(`${line}\n`),
    complain: (line) => process.stderr.write(`${line}\n`),
  };
  process.exitCode = await runReindex(loadEnvironment(), output, stop.signal);
}
