import type { SqliteFailure } from "./sqlite-protocol.ts";

/** A statement or its connection failed. `code` is SQLite's primary code: `SQLITE_BUSY`, `SQLITE_CONSTRAINT`, `SQLITE_FULL` … */
export class SqliteError extends Error {
  readonly code: string;
  readonly errno: number;

  constructor({ message, code, errno }: SqliteFailure) {
    super(`${code}: ${message}`);
    this.name = "SqliteError";
    this.code = code;
    this.errno = errno;
  }
}

/** What was asked of a connection that was closed. */
export function closedError(path: string): SqliteError {
  return new SqliteError({ message: `the connection to ${path} is closed`, code: "SQLITE_MISUSE", errno: 21 });
}

/** The thread of a connection ended though nobody closed it. @param why what its thread threw, or its exit code */
export function crashedError(path: string, why: Error | number): SqliteError {
  const reason = why instanceof Error ? why.message : `exit code ${why}`;
  const message = `the thread of the connection to ${path} ended: ${reason}`;
  return new SqliteError({ message, code: "SQLITE_INTERNAL", errno: 2 });
}
