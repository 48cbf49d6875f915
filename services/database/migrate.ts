import { DatabaseError, type QueryInterface, QueryTypes, type Sequelize } from "sequelize";
import { SequelizeStorage, Umzug } from "umzug";
import { up as createTables } from "./migrations/0001-create-tables.ts";

/** The migrations in their order. A name, once released, stays; a new one goes to the end. */
const MIGRATIONS = [{ name: "0001-create-tables", up: createTables }];

const TABLE = "migrations";

/** Executes the migrations that this database has not had yet; resolves with their names. One process at a time. */
export async function migrate(sequelize: Sequelize): Promise<string[]> {
  const umzug = new Umzug<QueryInterface>({
    migrations: MIGRATIONS.map(({ name, up }) => ({ name, up: ({ context }) => up(context) })),
    context: sequelize.getQueryInterface(),
    storage: new SequelizeStorage({ sequelize, tableName: TABLE }),
    logger: undefined,
  });
  return (await umzug.up()).map(({ name }) => name);
}

/**
 * Rejects where this database lacks a migration, with what to do. One that has more is of a newer version, and may be
 * used: the new version migrates before the old one ends.
 */
export async function requireMigrated(sequelize: Sequelize): Promise<void> {
  const executed = await executedMigrations(sequelize);
  const missing = MIGRATIONS.map(({ name }) => name).filter((name) => !executed.has(name));
  if (missing.length === 0) return;
  throw new Error(`the database's schema is not current, it lacks ${missing.join(", ")}; run \`npm run migrate\``);
}

/** Reads alone: whoever is not to migrate need not have the right to. */
async function executedMigrations(sequelize: Sequelize): Promise<Set<string>> {
  try {
    const rows = await sequelize.query<{ name: string }>(`SELECT name FROM ${TABLE}`, { type: QueryTypes.SELECT });
    return new Set(rows.map(({ name }) => name));
  } catch (error) {
    const isMissing =
      error instanceof DatabaseError && (error.original as { code?: string }).code === "ER_NO_SUCH_TABLE";
    if (isMissing) return new Set();
    throw error;
  }
}
