import { join, resolve } from "node:path";
import type { Logger } from "pino";
import type { Database } from "../database/database.ts";
import type { SearchIndex } from "../search/search-index.ts";
import { beginIndexThread, openSqliteSearchIndex } from "../search/sqlite-search-index.ts";
import type { Settings } from "../settings/settings.ts";
import { openSqliteDatabase } from "../sqlite/sqlite-database.ts";
import { SqliteError } from "../sqlite/sqlite-error.ts";
import { SqliteThread } from "../sqlite/sqlite-thread.ts";
import { sequenceBefore } from "../write-queue/commit-mark.ts";
import { openSqliteWriteQueue } from "../write-queue/sqlite-write-queue.ts";
import type { WriteQueue } from "../write-queue/write-queue.ts";
import { WriterPosition } from "../writer/writer-position.ts";

/** The embedded stores: the files in DATA_DIR. */
export type Stores = { database: Database; queue: WriteQueue; index: SearchIndex; position: WriterPosition };

type OpenSettings = Pick<Settings, "DATA_DIR" | "QUEUE_BYTES_MAX">;

/**
 * Opens the files in DATA_DIR; the queue's first, since it locks the folder against a second process. Where it rejects,
 * what it had opened is in `opened`, as in the end all is.
 */
export async function openStores(settings: OpenSettings, log: Logger, opened: AsyncDisposableStack): Promise<Stores> {
  try {
    const threads = beginThreads(opened);
    const { queue, database, position } = await openQueueAndDatabase(settings, threads, opened);
    const index = await openSqliteSearchIndex(join(settings.DATA_DIR, "search.sqlite"), {
      onDamaged: (err) => log.warn({ err }, "the search index is damaged; it is made anew"),
      thread: threads.index,
    });
    opened.defer(() => index.close());
    return { database, queue, index, position };
  } catch (error) {
    if (!(error instanceof SqliteError)) throw error;
    const folder = resolve(settings.DATA_DIR);
    if (error.code !== "SQLITE_BUSY") throw new Error(`DATA_DIR ${folder} cannot be used: ${error.message}`);
    throw new Error(`DATA_DIR ${folder} is in use by another process; stop it, or set another DATA_DIR`);
  }
}

/** All at the same time, since each takes a while; the files are opened one after the other. */
function beginThreads(opened: AsyncDisposableStack) {
  const threads = {
    queue: new SqliteThread(),
    writer: new SqliteThread(),
    reader: new SqliteThread(),
    index: beginIndexThread(),
  };
  opened.defer(async () => void (await Promise.all(Object.values(threads).map((thread) => thread.end()))));
  return threads;
}

/** The queue asks for the database's position once it has the lock, and no one opens the database before. */
async function openQueueAndDatabase(
  { DATA_DIR, QUEUE_BYTES_MAX }: OpenSettings,
  threads: ReturnType<typeof beginThreads>,
  opened: AsyncDisposableStack,
) {
  const locked = Promise.withResolvers<{ database: Database; position: WriterPosition }>();
  const persisted = async () => {
    const database = await openSqliteDatabase(join(DATA_DIR, "parley.sqlite"), threads);
    opened.defer(() => database.close());
    const position = new WriterPosition(database);
    locked.resolve({ database, position });
    return sequenceBefore(await position.load());
  };
  const path = join(DATA_DIR, "queue.sqlite");
  const queue = await openSqliteWriteQueue({ path, persisted, maxBytes: QUEUE_BYTES_MAX, thread: threads.queue });
  opened.defer(() => queue.close());
  const { database, position } = await locked.promise;
  if ((await queue.end()) > 0 && (await isEmpty(database, position))) {
    throw new Error(
      `${path} holds records, but there is no database beside it: restore parley.sqlite from the same backup`,
    );
  }
  return { queue, database, position };
}

/** Whether a database was never written to: an application comes before any record. */
async function isEmpty(database: Database, position: WriterPosition): Promise<boolean> {
  return (await position.load()) === 0 && (await database.applications.count()) === 0;
}
