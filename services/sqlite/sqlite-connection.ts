import type { SqliteParameters, SqliteResult, SqliteStatement } from "./sqlite-protocol.ts";
import { SqliteThread } from "./sqlite-thread.ts";

/** How a file is opened. */
export type SqliteOptions = {
  readOnly?: boolean;
  /**
   * Default FULL: a commit is on disk when it is answered. NORMAL: a power cut can lose the last commits, but not
   * the file's consistency.
   */
  synchronous?: "FULL" | "NORMAL";
  /** Lock the file against every other process for as long as it is open. Default false. */
  exclusive?: boolean;
  /** Modules whose exports become SQL functions of the same names. */
  functions?: readonly URL[];
  /** A thread that was begun before; it ends with the connection. Default: one that is begun now. */
  thread?: SqliteThread | undefined;
};

/**
 * One connection to an SQLite file, in a worker thread. Statements run one at a time in the order of the calls. The file
 * is in WAL mode.
 */
export class SqliteConnection {
  readonly #thread: SqliteThread;

  private constructor(thread: SqliteThread) {
    this.#thread = thread;
  }

  /** Opens or creates the file; rejects with SqliteError where it cannot (SQLITE_BUSY: another process locks it). */
  static async open(path: string, options: SqliteOptions = {}): Promise<SqliteConnection> {
    const { thread = new SqliteThread(), readOnly = false, functions = [] } = options;
    try {
      const setup = setupStatements(options);
      await thread.open({ path, readOnly, setup, functions: functions.map(String) });
      return new SqliteConnection(thread);
    } catch (error) {
      await Promise.allSettled([thread.end(), thread.exited]);
      throw error;
    }
  }

  /** As of its thread. */
  get exited(): Promise<void> {
    return this.#thread.exited;
  }

  /** Rows of a query. */
  all<Row>(sql: string, parameters: SqliteParameters = []): Promise<Row[]> {
    return this.#thread.request({ kind: "all", sql, parameters });
  }

  /** Executes one statement. */
  run(sql: string, parameters: SqliteParameters = []): Promise<SqliteResult> {
    return this.#thread.request({ kind: "run", sql, parameters });
  }

  /** Executes statements without parameters. */
  exec(sql: string): Promise<void> {
    return this.#thread.request({ kind: "exec", sql });
  }

  /** Executes all statements in one transaction: all or nothing. Results come in order, one for each row. */
  transaction(statements: readonly SqliteStatement[]): Promise<SqliteResult[]> {
    return this.#thread.request({ kind: "transaction", statements });
  }

  /** Closes the file once what was asked before is done, and ends the thread. */
  close(): Promise<void> {
    return this.#thread.end();
  }
}

function setupStatements({ readOnly, exclusive, synchronous = "FULL" }: SqliteOptions): string {
  if (readOnly) return "";
  const lock = exclusive ? "PRAGMA locking_mode = EXCLUSIVE; " : "";
  const begin = exclusive ? "; BEGIN EXCLUSIVE; COMMIT" : "";
  return `${lock}PRAGMA journal_mode = WAL; PRAGMA synchronous = ${synchronous}${begin}`;
}
