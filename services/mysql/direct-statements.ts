import type { Connection, RowDataPacket } from "mysql2";
import { DatabaseError, type Sequelize, type Transaction } from "sequelize";

/**
 * By mysql2 alone, which looks for no placeholders where `values` is null. Otherwise it searches a statement for them, and
 * Sequelize copies it to find out what it is: 0.8 µs a row.
 */
export function executeDirectly(statement: string, transaction: Transaction): Promise<void> {
  const { connection } = transaction as Transaction & { connection: Connection };
  return new Promise((resolve, reject) => {
    connection.query({ sql: statement, values: null }, (error) => {
      if (error) reject(new DatabaseError(Object.assign(error, { sql: statement })));
      else resolve();
    });
  });
}

/** By mysql2 alone, on a connection of Sequelize's pool: 78 to 118 µs of CPU for a page of 20 messages instead of 140 to 200. */
export async function selectDirectly<Row extends object>(sequelize: Sequelize, statement: string): Promise<Row[]> {
  const { connectionManager } = sequelize;
  const connection = (await connectionManager.getConnection({ type: "read" })) as Connection;
  try {
    return await select<Row>(connection, statement);
  } finally {
    connectionManager.releaseConnection(connection);
  }
}

function select<Row extends object>(connection: Connection, statement: string): Promise<Row[]> {
  return new Promise((resolve, reject) => {
    connection.query<RowDataPacket[]>({ sql: statement, values: null }, (error, rows) => {
      if (error) reject(new DatabaseError(Object.assign(error, { sql: statement })));
      else resolve(rows as Row[]);
    });
  });
}
