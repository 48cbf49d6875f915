import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { SqliteConnection, type SqliteOptions } from "../../../services/sqlite/sqlite-connection.ts";
import { SqliteError } from "../../../services/sqlite/sqlite-error.ts";
import { temporaryFolder } from "../../temporary-folder.ts";

const newPath = async () => join(await temporaryFolder(), "test.sqlite");

async function open(path?: string, options?: SqliteOptions): Promise<SqliteConnection> {
  const connection = await SqliteConnection.open(path ?? (await newPath()), options);
  onTestFinished(() => connection.close());
  return connection;
}

async function openWithTable(): Promise<SqliteConnection> {
  const connection = await open();
  await connection.exec("CREATE TABLE t (id INTEGER PRIMARY KEY, value TEXT UNIQUE) STRICT");
  return connection;
}

const add = (connection: SqliteConnection, value: string) =>
  connection.run("INSERT INTO t (value) VALUES (?)", [value]);
const values = async (connection: SqliteConnection) =>
  (await connection.all<{ value: string }>("SELECT value FROM t ORDER BY id")).map(({ value }) => value);

describe("an SQLite connection", () => {
  test("tells what a statement did", async () => {
    const connection = await openWithTable();
    expect(await add(connection, "a")).toEqual({ changes: 1, lastID: 1 });
    expect(await add(connection, "b")).toEqual({ changes: 1, lastID: 2 });
    expect(await connection.run("UPDATE t SET value = value || 'x'")).toMatchObject({ changes: 2 });
    expect(await values(connection)).toEqual(["ax", "bx"]);
  });

  test.each([
    ["a number", 2 ** 53 - 1, 2 ** 53 - 1],
    ["a text", "ключ ' \" \\ 🙂", "ключ ' \" \\ 🙂"],
    ["true", true, 1],
    ["false", false, 0],
    ["a date", new Date(5_000), 5_000],
    ["null", null, null],
    ["undefined", undefined, null],
  ])("takes %s", async (_title, value, stored) => {
    const connection = await open();
    expect(await connection.all("SELECT ? AS value", [value])).toEqual([{ value: stored }]);
    expect(await connection.all("SELECT $value AS value", { $value: value })).toEqual([{ value: stored }]);
  });

  test("takes bytes, and statements without parameters", async () => {
    const connection = await open();
    const [row] = await connection.all<{ value: Uint8Array }>("SELECT ? AS value", [Uint8Array.of(0, 255)]);
    expect([...row!.value]).toEqual([0, 255]);
    expect(await connection.all("SELECT 1 AS value", {})).toEqual([{ value: 1 }]);
  });

  test("does not round an integer that JavaScript cannot hold", async () => {
    const connection = await open();
    await expect(connection.all("SELECT 9007199254740993 AS value")).rejects.toThrow(SqliteError);
  });

  test("executes in the order of the calls, more statements than it keeps", async () => {
    const connection = await openWithTable();
    const texts = Array.from({ length: 450 }, (_, index) => `${index % 230}-${index}`);
    await Promise.all(
      texts.map((text, index) => connection.run(`INSERT INTO t (value) VALUES (? /* ${index % 230} */)`, [text])),
    );
    expect(await values(connection)).toEqual(texts);
    await connection.run(`DELETE FROM t WHERE value <> '${"x".repeat(3_000)}'`);
    expect(await values(connection)).toEqual([]);
  });

  test("executes a transaction wholly or not at all", async () => {
    const connection = await openWithTable();
    const insert = "INSERT INTO t (value) VALUES (?)";
    expect(await connection.transaction([{ sql: insert, rows: [["a"], ["b"]] }])).toEqual([
      { changes: 1, lastID: 1 },
      { changes: 1, lastID: 2 },
    ]);
    const failing = connection.transaction([{ sql: insert, rows: [["c"], ["a"]] }]);
    const next = add(connection, "d");
    await expect(failing).rejects.toMatchObject({ code: "SQLITE_CONSTRAINT" });
    await next;
    expect(await values(connection)).toEqual(["a", "b", "d"]);
  });

  test("has functions of its own from a module", async () => {
    const path = await newPath();
    const functions = [new URL("../../../services/search/sqlite-search-functions.ts", import.meta.url)];
    const connection = await open(path, { functions });
    expect(await connection.all("SELECT matchesPattern('abc', 'b+') AS found")).toEqual([{ found: 1 }]);
    const missing = [new URL("./no-such-module.ts", import.meta.url)];
    await expect(SqliteConnection.open(path, { functions: missing })).rejects.toThrow("no-such-module");
  });

  test("keeps what it was told over a reopening", async () => {
    const path = await newPath();
    const first = await SqliteConnection.open(path, { synchronous: "NORMAL" });
    await first.exec("CREATE TABLE t (id INTEGER PRIMARY KEY, value TEXT)");
    await add(first, "a");
    await first.close();
    expect(await values(await open(path, { readOnly: true }))).toEqual(["a"]);
  });
});

describe("errors of an SQLite connection", () => {
  test.each([
    ["SQLITE_CONSTRAINT", "INSERT INTO t (value) VALUES ('a'), ('a')"],
    ["SQLITE_MISMATCH", "INSERT INTO loose (id) VALUES ('text')"],
    ["SQLITE_TOOBIG", "INSERT INTO loose (value) VALUES (zeroblob(2000000000))"],
    ["SQLITE_ERROR", "SELECT FROM"],
    ["SQLITE_ERROR", "SELECT * FROM missing"],
  ])("have the code %s for %j, and the connection goes on", async (code, sql) => {
    const connection = await openWithTable();
    await connection.exec("CREATE TABLE loose (id INTEGER PRIMARY KEY, value)");
    const failure = connection.run(sql);
    await expect(failure).rejects.toBeInstanceOf(SqliteError);
    await expect(failure).rejects.toMatchObject({
      code,
      errno: expect.any(Number),
      message: expect.stringContaining(code),
    });
    await add(connection, "b");
    expect(await values(connection)).toEqual(["b"]);
  });

  test("have a code for a parameter that cannot be bound", async () => {
    const connection = await open();
    await expect(connection.all("SELECT ?, ?", [1, {}])).rejects.toMatchObject({ code: "SQLITE_ERROR" });
  });

  test("tell a file that is locked, read-only, missing or no database", async () => {
    const path = await newPath();
    const owner = await open(path, { exclusive: true });
    await owner.exec("CREATE TABLE t (id INTEGER)");
    await expect(SqliteConnection.open(path)).rejects.toMatchObject({ code: "SQLITE_BUSY" });
    await owner.close();
    const reader = await open(path, { readOnly: true });
    await expect(reader.run("DELETE FROM t")).rejects.toMatchObject({ code: "SQLITE_READONLY" });
    const missing = join(await temporaryFolder(), "missing", "file");
    await expect(SqliteConnection.open(missing)).rejects.toMatchObject({ code: "SQLITE_CANTOPEN" });
    const text = await newPath();
    await writeFile(text, "this is not a database, but a text that is long enough ".repeat(100));
    await expect(SqliteConnection.open(text)).rejects.toMatchObject({ code: "SQLITE_NOTADB" });
  });
});

describe("closing an SQLite connection", () => {
  test("finishes what was asked before, and refuses what comes after", async () => {
    const connection = await openWithTable();
    const before = Array.from({ length: 50 }, (_, index) => add(connection, `${index}`));
    const closed = connection.close();
    const after = add(connection, "late");
    await expect(after).rejects.toThrow("closed");
    expect(await Promise.all(before)).toHaveLength(50);
    await closed;
    await expect(connection.all("SELECT 1")).rejects.toThrow("closed");
  });

  test("can be asked for more than once", async () => {
    const connection = await openWithTable();
    await Promise.all([connection.close(), connection.close()]);
    await connection.close();
  });
});

describe("an SQLite connection whose thread ends by itself", () => {
  test("says so, and rejects what waits and what comes after with an SqliteError", async () => {
    const functions = [new URL("./ending-functions.ts", import.meta.url)];
    const connection = await SqliteConnection.open(await newPath(), { functions });
    const exited = connection.exited.catch((error) => error);
    const waiting = [connection.all("SELECT endThread()"), connection.all("SELECT 1")];
    for (const { reason } of (await Promise.allSettled(waiting)) as PromiseRejectedResult[]) {
      expect(reason).toBeInstanceOf(SqliteError);
      expect(reason.message).toContain("exit code 3");
    }
    expect(await exited).toBeInstanceOf(SqliteError);
    await expect(connection.all("SELECT 1")).rejects.toBeInstanceOf(SqliteError);
    await connection.close();
  });

  test("does not say so where it was closed, or could not be opened", async () => {
    const connection = await open();
    await connection.close();
    await connection.exited;
    await expect(SqliteConnection.open(await temporaryFolder())).rejects.toMatchObject({ code: "SQLITE_CANTOPEN" });
  });
});
