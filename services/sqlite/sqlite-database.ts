import { connectDatabase, type Database } from "../database/database.ts";
import { SqliteConnection } from "./sqlite-connection.ts";
import { createSqliteDialect } from "./sqlite-dialect.ts";

/** Opens or creates the embedded database in a file. What is committed is on disk. */
export async function openSqliteDatabase(path: string): Promise<Database> {
  const writer = await SqliteConnection.open(path);
  const reader = await SqliteConnection.open(path, { readOnly: true });
  const close = async () => {
    await reader.close();
    await writer.close();
  };
  const dialectModule = createSqliteDialect({ writer, reader });
  return connectDatabase({ dialect: "sqlite", storage: path, dialectModule, foreignKeys: false } as never, close);
}
