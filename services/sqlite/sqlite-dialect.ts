import type { SqliteConnection } from "./sqlite-connection.ts";
import type { SqliteParameters, SqliteResult } from "./sqlite-protocol.ts";

type Callback = (this: SqliteResult | undefined, error: Error | null, rows?: unknown[]) => void;

/** The two connections behind every session: SQLite has one writer, and readers see the last commit. */
export type SqlitePair = { writer: SqliteConnection; reader: SqliteConnection };

/** Grants the writer to one session at a time, in the order of asking. */
class WriteLock {
  #tail: Promise<void> = Promise.resolve();

  /** Resolves with the function that gives the lock back. */
  acquire(): Promise<() => void> {
    let release!: () => void;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const granted = this.#tail.then(() => release);
    this.#tail = this.#tail.then(() => held);
    return granted;
  }
}

const BEGIN = /^BEGIN/i;
/** One that fails, as on a full disk, leaves its transaction open. */
const COMMIT = /^COMMIT/i;
const END = /^(COMMIT|ROLLBACK)(?!\s+TO)/i;
const QUERY = /^\s*(SELECT|WITH|PRAGMA\s+\w+\s*\()/i;

/**
 * A Sequelize `dialectModule` in the shape of the package sqlite3, over `node:sqlite`. A session that has begun a
 * transaction holds the writer until it ends; statements outside one wait their turn, and queries outside one go to
 * the reader.
 */
export function createSqliteDialect({ writer, reader }: SqlitePair) {
  const lock = new WriteLock();

  class Database {
    readonly filename: string;
    uuid?: string;
    #release: (() => void) | undefined;

    constructor(filename: string, _mode: number, opened: (error: Error | null) => void) {
      this.filename = filename;
      queueMicrotask(() => opened(null));
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
      const rolledBack = this.#release ? writer.exec("ROLLBACK") : Promise.resolve();
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
      if (this.#release) {
        try {
          return await work(writer);
        } catch (error) {
          if (COMMIT.test(sql)) await writer.exec("ROLLBACK").catch(() => undefined);
          throw error;
        } finally {
          if (END.test(sql)) this.#giveBack();
        }
      }
      if (QUERY.test(sql)) return work(reader);
      const release = await lock.acquire();
      let begun = false;
      try {
        const value = await work(writer);
        begun = BEGIN.test(sql);
        return value;
      } finally {
        if (begun) this.#release = release;
        else release();
      }
    }

    #giveBack(): void {
      this.#release?.();
      this.#release = undefined;
    }
  }

  return { Database, OPEN_READWRITE: 2, OPEN_CREATE: 4, OPEN_FULLMUTEX: 0x10000 };
}
