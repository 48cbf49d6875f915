import { randomUUID } from "node:crypto";
import { createConnection } from "mysql2/promise";
import { type MysqlSettings, migrateMysqlDatabase } from "../../services/mysql/mysql-database.ts";
import { MissingServerError, startServer } from "../servers/real-server.ts";

/** A server on which tests make databases of their own. */
export type MysqlForTests = {
  /** Where the server is, with a user who may do everything. */
  url: string;
  /** Makes a database with its tables; resolves with the settings to open it with. */
  createDatabase(): Promise<MysqlSettings & { MYSQL_URL: string }>;
  dropDatabase(settings: MysqlSettings): Promise<void>;
};

/** The server at MYSQL_URL, or one that is started here; undefined where none can be had, which is an error under CI. */
export async function findMysqlForTests(): Promise<MysqlForTests | undefined> {
  const url = process.env.MYSQL_URL ?? (await startMysql());
  if (url === undefined) return undefined;
  const execute = async (statement: string) => {
    const connection = await createConnection(url);
    await connection.query(statement);
    await connection.end();
  };
  return {
    url,
    async createDatabase() {
      const name = `parley_${randomUUID().replaceAll("-", "")}`;
      await execute(`CREATE DATABASE ${name}`);
      const settings = { MYSQL_URL: new URL(`/${name}`, url).href, MYSQL_POOL_MAX: 10, MYSQL_TLS_CA_FILE: undefined };
      await migrateMysqlDatabase(settings);
      return settings;
    },
    dropDatabase: (settings) => execute(`DROP DATABASE ${new URL(settings.MYSQL_URL).pathname.slice(1)}`),
  };
}

async function startMysql(): Promise<string | undefined> {
  try {
    return (await startServer("mysql")).url;
  } catch (error) {
    if (error instanceof MissingServerError && process.env.CI !== "true") return undefined;
    throw error;
  }
}
