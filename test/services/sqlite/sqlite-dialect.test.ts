import { join } from "node:path";
import { DatabaseError, DataTypes, type Model, type ModelStatic, Sequelize, UniqueConstraintError } from "sequelize";
import { describe, expect, onTestFinished, test } from "vitest";
import { SqliteConnection } from "../../../services/sqlite/sqlite-connection.ts";
import { openSqliteDatabase } from "../../../services/sqlite/sqlite-database.ts";
import { createSqliteDialect } from "../../../services/sqlite/sqlite-dialect.ts";
import { temporaryFolder } from "../../temporary-folder.ts";

async function open() {
  const path = join(await temporaryFolder(), "test.sqlite");
  const writer = await SqliteConnection.open(path);
  const reader = await SqliteConnection.open(path, { readOnly: true });
  const dialectModule = createSqliteDialect({ writer, reader });
  const sequelize = new Sequelize({ dialect: "sqlite", storage: path, dialectModule, logging: false });
  const notes = sequelize.define(
    "note",
    {
      text: { type: DataTypes.TEXT, unique: true },
      read: DataTypes.BOOLEAN,
      data: DataTypes.BLOB,
      time: DataTypes.BIGINT,
    },
    { timestamps: false },
  );
  await sequelize.sync();
  onTestFinished(async () => {
    await sequelize.close();
    await Promise.all([reader.close(), writer.close()]);
  });
  const texts = async () =>
    (await notes.findAll({ order: ["id"], raw: true })).map((row) => (row as unknown as { text: string }).text);
  return { sequelize, notes, texts, writer };
}

describe("Sequelize over node:sqlite", () => {
  test("writes and reads rows of every type", async () => {
    const { notes } = await open();
    const row = { text: 'it\'s "quoted" \\ 🙂', read: true, time: 1_800_000_000_000 };
    const { id } = (await notes.create({ ...row, data: Buffer.from([0, 39, 255]) })).get() as { id: number };
    expect(id).toBe(1);
    const { data, ...rest } = (await notes.findByPk(1))!.get() as { data: Uint8Array };
    expect(rest).toEqual({ id, ...row });
    expect([...data]).toEqual([0, 39, 255]);
    expect(await notes.update({ read: false }, { where: { id } })).toEqual([1]);
    expect(await notes.count({ where: { read: false } })).toBe(1);
    expect(await notes.destroy({ where: { id } })).toBe(1);
  });

  test("tells a broken constraint and a bad statement by their errors", async () => {
    const { notes, sequelize } = await open();
    await notes.create({ text: "a" });
    await expect(notes.create({ text: "a" })).rejects.toBeInstanceOf(UniqueConstraintError);
    const bad = sequelize.query("UPDATE missing SET a = 1");
    await expect(bad).rejects.toBeInstanceOf(DatabaseError);
    await expect(bad).rejects.toMatchObject({ original: { code: "SQLITE_ERROR" } });
  });

  test("keeps a transaction from readers until it commits, and readers do not wait for it", async () => {
    const { sequelize, notes, texts } = await open();
    await sequelize.transaction(async (transaction) => {
      await notes.create({ text: "a" }, { transaction });
      expect(await texts()).toEqual([]);
      expect(await notes.count({ transaction })).toBe(1);
    });
    expect(await texts()).toEqual(["a"]);
  });

  test("rolls back a transaction that throws, and one whose statement fails", async () => {
    const { sequelize, notes, texts } = await open();
    const failing = sequelize.transaction(async (transaction) => {
      await notes.create({ text: "a" }, { transaction });
      throw new Error("no");
    });
    await expect(failing).rejects.toThrow("no");
    const conflict = sequelize.transaction(async (transaction) => {
      await notes.create({ text: "b" }, { transaction });
      await notes.create({ text: "b" }, { transaction });
    });
    await expect(conflict).rejects.toBeInstanceOf(UniqueConstraintError);
    await notes.create({ text: "c" });
    expect(await texts()).toEqual(["c"]);
  });

  test("grants the writer in the order of asking, transactions and single statements alike", async () => {
    const { sequelize, notes, texts } = await open();
    const inTransaction = (text: string) =>
      sequelize.transaction(async (transaction) => {
        await notes.create({ text: `${text}1` }, { transaction });
        await new Promise((resolve) => setImmediate(resolve));
        await notes.create({ text: `${text}2` }, { transaction });
      });
    await Promise.all([
      inTransaction("a"),
      notes.create({ text: "b" }),
      inTransaction("c"),
      notes.create({ text: "d" }),
    ]);
    const stored = await texts();
    expect([...stored].sort()).toEqual(["a1", "a2", "b", "c1", "c2", "d"]);
    expect(stored.indexOf("a2")).toBe(stored.indexOf("a1") + 1);
    expect(stored.indexOf("c2")).toBe(stored.indexOf("c1") + 1);
  });

  test("runs many transactions at a time, one after the other, and loses none", async () => {
    const { sequelize, notes } = await open();
    await notes.create({ text: "counter", time: 0 });
    const increment = () =>
      sequelize.transaction(async (transaction) => {
        const row = (await notes.findByPk(1, { transaction, raw: true })) as unknown as { time: number };
        await notes.update({ time: row.time + 1 }, { where: { id: 1 }, transaction });
      });
    await Promise.all(Array.from({ length: 40 }, increment));
    expect(await notes.findByPk(1, { raw: true })).toMatchObject({ time: 40 });
  });

  test("goes on after a commit that failed: nothing of it stays, and the writer is free", async () => {
    const { sequelize, notes, texts, writer } = await open();
    await writer.exec(`
      PRAGMA foreign_keys = ON;
      CREATE TABLE child (id INTEGER, parent INTEGER REFERENCES notes (id) DEFERRABLE INITIALLY DEFERRED)`);
    const failing = sequelize.transaction(async (transaction) => {
      await notes.create({ text: "a" }, { transaction });
      await sequelize.query("INSERT INTO child VALUES (1, 99)", { transaction });
    });
    await expect(failing).rejects.toThrow("FOREIGN KEY");
    await sequelize.transaction((transaction) => notes.create({ text: "b" }, { transaction }));
    expect(await texts()).toEqual(["b"]);
  });

  test("frees the writer where a transaction cannot begin", async () => {
    const { sequelize, notes, texts, writer } = await open();
    await writer.exec("BEGIN");
    await expect(sequelize.transaction(async () => undefined)).rejects.toThrow("within a transaction");
    await notes.create({ text: "a" });
    expect(await texts()).toEqual(["a"]);
  });

  test("rolls back a transaction whose session is closed, and frees the writer", async () => {
    const { notes, sequelize, texts } = await open();
    const abandoned = await sequelize.transaction();
    await notes.create({ text: "a" }, { transaction: abandoned });
    const session = (abandoned as unknown as { connection: { close(done: () => void): void } }).connection;
    await new Promise<void>((resolve) => session.close(resolve));
    await notes.create({ text: "b" });
    expect(await texts()).toEqual(["b"]);
  });
});

describe("the embedded database", () => {
  test("is made with its tables, and opened again as it was", async () => {
    const path = join(await temporaryFolder(), "parley.sqlite");
    const first = await openSqliteDatabase(path);
    await first.positions.create({ lane: 0, mark: 7 });
    await first.close();
    const second = await openSqliteDatabase(path);
    onTestFinished(() => second.close());
    expect(await second.positions.findAll({ raw: true })).toEqual([{ lane: 0, mark: 7 }]);
    const { applications, apiKeys, chats, messages, createRequests, outbox } = second;
    const tables: ModelStatic<Model>[] = [applications, apiKeys, chats, messages, createRequests, outbox];
    for (const table of tables) expect(await table.count()).toBe(0);
  });
});
