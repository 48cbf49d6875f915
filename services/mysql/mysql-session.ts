import type { Connection } from "mysql2";
import { checkMysqlVersion, parseMysqlVersion } from "./mysql-version.ts";

/** What the largest statement of a batch needs, with a margin. MariaDB's default is this, MySQL's is more. */
const LEAST_PACKET_BYTES = 16 * 1_048_576;

/** A client that is silent for this many times its own patience is gone: its transaction must not hold rows any longer. */
const SILENCE = 3;

type ServerFacts = { version: string; packetBytes: number };

/**
 * Makes a new connection's session what every query relies on: strict, READ COMMITTED, and with limits on every wait;
 * Sequelize sets it to UTC before. Rejects where the server cannot be used.
 *
 * @param answerTimeoutMs how long the client waits for an answer; the server gives up at the same time
 */
export async function prepareMysqlSession(connection: Connection, answerTimeoutMs: number): Promise<void> {
  const session = connection.promise();
  const [rows] = await session.query("SELECT VERSION() AS version, @@max_allowed_packet AS packetBytes");
  const { version, packetBytes } = (rows as ServerFacts[])[0]!;
  checkMysqlVersion(version);
  if (packetBytes < LEAST_PACKET_BYTES) {
    throw new Error(`max_allowed_packet of the server at MYSQL_URL is ${packetBytes}; set 16M or more`);
  }
  const seconds = Math.ceil(answerTimeoutMs / 1_000);
  const statementLimit = parseMysqlVersion(version).isMariaDb
    ? `max_statement_time = ${seconds}`
    : `max_execution_time = ${answerTimeoutMs}`;
  const lockSeconds = Math.ceil(seconds / 2);
  const locks = `innodb_lock_wait_timeout = ${lockSeconds}, lock_wait_timeout = ${lockSeconds}`;
  const silence = `wait_timeout = ${SILENCE * seconds}`;
  await session.query("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED");
  await session.query(`SET SESSION sql_mode = 'TRADITIONAL', ${locks}, ${silence}, ${statementLimit}`);
}
