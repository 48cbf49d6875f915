import { readdir, readFile } from "node:fs/promises";
import { constants } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { SqliteConnection } from "../../../services/sqlite/sqlite-connection.ts";
import { SqliteThread } from "../../../services/sqlite/sqlite-thread.ts";
import { temporaryFolder } from "../../temporary-folder.ts";

/** Of /proc/pid/task/tid/stat, counted from the field behind the thread's name. */
const NICE = 16;

async function countPatientThreads(): Promise<number> {
  const tasks = await readdir("/proc/self/task");
  const stats = await Promise.all(tasks.map((task) => readFile(`/proc/self/task/${task}/stat`, "utf8")));
  const values = stats.map((stat) => Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[NICE]));
  return values.filter((nice) => nice === constants.priority.PRIORITY_BELOW_NORMAL).length;
}

async function openIn(thread: SqliteThread): Promise<SqliteConnection> {
  const connection = await SqliteConnection.open(join(await temporaryFolder(), "test.sqlite"), { thread });
  onTestFinished(() => connection.close());
  return connection;
}

test("a thread that was begun before takes a file, and ends with its connection", async () => {
  const thread = new SqliteThread();
  const connection = await openIn(thread);
  expect(await connection.all("SELECT 1 AS value")).toEqual([{ value: 1 }]);
  await connection.close();
  await thread.exited;
});

test("a thread without a file can be ended, more than once", async () => {
  const thread = new SqliteThread();
  await Promise.all([thread.end(), thread.end()]);
  await thread.exited;
  await expect(SqliteConnection.open(await temporaryFolder(), { thread })).rejects.toThrow("closed");
});

test.skipIf(process.platform !== "linux")("a patient thread gives way to all others, which do not", async () => {
  const before = await countPatientThreads();
  await openIn(new SqliteThread());
  expect(await countPatientThreads()).toBe(before);
  await openIn(new SqliteThread({ isPatient: true }));
  expect(await countPatientThreads()).toBe(before + 1);
});

test("a request before a file is open is refused", async () => {
  const thread = new SqliteThread();
  await expect(thread.request({ kind: "exec", sql: "SELECT 1" })).rejects.toThrow('the request "exec" came before');
  await thread.end();
});
