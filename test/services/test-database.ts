import { join } from "node:path";
import type { Database } from "../../services/database/database.ts";
import { openMysqlDatabase } from "../../services/mysql/mysql-database.ts";
import { openSqliteDatabase } from "../../services/sqlite/sqlite-database.ts";
import { findMysqlForTests } from "./mysql-for-tests.ts";

/** A database that tests have to themselves. */
export type TestDatabase = {
  open(): Promise<Database>;
  /** Removes what is not in the folder. Nothing has it open. */
  remove(): Promise<void>;
};

/** The project `mysql` runs the suites that touch the database a second time, on MySQL. */
const isOnMysql = process.env.TEST_DATABASE === "mysql";
const mysql = isOnMysql ? await findMysqlForTests() : undefined;

/** Whether the database that the suites should run on cannot be had. */
export const isDatabaseMissing = isOnMysql && mysql === undefined;

/** A new database; one on SQLite is in the folder. */
export async function createTestDatabase(folder: string): Promise<TestDatabase> {
  if (mysql) {
    const settings = await mysql.createDatabase();
    return { open: () => openMysqlDatabase(settings), remove: () => mysql.dropDatabase(settings) };
  }
  return { open: () => openSqliteDatabase(join(folder, "parley.sqlite")), remove: async () => undefined };
}
