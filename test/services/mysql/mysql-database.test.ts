import { QueryTypes } from "sequelize";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Database } from "../../../services/database/database.ts";
import { type MysqlSettings, openMysqlDatabase } from "../../../services/mysql/mysql-database.ts";
import { describeOn } from "../../servers/shared-server.ts";
import { createEmptyMysqlDatabase, createMysqlDatabase, dropMysqlDatabase, executeOn } from "../mysql-test-database.ts";

function messageRow(number: number, body: string) {
  return {
    ...{ application: "a".repeat(26), chat: 1, number, body, authorUser: "u", authorDisplayName: "", authorType: 1 },
    ...{ metadata: null, requestId: null, revision: 1, createTime: 1, updateTime: 1, editTime: null, deleteTime: null },
    ...{ createSeq: number, changeSeq: number, internal: 0 },
  };
}

describeOn("mysql", "the database on MySQL", (address) => {
  let settings: MysqlSettings;
  let database: Database;
  beforeAll(async () => {
    settings = await createMysqlDatabase(address.url);
    database = await openMysqlDatabase(settings);
  });
  afterAll(async () => {
    await database.close();
    await dropMysqlDatabase(settings);
  });

  const ask = async <T extends object>(sql: string) =>
    (await database.sequelize.query<T>(sql, { type: QueryTypes.SELECT }))[0];

  describe("a session", () => {
    test("is strict, in UTC, and reads what is committed", async () => {
      const [isolation] = await database.sequelize.query<{ Value: string }>(
        "SHOW VARIABLES WHERE Variable_name IN ('tx_isolation', 'transaction_isolation')",
        { type: QueryTypes.SELECT },
      );
      expect(isolation!.Value).toBe("READ-COMMITTED");
      const session = await ask<{ mode: string; zone: string }>("SELECT @@sql_mode AS mode, @@time_zone AS zone");
      expect(session).toMatchObject({ mode: expect.stringContaining("STRICT_ALL_TABLES"), zone: "+00:00" });
    });

    test("waits for nothing longer than its client does", async () => {
      const waits = "@@innodb_lock_wait_timeout AS rows_, @@lock_wait_timeout AS tables_, @@wait_timeout AS client";
      expect(await ask(`SELECT ${waits}`)).toEqual({ rows_: 5, tables_: 5, client: 30 });
    });

    test("takes one statement at a time, and no files", async () => {
      await expect(database.sequelize.query("SELECT 1; SELECT 2")).rejects.toThrow("syntax");
      const load = "LOAD DATA LOCAL INFILE '/etc/hostname' INTO TABLE positions";
      await expect(database.sequelize.query(load)).rejects.toThrow();
    });
  });

  describe("texts", () => {
    const TEXTS = [
      "👩‍👩‍👧 漢字 é e\u0301",
      "nul \0 backslash \\ quotes ' \" ` percent % question ? colon :x dollar $1",
      "trailing space ",
      "\u{10ffff}".repeat(20_000),
    ];

    test("come back as they were, the longest that a message may have too", async () => {
      await database.messages.bulkCreate(TEXTS.map((body, index) => messageRow(index + 1, body)));
      const rows = await database.messages.findAll({ order: ["number"], raw: true });
      expect(rows.map(({ body }) => body)).toEqual(TEXTS);
      await database.messages.update({ body: TEXTS[1]! }, { where: { number: 1 } });
      expect(await database.messages.findOne({ where: { body: TEXTS[1]! }, raw: true })).toMatchObject({ number: 1 });
    });

    test("are compared by their bytes where they name something", async () => {
      const keyOf = (hash: string) => ({ hash, application: "a", createTime: 1, expireTime: null });
      await database.apiKeys.bulkCreate(["key", "KEY", "kéy"].map(keyOf));
      expect(await database.apiKeys.findByPk("KEY", { raw: true })).toEqual(keyOf("KEY"));
    });

    test("too long for their column are refused, not cut", async () => {
      const row = { name: "n".repeat(65), holder: "", expireTime: 0 };
      await expect(database.leases.create(row)).rejects.toMatchObject({ original: { code: "ER_DATA_TOO_LONG" } });
    });
  });

  describe("whole numbers", () => {
    test("are exact up to 2⁵³ − 1", async () => {
      await database.positions.create({ lane: 7, mark: Number.MAX_SAFE_INTEGER });
      expect(await database.positions.findByPk(7, { raw: true })).toEqual({ lane: 7, mark: Number.MAX_SAFE_INTEGER });
      expect(await ask("SELECT -9007199254740991 AS low, COUNT(*) AS count FROM leases")).toEqual({
        low: -Number.MAX_SAFE_INTEGER,
        count: 0,
      });
    });

    test("beyond that are an error, and the next query works", async () => {
      await database.sequelize.query("INSERT INTO positions (lane, mark) VALUES (8, 9007199254740993)");
      await expect(database.positions.findByPk(8)).rejects.toThrow("positions.mark holds 9007199254740993");
      expect(await database.positions.count({ where: { lane: 7 } })).toBe(1);
      await database.positions.destroy({ where: { lane: [7, 8] } });
    });
  });

  test("an update tells how many rows it found, changed or not", async () => {
    await database.positions.create({ lane: 9, mark: 5 });
    expect(await database.positions.update({ mark: 5 }, { where: { lane: 9 } })).toEqual([1]);
    await database.positions.destroy({ where: { lane: 9 } });
  });

  describe("is refused at the start", () => {
    const refusal = (changes: Partial<URL>) => {
      const url = Object.assign(new URL(settings.MYSQL_URL), changes);
      return openMysqlDatabase({ ...settings, MYSQL_URL: url.href }).catch((error: Error) => error.message);
    };
    const place = () => new URL(settings.MYSQL_URL).host;

    test("where it is not there", async () => {
      expect(await refusal({ pathname: "/absent" })).toContain(
        `names a database, absent, that ${place()} does not have`,
      );
    });

    test("where the user is not known", async () => {
      expect(await refusal({ password: "wrong" })).toContain(`MYSQL_URL is refused by ${place()}`);
    });

    test("where the user has no rights", async () => {
      await executeOn(address.url, "CREATE USER IF NOT EXISTS stranger IDENTIFIED BY 'stranger'");
      const message = await refusal({ username: "stranger", password: "stranger" });
      expect(message).toContain("MYSQL_URL names a user, stranger, who may not use the database");
    });

    test("where no server is", async () => {
      expect(await refusal({ port: "1" })).toContain("MYSQL_URL cannot be used; is a server at 127.0.0.1:1?");
      expect(await refusal({ hostname: "absent.invalid" })).toContain("is a server at absent.invalid:");
    });

    test("where the file of the certificate is not there, or the server speaks no TLS", async () => {
      const open = (path: string) => openMysqlDatabase({ ...settings, MYSQL_TLS_CA_FILE: path });
      await expect(open("/absent.pem")).rejects.toThrow("MYSQL_TLS_CA_FILE /absent.pem cannot be read");
    });

    test("where it is not migrated", async () => {
      const empty = await createEmptyMysqlDatabase(address.url);
      await expect(openMysqlDatabase(empty)).rejects.toThrow(
        /lacks 0001-create-tables, 0002-add-people; run `npm run migrate`/,
      );
      await dropMysqlDatabase(empty);
    });
  });
});
