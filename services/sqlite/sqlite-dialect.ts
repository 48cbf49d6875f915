import { type SqlitePair, SqliteSession } from "./sqlite-session.ts";
import { WriteLock } from "./write-lock.ts";

/** A Sequelize `dialectModule` in the shape of the package sqlite3, over `node:sqlite`. */
export function createSqliteDialect(pair: SqlitePair) {
  const lock = new WriteLock();
  class Database extends SqliteSession {
    constructor(filename: string, _mode: number, opened: (error: Error | null) => void) {
      super(filename, pair, lock);
      queueMicrotask(() => opened(null));
    }
  }
  return { Database, OPEN_READWRITE: 2, OPEN_CREATE: 4, OPEN_FULLMUTEX: 0x10000 };
}
