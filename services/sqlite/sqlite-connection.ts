import { Worker } from "node:worker_threads";
import { closedError, crashedError, SqliteError } from "./sqlite-error.ts";
import type {
  SqliteParameters,
  SqliteReply,
  SqliteRequest,
  SqliteResult,
  SqliteStatement,
  SqliteWorkerData,
} from "./sqlite-protocol.ts";

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
};

type Waiting = { resolve: (value: never) => void; reject: (error: Error) => void };

/**
 * One connection to an SQLite file, in a worker thread, so that neither a query nor an fsync blocks the event loop.
 * Statements run one at a time in the order of the calls. The file is in WAL mode.
 */
export class SqliteConnection {
  /**
   * Resolves when the connection is closed. Rejects with SqliteError where its thread ended before that; unless
   * somebody handles it, this ends the process as any rejection, for without its file it would only seem to work.
   */
  readonly exited: Promise<void>;
  readonly #worker: Worker;
  readonly #path: string;
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;
  #gone: SqliteError | undefined;
  #closing: Promise<void> | undefined;

  private constructor(worker: Worker, path: string) {
    this.#worker = worker;
    this.#path = path;
    let crash: Error | undefined;
    worker.on("message", (reply: SqliteReply) => this.#settle(reply));
    worker.on("error", (error) => {
      crash = error as Error;
    });
    this.exited = new Promise((resolve, reject) => {
      worker.on("exit", (exitCode) => {
        const isExpected = this.#closing !== undefined;
        this.#gone = isExpected ? closedError(path) : crashedError(path, crash ?? exitCode);
        for (const waiting of this.#waiting.values()) waiting.reject(this.#gone);
        this.#waiting.clear();
        if (isExpected) resolve();
        else reject(this.#gone);
      });
    });
  }

  /** Opens or creates the file; rejects with SqliteError where it cannot (SQLITE_BUSY: another process locks it). */
  static async open(path: string, options: SqliteOptions = {}): Promise<SqliteConnection> {
    const workerData: SqliteWorkerData = {
      path,
      readOnly: options.readOnly ?? false,
      setup: setupStatements(options),
      functions: (options.functions ?? []).map(String),
    };
    const worker = new Worker(new URL("./sqlite-worker.ts", import.meta.url), { workerData });
    const connection = new SqliteConnection(worker, path);
    try {
      await new Promise<void>((resolve, reject) => connection.#waiting.set(0, { resolve, reject }));
      return connection;
    } catch (error) {
      await connection.exited.catch(() => undefined);
      throw error;
    }
  }

  /** Rows of a query. */
  all<Row>(sql: string, parameters: SqliteParameters = []): Promise<Row[]> {
    return this.#request({ kind: "all", sql, parameters });
  }

  /** Executes one statement. */
  run(sql: string, parameters: SqliteParameters = []): Promise<SqliteResult> {
    return this.#request({ kind: "run", sql, parameters });
  }

  /** Executes statements without parameters. */
  exec(sql: string): Promise<void> {
    return this.#request({ kind: "exec", sql });
  }

  /** Executes all statements in one transaction: all or nothing. Results come in order, one for each row. */
  transaction(statements: readonly SqliteStatement[]): Promise<SqliteResult[]> {
    return this.#request({ kind: "transaction", statements });
  }

  /** Closes the file once what was asked before is done, and ends the thread. */
  close(): Promise<void> {
    this.#closing ??= this.#gone ? Promise.resolve() : this.#end();
    return this.#closing;
  }

  async #end(): Promise<void> {
    const closing = this.#request({ kind: "close" });
    this.#gone = closedError(this.#path);
    await closing;
    await this.exited;
  }

  #request<T>(request: SqliteRequest): Promise<T> {
    if (this.#gone) return Promise.reject(this.#gone);
    const id = ++this.#lastId;
    return new Promise<T>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#worker.postMessage({ id, request });
    });
  }

  #settle({ id, value, failure }: SqliteReply): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (failure) waiting?.reject(new SqliteError(failure));
    else waiting?.resolve(value as never);
  }
}

function setupStatements({ readOnly, exclusive, synchronous = "FULL" }: SqliteOptions): string {
  if (readOnly) return "";
  const lock = exclusive ? "PRAGMA locking_mode = EXCLUSIVE; " : "";
  const begin = exclusive ? "; BEGIN EXCLUSIVE; COMMIT" : "";
  return `${lock}PRAGMA journal_mode = WAL; PRAGMA synchronous = ${synchronous}${begin}`;
}
