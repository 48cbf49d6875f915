import type { Connection, ConnectionOptions } from "mysql2";
import { ConnectionError, type Options, type Sequelize } from "sequelize";
import { connectDatabase, type Database } from "../database/database.ts";
import { migrate, requireMigrated } from "../database/migrate.ts";
import { readAuthority } from "../settings/authority.ts";
import type { Settings } from "../settings/settings.ts";
import { executeDirectly, selectDirectly } from "./direct-statements.ts";
import { withMigrationLock } from "./migration-lock.ts";
import { type MysqlAddress, parseMysqlUrl } from "./mysql-address.ts";
import { MysqlDialect } from "./mysql-dialect.ts";
import { prepareMysqlSession } from "./mysql-session.ts";
import { explainMysqlStart } from "./mysql-start-error.ts";
import { READ_BIGINT } from "./mysql-value.ts";

/** Which settings say where the database is. */
export type MysqlSettings = Pick<Settings, "MYSQL_POOL_MAX" | "MYSQL_TLS_CA_FILE"> & { MYSQL_URL: string };

/** How patient a process is with its database. */
export type MysqlOptions = {
  /** Milliseconds in which a statement must be answered; its connection ends otherwise. Default 10 s. */
  answerTimeoutMs?: number;
};

const CONNECT_TIMEOUT_MS = 5_000;
/** How long to wait for one of the connections where all are busy. */
const ACQUIRE_TIMEOUT_MS = 10_000;
const ANSWER_TIMEOUT_MS = 10_000;
/** The server ends silent connections later than this, so that none is taken which it is about to end. */
const IDLE_TIMEOUT_MS = 10_000;
/** Connections that reads of many rows leave to all else. */
const SPARE_CONNECTIONS = 2;
/** Statements that a connection keeps prepared; the server has a limit for all connections, 16,382 by default. */
const PREPARED_STATEMENTS = 100;

/** A migration may have large tables to change. */
const MIGRATION_TIMEOUT_MS = 3_600_000;
const MIGRATION_WAIT_S = 600;

/**
 * Opens the database at MYSQL_URL. Rejects with what to do where it cannot be reached or used, or is not migrated; later
 * it may be away: what is asked of it meanwhile rejects with an error of Sequelize.
 */
export function openMysqlDatabase(settings: MysqlSettings, options: MysqlOptions = {}): Promise<Database> {
  return open(settings, options, requireMigrated);
}

/** Brings the database at MYSQL_URL to the current schema, one process at a time; resolves with the migrations it took. */
export async function migrateMysqlDatabase(settings: MysqlSettings): Promise<string[]> {
  let executed: string[] = [];
  const prepare = async (sequelize: Sequelize) => {
    executed = await withMigrationLock(sequelize, MIGRATION_WAIT_S, () => migrate(sequelize));
  };
  const database = await open(settings, { answerTimeoutMs: MIGRATION_TIMEOUT_MS }, prepare);
  await database.close();
  return executed;
}

async function open(
  settings: MysqlSettings,
  { answerTimeoutMs = ANSWER_TIMEOUT_MS }: MysqlOptions,
  prepare: (sequelize: Sequelize) => Promise<unknown>,
): Promise<Database> {
  const address = parseMysqlUrl(settings.MYSQL_URL);
  const options = sequelizeOptions(address, await loadTls(settings), settings.MYSQL_POOL_MAX, answerTimeoutMs);
  try {
    return await connectDatabase(options, {
      largeReadsAtOnce: Math.max(1, settings.MYSQL_POOL_MAX - SPARE_CONNECTIONS),
      prepare,
      close: async () => undefined,
      execute: executeDirectly,
      select: selectDirectly,
    });
  } catch (error) {
    throw explainMysqlStart(error, address);
  }
}

function sequelizeOptions(
  { user, ...address }: MysqlAddress,
  tls: Pick<ConnectionOptions, "ssl">,
  poolMax: number,
  answerTimeoutMs: number,
): Options {
  const dialect = new MysqlDialect(answerTimeoutMs);
  const dialectOptions: ConnectionOptions = {
    ...tls,
    charset: "UTF8MB4_BIN",
    connectTimeout: CONNECT_TIMEOUT_MS,
    maxPreparedStatements: PREPARED_STATEMENTS,
    // An update tells how many rows it found, as SQLite does, not how many were different before.
    flags: ["FOUND_ROWS", "-LOCAL_FILES"],
    ...READ_BIGINT,
  };
  // Sequelize's type does not tell of the version. Each connection checks the true one, so that none is asked for it.
  const options: Options & { databaseVersion: string } = {
    ...address,
    username: user,
    dialect: "mysql",
    dialectModule: dialect,
    dialectOptions,
    pool: {
      max: poolMax,
      acquire: ACQUIRE_TIMEOUT_MS,
      idle: IDLE_TIMEOUT_MS,
      validate: (connection?: unknown) => dialect.isUsable(connection as Connection),
    },
    hooks: { afterConnect: (connection) => prepareConnection(connection as Connection, answerTimeoutMs) },
    databaseVersion: "8.4.0",
  };
  return options;
}

/** A connection that cannot be prepared is closed; that it broke is an error of Sequelize's as any other. */
async function prepareConnection(connection: Connection, answerTimeoutMs: number): Promise<void> {
  try {
    await prepareMysqlSession(connection, answerTimeoutMs);
  } catch (error) {
    connection.destroy();
    throw "code" in (error as Error) ? new ConnectionError(error as Error) : error;
  }
}

async function loadTls(settings: MysqlSettings): Promise<Pick<ConnectionOptions, "ssl">> {
  const ca = await readAuthority(settings, "MYSQL_TLS_CA_FILE");
  return ca === undefined ? {} : { ssl: { ca, minVersion: "TLSv1.2", rejectUnauthorized: true, verifyIdentity: true } };
}
