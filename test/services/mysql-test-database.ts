import { createConnection } from "mysql2/promise";
import { type MysqlSettings, migrateMysqlDatabase } from "../../services/mysql/mysql-database.ts";
import { newName } from "../servers/shared-server.ts";

/** Executes a statement on a server, with a connection of its own. */
export async function executeOn<T = unknown>(url: string, statement: string): Promise<T> {
  const connection = await createConnection(url);
  try {
    const [result] = await connection.query(statement);
    return result as T;
  } finally {
    connection.destroy();
  }
}

/** Makes a new, empty database on a server; resolves with the settings to open it with. */
export async function createEmptyMysqlDatabase(url: string): Promise<MysqlSettings> {
  const name = newName();
  await executeOn(url, `CREATE DATABASE ${name}`);
  return { MYSQL_URL: new URL(`/${name}`, url).href, MYSQL_POOL_MAX: 10, MYSQL_TLS_CA_FILE: undefined };
}

/** Makes a new database with its tables. */
export async function createMysqlDatabase(url: string): Promise<MysqlSettings> {
  const settings = await createEmptyMysqlDatabase(url);
  await migrateMysqlDatabase(settings);
  return settings;
}

/** Removes a database that nothing has open. */
export async function dropMysqlDatabase({ MYSQL_URL }: MysqlSettings): Promise<void> {
  await executeOn(MYSQL_URL, `DROP DATABASE ${new URL(MYSQL_URL).pathname.slice(1)}`);
}
