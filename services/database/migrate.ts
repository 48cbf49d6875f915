import type { QueryInterface, Sequelize } from "sequelize";
import { SequelizeStorage, Umzug } from "umzug";
import { up as createTables } from "./migrations/0001-create-tables.ts";

/** The migrations in their order. A name, once released, stays; a new one goes to the end. */
const MIGRATIONS = [{ name: "0001-create-tables", up: createTables }];

/** Executes the migrations that this database has not had yet. */
export async function migrate(sequelize: Sequelize): Promise<void> {
  const umzug = new Umzug<QueryInterface>({
    migrations: MIGRATIONS.map(({ name, up }) => ({ name, up: ({ context }) => up(context) })),
    context: sequelize.getQueryInterface(),
    storage: new SequelizeStorage({ sequelize, tableName: "migrations" }),
    logger: undefined,
  });
  await umzug.up();
}
