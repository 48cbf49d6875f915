import type { Options } from "sequelize";
import { connectDatabase, type Database } from "../database/database.ts";
import { migrate } from "../database/migrate.ts";
import { SqliteConnection } from "./sqlite-connection.ts";
import { createSqliteDialect } from "./sqlite-dialect.ts";
import type { SqliteThread } from "./sqlite-thread.ts";

/** The reader does one query at a time, so another one begun early would only be in the way of the small ones. */
const LARGE_READS_AT_ONCE = 1;

/** Threads that were begun before, for who writes and who reads. */
export type SqliteThreads = { writer: SqliteThread; reader: SqliteThread };

/** Opens or creates the embedded database in a file. What is committed is on disk. */
export async function openSqliteDatabase(path: string, threads?: SqliteThreads): Promise<Database> {
  const opened = new AsyncDisposableStack();
  try {
    const writer = await SqliteConnection.open(path, { thread: threads?.writer });
    opened.defer(() => writer.close());
    const reader = await SqliteConnection.open(path, { readOnly: true, thread: threads?.reader });
    opened.defer(() => reader.close());
    const dialectModule = createSqliteDialect({ writer, reader });
    // Sequelize knows this option of SQLite, but its type does not.
    const options: Options & { foreignKeys: boolean } = {
      dialect: "sqlite",
      storage: path,
      dialectModule,
      foreignKeys: false,
    };
    return await connectDatabase(options, {
      largeReadsAtOnce: LARGE_READS_AT_ONCE,
      prepare: migrate,
      close: () => opened.disposeAsync(),
    });
  } catch (error) {
    await opened.disposeAsync();
    throw error;
  }
}
