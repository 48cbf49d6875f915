import { migrateMysqlDatabase } from "../mysql/mysql-database.ts";
import { loadEnvironment } from "../settings/environment.ts";
import { readSettings, requireSettings } from "../settings/settings.ts";
import { takesNoArguments } from "./no-arguments.ts";

/** Brings the database at MYSQL_URL to the current schema, and says what it did. */
async function runMigrate(environment: NodeJS.ProcessEnv): Promise<string> {
  const settings = requireSettings(readSettings(environment), "npm run migrate", ["MYSQL_URL"]);
  const executed = await migrateMysqlDatabase(settings);
  return executed.length === 0 ? "the schema is current" : executed.map((name) => `migrated: ${name}`).join("\n");
}

const USAGE = "npm run migrate: brings the database at MYSQL_URL to the current schema; it takes no arguments";

if (import.meta.main && takesNoArguments(process.argv.slice(2), USAGE)) {
  try {
    process.stdout.write(`${await runMigrate(loadEnvironment())}\n`);
  } catch (error) {
    process.stderr.write(`Parley cannot migrate: ${(error as Error).message}\n`);
    process.exitCode = 1;
  }
}
