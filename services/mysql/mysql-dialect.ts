import type { Duplex } from "node:stream";
import {
  type Connection,
  type ConnectionOptions,
  createConnection,
  type FieldPacket,
  type QueryError,
  type RowDataPacket,
} from "mysql2";
import { findUnsafeValue } from "./mysql-value.ts";

/** Numbers of the errors of a server that takes no writes, such as a primary that became a replica. */
const READ_ONLY_ERRORS = new Set([1290, 1836]);

/** mysql2's type does not tell of its socket. `Connection.destroy` would not settle the statement under way. */
type ConnectionWithStream = Connection & { stream: Duplex };

type Callback = (error: Error | null, rows?: unknown, fields?: FieldPacket[]) => void;
type StatementCallback = (error: QueryError | null, rows?: unknown, fields?: FieldPacket[]) => void;
type Execute = (...parameters: unknown[]) => unknown;

/**
 * mysql2 as a `dialectModule` of Sequelize, with connections that end where their server does not answer, and that are
 * all given up where it no longer takes writes: what is connected to next may be another one.
 */
export class MysqlDialect {
  readonly #answerTimeoutMs: number;
  #usable = new WeakSet<Connection>();

  constructor(answerTimeoutMs: number) {
    this.#answerTimeoutMs = answerTimeoutMs;
  }

  /** Begins to connect. Sequelize calls it without `this`. */
  readonly createConnection = (options: ConnectionOptions): Connection => {
    const connection = createConnection(options);
    this.#usable.add(connection);
    for (const method of ["query", "execute"] as const) {
      const execute = connection[method].bind(connection) as Execute;
      const watched: Execute = (...parameters) => {
        const callback = parameters.pop() as Callback;
        return execute(...parameters, this.#watch(connection, callback));
      };
      Object.defineProperty(connection, method, { value: watched });
    }
    return connection;
  };

  /** Whether a connection may be taken from the pool. */
  isUsable(connection: Connection): boolean {
    return this.#usable.has(connection) && connection.state === "authenticated";
  }

  /** The callback of a statement that is sent now. */
  #watch(connection: Connection, callback: Callback): StatementCallback {
    const timer = setTimeout(() => abandon(connection, this.#answerTimeoutMs), this.#answerTimeoutMs);
    return (error, rows, fields) => {
      clearTimeout(timer);
      if (error && READ_ONLY_ERRORS.has(error.errno ?? 0)) this.#usable = new WeakSet();
      callback(error ?? (fields ? findUnsafeValue(rows as RowDataPacket[], fields) : null) ?? null, rows, fields);
    };
  }
}

/** Fails the statement that the connection executes, and all that wait in it. */
function abandon(connection: Connection, afterMs: number): void {
  const error = new Error(`the server at MYSQL_URL has not answered for ${afterMs} ms`);
  (connection as ConnectionWithStream).stream.destroy(Object.assign(error, { code: "ETIMEDOUT" }));
}
