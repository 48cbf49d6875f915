import type { SqliteConnection } from "../sqlite/sqlite-connection.ts";
import type { CommitMark } from "./commit-mark.ts";
import type { DeadLetter } from "./write-queue.ts";

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS dead_letters (
    mark INTEGER PRIMARY KEY, time INTEGER NOT NULL, reason TEXT NOT NULL, write BLOB NOT NULL)`;

/** The dead letters, in a table beside the records. */
export class SqliteDeadLetters {
  readonly #connection: SqliteConnection;

  private constructor(connection: SqliteConnection) {
    this.#connection = connection;
  }

  static async open(connection: SqliteConnection): Promise<SqliteDeadLetters> {
    await connection.exec(SCHEMA);
    return new SqliteDeadLetters(connection);
  }

  /** Sets a write aside where there is none under its mark. */
  async bury({ mark, write, reason, timeMs }: DeadLetter): Promise<void> {
    await this.#connection.run(
      "INSERT INTO dead_letters (mark, time, reason, write) VALUES (?, ?, ?, ?) ON CONFLICT (mark) DO NOTHING",
      [mark, timeMs, reason, write],
    );
  }

  /** The letters with a higher mark than `after`, by mark. */
  list(after: CommitMark, limit: number): Promise<DeadLetter[]> {
    return this.#connection.all<DeadLetter>(
      "SELECT mark, write, reason, time AS timeMs FROM dead_letters WHERE mark > ? ORDER BY mark LIMIT ?",
      [after, limit],
    );
  }

  /** Forgets a letter; false where there is none. */
  async drop(mark: CommitMark): Promise<boolean> {
    const { changes } = await this.#connection.run("DELETE FROM dead_letters WHERE mark = ?", [mark]);
    return changes === 1;
  }
}
