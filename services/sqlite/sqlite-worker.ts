import { constants, setPriority } from "node:os";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { parentPort, workerData } from "node:worker_threads";
import { releaseIdleMemory } from "../process/idle-memory.ts";
import type {
  SqliteFailure,
  SqliteOpening,
  SqliteParameters,
  SqliteReply,
  SqliteRequest,
  SqliteResult,
  SqliteStatement,
  SqliteTask,
  SqliteValue,
  SqliteWorkerData,
} from "./sqlite-protocol.ts";

const MAX_CACHED_STATEMENTS = 200;
const MAX_CACHED_SQL_LENGTH = 2_000;

const PRIMARY_CODES: Record<number, string> = {
  5: "SQLITE_BUSY",
  8: "SQLITE_READONLY",
  10: "SQLITE_IOERR",
  11: "SQLITE_CORRUPT",
  13: "SQLITE_FULL",
  14: "SQLITE_CANTOPEN",
  18: "SQLITE_TOOBIG",
  19: "SQLITE_CONSTRAINT",
  20: "SQLITE_MISMATCH",
  26: "SQLITE_NOTADB",
};

function bindable(value: unknown): SqliteValue {
  if (value === undefined) return null;
  if (typeof value === "boolean") return value ? 1 : 0;
  if (value instanceof Date) return value.getTime();
  return value as SqliteValue;
}

function bind(parameters: SqliteParameters): SqliteValue[] {
  if (Array.isArray(parameters)) return parameters.map(bindable);
  const named = Object.entries(parameters).map(([name, value]) => [name, bindable(value)]);
  return named.length === 0 ? [] : [Object.fromEntries(named) as unknown as SqliteValue];
}

function describe(error: unknown): SqliteFailure {
  const { message, errcode } = error as { message: string; errcode?: number };
  const primary = (errcode ?? 1) & 0xff;
  return { message, code: PRIMARY_CODES[primary] ?? "SQLITE_ERROR", errno: primary };
}

async function open({ path, readOnly, setup, functions }: SqliteOpening): Promise<DatabaseSync> {
  const database = new DatabaseSync(path, { readOnly, timeout: 0 });
  try {
    await prepareConnection(database, setup, functions);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

async function prepareConnection(database: DatabaseSync, setup: string, functions: readonly string[]): Promise<void> {
  database.exec(setup);
  for (const url of functions) {
    const module = (await import(url)) as Record<string, (...values: SqliteValue[]) => SqliteValue>;
    for (const [name, body] of Object.entries(module)) database.function(name, { deterministic: true }, body);
  }
}

/** Prepares statements, and keeps those that come again. */
function createPreparer(database: DatabaseSync): (sql: string) => StatementSync {
  const statements = new Map<string, StatementSync>();
  return (sql) => {
    if (sql.length > MAX_CACHED_SQL_LENGTH) return database.prepare(sql);
    const known = statements.get(sql);
    if (known) return known;
    if (statements.size >= MAX_CACHED_STATEMENTS) statements.delete(statements.keys().next().value!);
    const statement = database.prepare(sql);
    statements.set(sql, statement);
    return statement;
  };
}

function createExecutor(database: DatabaseSync) {
  const prepare = createPreparer(database);
  const run = (sql: string, parameters: SqliteParameters): SqliteResult => {
    const { changes, lastInsertRowid } = prepare(sql).run(...bind(parameters));
    return { changes: Number(changes), lastID: Number(lastInsertRowid) };
  };
  const transaction = (list: readonly SqliteStatement[]): SqliteResult[] => {
    database.exec("BEGIN IMMEDIATE");
    try {
      const results = list.flatMap(({ sql, rows }) => rows.map((row) => run(sql, row)));
      database.exec("COMMIT");
      return results;
    } catch (error) {
      if (database.isTransaction) database.exec("ROLLBACK");
      throw error;
    }
  };
  return (request: SqliteRequest): unknown => {
    switch (request.kind) {
      case "all":
        return prepare(request.sql).all(...bind(request.parameters));
      case "run":
        return run(request.sql, request.parameters);
      case "exec":
        return database.exec(request.sql);
      case "transaction":
        return transaction(request.statements);
      case "close":
        return database.close();
    }
  };
}

/** Until a file is open, which it never is where that failed, there is nothing to close. */
let execute = (request: SqliteRequest): unknown => {
  if (request.kind === "close") return;
  throw new Error(`the request "${request.kind}" came before the database was open`);
};

async function perform(request: SqliteRequest): Promise<unknown> {
  if (request.kind === "open") execute = createExecutor(await open(request));
  else return execute(request);
}

// Of a thread, not of the process, is the priority on Linux alone.
const { isPatient } = workerData as SqliteWorkerData;
if (isPatient && process.platform === "linux") setPriority(constants.priority.PRIORITY_BELOW_NORMAL);

parentPort!.on("message", ({ id, request }: SqliteTask) => {
  const reply = (answer: Omit<SqliteReply, "id">) => parentPort!.postMessage({ id, ...answer });
  const done = perform(request).then(
    (value) => reply({ value }),
    (error: unknown) => reply({ failure: describe(error) }),
  );
  if (request.kind === "close") void done.then(() => parentPort!.close());
});

releaseIdleMemory();
