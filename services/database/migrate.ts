import { DatabaseError, DataTypes, type Model, type QueryInterface, type Sequelize } from "sequelize";
import { up as createTables } from "./migrations/0001-create-tables.ts";
import { up as addPeople } from "./migrations/0002-add-people.ts";

/** The migrations in their order. A name, once released, stays; a new one goes to the end. */
const MIGRATIONS = [
  { name: "0001-create-tables", up: createTables },
  { name: "0002-add-people", up: addPeople },
];

/** Executes the migrations that this database has not had yet; resolves with their names. One process at a time. */
export async function migrate(sequelize: Sequelize): Promise<string[]> {
  if ((await missingMigrations(sequelize)).length === 0) return [];
  // Umzug brings a command line with it, 200 modules that take 4 MB and 100 ms: it is loaded where it has work.
  const { SequelizeStorage, Umzug } = await import("umzug");
  const umzug = new Umzug<QueryInterface>({
    migrations: MIGRATIONS.map(({ name, up }) => ({ name, up: ({ context }) => up(context) })),
    context: sequelize.getQueryInterface(),
    storage: new SequelizeStorage({ sequelize, model: defineMigrationRow(sequelize) }),
    logger: undefined,
  });
  return (await umzug.up()).map(({ name }) => name);
}

/**
 * Rejects where this database lacks a migration, with what to do. One that has more is of a newer version, and may be
 * used: the new version migrates before the old one ends.
 */
export async function requireMigrated(sequelize: Sequelize): Promise<void> {
  const missing = await missingMigrations(sequelize);
  if (missing.length === 0) return;
  throw new Error(`the database's schema is not current, it lacks ${missing.join(", ")}; run \`npm run migrate\``);
}

async function missingMigrations(sequelize: Sequelize): Promise<string[]> {
  const executed = await executedMigrations(sequelize);
  return MIGRATIONS.map(({ name }) => name).filter((name) => !executed.has(name));
}

/** Reads alone: whoever is not to migrate need not have the right to. */
async function executedMigrations(sequelize: Sequelize): Promise<Set<string>> {
  try {
    const rows = await defineMigrationRow(sequelize).findAll({ raw: true });
    return new Set(rows.map(({ name }) => name));
  } catch (error) {
    if (error instanceof DatabaseError && isWithoutTable(error.original)) return new Set();
    throw error;
  }
}

/** Of SQLite by its text: its code stands for many things. */
function isWithoutTable({ code, message }: Error & { code?: string }): boolean {
  return code === "ER_NO_SUCH_TABLE" || (code === "SQLITE_ERROR" && message.includes("no such table"));
}

/** The table of the migrations that this database has had. */
function defineMigrationRow(sequelize: Sequelize) {
  const name = { type: DataTypes.STRING(128), primaryKey: true };
  const options = { timestamps: false, charset: "utf8mb4", collate: "utf8mb4_bin" };
  return sequelize.define<Model<{ name: string }> & { name: string }>("migrations", { name }, options);
}
