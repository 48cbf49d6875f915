import { QueryTypes, type Sequelize } from "sequelize";

/** Names are the server's, not the database's, and of 64 characters at most. */
const LOCK = "CONCAT('parley-migrate-', MD5(DATABASE()))";

/**
 * Does the work while no other process does any for this database. Rejects where another one takes longer than
 * `waitSeconds`. The lock ends with the connection that has it.
 */
export function withMigrationLock<T>(sequelize: Sequelize, waitSeconds: number, work: () => Promise<T>): Promise<T> {
  return sequelize.transaction(async (transaction) => {
    const ask = (sql: string) =>
      sequelize.query<{ answer: number | null }>(sql, { type: QueryTypes.SELECT, transaction });
    const [taken] = await ask(`SELECT GET_LOCK(${LOCK}, ${waitSeconds}) AS answer`);
    if (taken?.answer !== 1)
      throw new Error(
        `another process migrates the database, and has not ended in ${waitSeconds} s: run it again when that has ended`,
      );
    try {
      return await work();
    } finally {
      await ask(`SELECT RELEASE_LOCK(${LOCK}) AS answer`);
    }
  });
}
