import { join } from "node:path";
import { inject } from "vitest";
import type { Database } from "../../services/database/database.ts";
import { openMysqlDatabase } from "../../services/mysql/mysql-database.ts";
import { openSqliteDatabase } from "../../services/sqlite/sqlite-database.ts";
import { askForServer } from "../servers/shared/server-desk.ts";
import { createMysqlDatabase, dropMysqlDatabase } from "./mysql-test-database.ts";

/** A database that tests have to themselves. */
export type TestDatabase = {
  open(): Promise<Database>;
  /** Removes what is not in the folder. Nothing has it open. */
  remove(): Promise<void>;
};

/** The project `mysql` runs the suites that touch the database a second time, on MySQL. */
const isOnMysql = process.env.TEST_DATABASE === "mysql";

/** Why the suites cannot run on the database that they should run on: then their tests are skipped. Under CI they fail. */
export const missingDatabase =
  isOnMysql && process.env.CI !== "true" ? inject("serverAvailability").shared.mysql : undefined;

/** A new database; one on SQLite is in the folder. */
export async function createTestDatabase(folder: string): Promise<TestDatabase> {
  if (isOnMysql && missingDatabase === undefined) {
    const settings = await createMysqlDatabase((await askForServer(inject("serverDesk"), "mysql")).url);
    return { open: () => openMysqlDatabase(settings), remove: () => dropMysqlDatabase(settings) };
  }
  return { open: () => openSqliteDatabase(join(folder, "parley.sqlite")), remove: async () => undefined };
}
