import type { SqliteConnection } from "./sqlite-connection.ts";
import type { SqliteParameters, SqliteResult } from "./sqlite-protocol.ts";
import type { WriteLock } from "./write-lock.ts";

type Callback = (this: SqliteResult | undefined, error: Error | null, rows?: unknown[]) => void;

/** The two connections behind every session: SQLite has one writer, and readers see the last commit. */
export type SqlitePair = { writer: SqliteConnection; reader: SqliteConnection };

const BEGIN = /^BEGIN/i;
/** One that fails, as on a full disk, leaves its transaction open. */
const COMMIT = /^COMMIT/i;
const END = /^(COMMIT|ROLLBACK)(?!\s+TO)/i;
const QUERY = /^\s*(SELECT|WITH|PRAGMA\s+\w+\s*\()/i;

/**
 * A connection as Sequelize takes it to be, in the shape of the package sqlite3. One that has begun a transaction holds
 * the writer until it ends; statements outside one wait their turn, and queries outside one go to the reader.
 */
export class SqliteSession {
  readonly filename: string;
  uuid?: string;
  readonly #pair: SqlitePair;
  readonly #lock: WriteLock;
  #release: (() => void) | undefined;

  constructor(filename: string, pair: SqlitePair, lock: WriteLock) {
    this.filename = filename;
    this.#pair = pair;
    this.#lock = lock;
  }

  run(sql: string, ...rest: unknown[]): this {
    return this.#execute(sql, rest, (connection, parameters) => connection.run(sql, parameters));
  }

  all(sql: string, ...rest: unknown[]): this {
    return this.#execute(sql, rest, (connection, parameters) => connection.all(sql, parameters));
  }

  exec(sql: string, callback?: Callback): this {
    return this.#execute(sql, [callback], (connection) => connection.exec(sql));
  }

  serialize(body: () => void): void {
    body();
  }

  close(callback?: (error: Error | null) => void): void {
    const rolledBack = this.#release ? this.#pair.writer.exec("ROLLBACK") : Promise.resolve();
    rolledBack
      .catch(() => undefined)
      .then(() => {
        this.#giveBack();
        callback?.(null);
      });
  }

  #execute(
    sql: string,
    rest: unknown[],
    work: (connection: SqliteConnection, parameters: SqliteParameters) => Promise<unknown>,
  ): this {
    const callback = rest.at(-1) as Callback | undefined;
    const parameters = (rest.length > 1 ? rest[0] : []) as SqliteParameters;
    this.#withConnection(sql, (connection) => work(connection, parameters ?? [])).then(
      (value) => callback?.call(value as SqliteResult, null, Array.isArray(value) ? value : []),
      (error: Error) => callback?.call(undefined, error),
    );
    return this;
  }

  async #withConnection(sql: string, work: (connection: SqliteConnection) => Promise<unknown>): Promise<unknown> {
    if (this.#release) return this.#inTransaction(sql, work);
    if (QUERY.test(sql)) return work(this.#pair.reader);
    const release = await this.#lock.acquire();
    let begun = false;
    try {
      const value = await work(this.#pair.writer);
      begun = BEGIN.test(sql);
      return value;
    } finally {
      if (begun) this.#release = release;
      else release();
    }
  }

  async #inTransaction(sql: string, work: (connection: SqliteConnection) => Promise<unknown>): Promise<unknown> {
    try {
      return await work(this.#pair.writer);
    } catch (error) {
      if (COMMIT.test(sql)) await this.#pair.writer.exec("ROLLBACK").catch(() => undefined);
      throw error;
    } finally {
      if (END.test(sql)) this.#giveBack();
    }
  }

  #giveBack(): void {
    this.#release?.();
    this.#release = undefined;
  }
}
