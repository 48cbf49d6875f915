import { QueryTypes } from "sequelize";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Database } from "../../../services/database/database.ts";
import { migrate, requireMigrated } from "../../../services/database/migrate.ts";
import { openStores, type Stores } from "../stores.ts";

let stores: Stores;
let database: Database;
beforeEach(async () => {
  stores = await openStores();
  ({ database } = stores);
});
afterEach(() => stores.close());

const indexesOf = async (table: string) => {
  const indexes = (await database.sequelize.getQueryInterface().showIndex(table)) as { name: string }[];
  return indexes.map(({ name }) => name).sort();
};
const forget = () => database.sequelize.query("DELETE FROM migrations", { type: QueryTypes.RAW });

test("a database is migrated once", async () => {
  expect(await migrate(database.sequelize)).toEqual([]);
  await expect(requireMigrated(database.sequelize)).resolves.toBeUndefined();
});

test("a migration that was interrupted goes on with what it left", async () => {
  const query = database.sequelize.getQueryInterface();
  const before = await indexesOf("chats");
  await query.removeIndex("chats", "chats_delete_time");
  await query.dropTable("outbox");
  await forget();
  await expect(requireMigrated(database.sequelize)).rejects.toThrow(
    "the database's schema is not current, it lacks 0001-create-tables, 0002-add-people; run `npm run migrate`",
  );
  expect(await migrate(database.sequelize)).toEqual(["0001-create-tables", "0002-add-people"]);
  expect(await indexesOf("chats")).toEqual(before);
  expect(await database.outbox.count()).toBe(0);
});

test("a database that a newer version migrated may be used", async () => {
  await database.sequelize.query("INSERT INTO migrations (name) VALUES ('9999-of-tomorrow')");
  await expect(requireMigrated(database.sequelize)).resolves.toBeUndefined();
  expect(await migrate(database.sequelize)).toEqual([]);
});
