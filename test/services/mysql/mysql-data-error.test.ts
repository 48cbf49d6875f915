import type { Transaction } from "sequelize";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Database } from "../../../services/database/database.ts";
import { type MysqlSettings, openMysqlDatabase } from "../../../services/mysql/mysql-database.ts";
import { isDataError } from "../../../services/writer/data-error.ts";
import { describeOn } from "../../servers/shared-server.ts";
import { createMysqlDatabase, dropMysqlDatabase } from "../mysql-test-database.ts";

/** How long a session waits for a row that another has: half of this. */
const ANSWER_TIMEOUT_MS = 2_000;

describeOn("mysql", "errors of MySQL", (address) => {
  let settings: MysqlSettings;
  let database: Database;
  beforeAll(async () => {
    settings = await createMysqlDatabase(address.url);
    database = await openMysqlDatabase(settings, { answerTimeoutMs: ANSWER_TIMEOUT_MS });
    await database.positions.bulkCreate([1, 2].map((lane) => ({ lane, mark: 0 })));
  });
  afterAll(async () => {
    await database.close();
    await dropMysqlDatabase(settings);
  });

  const errorOf = async (work: Promise<unknown>) => {
    const error = await work.then(() => undefined).catch((reason: Error) => reason);
    return error as Error & { original?: { code?: string } };
  };
  const run = (sql: string, transaction?: Transaction) =>
    database.sequelize.query(sql, { transaction: transaction ?? null });
  const insert = (values: string) => run(`INSERT INTO leases (name, holder, expire_time) VALUES (${values})`);

  describe("are of the data", () => {
    test.each([
      ["a number that is taken", "ER_DUP_ENTRY", () => insert("'a', '', 0), ('a', '', 0")],
      ["a text that is too long", "ER_DATA_TOO_LONG", () => insert(`'${"n".repeat(65)}', '', 0`)],
      ["a number that is too large", "ER_WARN_DATA_OUT_OF_RANGE", () => insert("'b', '', 9223372036854775808")],
      ["nothing where something must be", "ER_BAD_NULL_ERROR", () => insert("'c', NULL, 0")],
      ["bytes that are no text", "ER_TRUNCATED_WRONG_VALUE_FOR_FIELD", () => insert("X'FF', '', 0")],
      ["a text that is no number", "ER_TRUNCATED_WRONG_VALUE_FOR_FIELD", () => insert("'d', '', 'x'")],
    ])("%s", async (_, code, provoke) => {
      const error = await errorOf(provoke());
      expect(error.original?.code).toBe(code);
      expect(isDataError(error)).toBe(true);
    });

    test("a row that a multi-row statement of the writer brings twice", async () => {
      const row = { name: "twice", holder: "", expireTime: 0 };
      expect(isDataError(await errorOf(database.leases.bulkCreate([row, row])))).toBe(true);
      expect(await database.leases.findByPk("twice")).toBeNull();
    });
  });

  describe("may pass", () => {
    const raise = (lane: number, transaction?: Transaction) =>
      run(`UPDATE positions SET mark = mark + 1 WHERE lane = ${lane}`, transaction);

    /** Does two works, each in a transaction that has a row already. */
    async function inTwo(works: ((transaction: Transaction) => Promise<unknown>)[]): Promise<Error[]> {
      const transactions = await Promise.all(works.map(() => database.sequelize.transaction()));
      await Promise.all(transactions.map((transaction, index) => raise(index + 1, transaction)));
      const errors = await Promise.all(works.map((work, index) => errorOf(work(transactions[index]!))));
      await Promise.all(transactions.map((transaction) => transaction.rollback().catch(() => undefined)));
      return errors.filter((error) => error !== undefined);
    }

    test("a deadlock", async () => {
      const errors = await inTwo([(transaction) => raise(2, transaction), (transaction) => raise(1, transaction)]);
      expect(errors).toMatchObject([{ original: { code: "ER_LOCK_DEADLOCK" } }]);
      expect(isDataError(errors[0])).toBe(false);
    });

    test("a row that another transaction does not give back", async () => {
      const errors = await inTwo([async () => undefined, (transaction) => raise(1, transaction)]);
      expect(errors).toMatchObject([{ original: { code: "ER_LOCK_WAIT_TIMEOUT" } }]);
      expect(isDataError(errors[0])).toBe(false);
    });

    test.each([
      ["a statement that takes too long", () => run("SELECT SLEEP(10)")],
      ["a connection that is cut", () => run("KILL CONNECTION_ID()")],
      ["a table that is not there", () => run("INSERT INTO absent VALUES (1)")],
      ["a column that is not there", () => run("INSERT INTO positions (absent) VALUES (1)")],
    ])("%s", async (_, provoke) => {
      const error = await errorOf(provoke());
      expect(error).toBeInstanceOf(Error);
      expect(isDataError(error)).toBe(false);
    });
  });
});
