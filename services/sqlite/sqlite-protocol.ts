import type { SQLInputValue } from "node:sqlite";

/** A value that a statement can be given; others are converted by `bindable`. */
export type SqliteValue = SQLInputValue;

/** Positional or named parameters of one execution. */
export type SqliteParameters = readonly unknown[] | Readonly<Record<string, unknown>>;

/** What a write did. `lastID` is the rowid of the last insert. */
export type SqliteResult = { changes: number; lastID: number };

/** A statement of a transaction, executed once for each row of parameters. */
export type SqliteStatement = { sql: string; rows: readonly SqliteParameters[] };

/** What is asked of a thread: to open its file first, to close it last, which ends the thread. */
export type SqliteRequest =
  | SqliteOpening
  | { kind: "all"; sql: string; parameters: SqliteParameters }
  | { kind: "run"; sql: string; parameters: SqliteParameters }
  | { kind: "exec"; sql: string }
  | { kind: "transaction"; statements: readonly SqliteStatement[] }
  | { kind: "close" };

/** How a file is opened. */
export type SqliteOpening = {
  kind: "open";
  path: string;
  readOnly: boolean;
  /** Executed once after opening; PRAGMAs. */
  setup: string;
  /** Modules whose exports become SQL functions of the same names. */
  functions: readonly string[];
};

/** What a thread is begun with. */
export type SqliteWorkerData = { isPatient: boolean };

/** A request under the number that its answer has. */
export type SqliteTask = { id: number; request: SqliteRequest };

/** How an error crosses the thread boundary. `code` is SQLite's symbolic primary code, as in `SQLITE_CONSTRAINT`. */
export type SqliteFailure = { message: string; code: string; errno: number };

/** The answer to a task. */
export type SqliteReply = { id: number; value?: unknown; failure?: SqliteFailure };
