import { BaseError } from "sequelize";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Database } from "../../../services/database/database.ts";
import { type MysqlSettings, migrateMysqlDatabase, openMysqlDatabase } from "../../../services/mysql/mysql-database.ts";
import { isDataError } from "../../../services/writer/data-error.ts";
import { WriterPosition } from "../../../services/writer/writer-position.ts";
import { TcpProxy } from "../../faults/tcp-proxy.ts";
import { type RealServerOf, startServer } from "../../servers/real-server.ts";
import { describeWithOwn } from "../../servers/shared-server.ts";
import { executeOn } from "../mysql-test-database.ts";

const START_TIMEOUT_MS = 180_000;
const ANSWER_TIMEOUT_MS = 500;

describeWithOwn(["mysql"], "a database whose server has a fault", () => {
  let server: RealServerOf<"mysql">;
  let settings: MysqlSettings;
  let database: Database;
  beforeAll(async () => {
    server = await startServer("mysql");
    settings = { MYSQL_URL: server.url, MYSQL_POOL_MAX: 4, MYSQL_TLS_CA_FILE: undefined };
    await migrateMysqlDatabase(settings);
    database = await openMysqlDatabase(settings, { answerTimeoutMs: ANSWER_TIMEOUT_MS });
    await new WriterPosition(database).load();
  }, START_TIMEOUT_MS);
  afterAll(async () => {
    await database.close();
    await server.stop();
  });

  const ask = () => database.positions.count();
  /** Opens as many connections as there may be. */
  const fillPool = () => Promise.all(Array.from({ length: 8 }, ask));
  const errorOf = (work: Promise<unknown>) => work.then(() => undefined).catch((error: Error) => error);

  test("that stands still rejects what is asked of it in time, and answers when it goes on", async () => {
    await fillPool();
    await server.kill("SIGSTOP");
    const begun = performance.now();
    const errors = await Promise.all(Array.from({ length: 8 }, () => errorOf(ask())));
    expect(performance.now() - begun).toBeLessThan(20 * ANSWER_TIMEOUT_MS);
    for (const error of errors) expect(error).toBeInstanceOf(BaseError);
    await server.kill("SIGCONT");
    await expect.poll(() => ask().catch(() => 0), { timeout: 10_000 }).toBe(1);
    await fillPool();
  });

  test("that is killed rejects what is under way, and then what comes, until it is back", async () => {
    await fillPool();
    const underWay = errorOf(database.sequelize.query("SELECT SLEEP(0.4)"));
    await server.kill("SIGKILL");
    expect(await underWay).toBeInstanceOf(BaseError);
    for (const error of await Promise.all([1, 2, 3, 4, 5].map(() => errorOf(ask())))) {
      expect(error).toBeInstanceOf(BaseError);
      expect(isDataError(error)).toBe(false);
    }
    await server.start();
    await expect.poll(() => ask().catch(() => 0)).toBe(1);
    await fillPool();
  });

  test("that cuts all connections fails a call on each of them at most", async () => {
    await fillPool();
    const list = "SELECT GROUP_CONCAT(id) AS ids FROM information_schema.processlist WHERE id <> CONNECTION_ID()";
    const [found] = await executeOn<{ ids: string }[]>(server.url, list);
    for (const id of found!.ids.split(",")) await executeOn(server.url, `KILL ${id}`).catch(() => undefined);
    await expect.poll(() => ask().catch(() => 0)).toBe(1);
    await fillPool();
  });

  test("ends the transaction of a client that stands still, so that its rows are free for others", async () => {
    const still = await database.sequelize.transaction();
    await database.positions.update({ mark: 7 }, { where: { lane: 0 }, transaction: still });
    const update = () => database.positions.update({ mark: 0 }, { where: { lane: 0 } });
    await expect.poll(() => update().catch(() => "locked"), { timeout: 15_000 }).toEqual([1]);
    expect(await errorOf(still.commit())).toBeInstanceOf(BaseError);
    expect(await new WriterPosition(database).load()).toBe(0);
  });

  test("that takes no writes any more is left, for whichever is at its address next", async () => {
    await executeOn(server.url, "CREATE OR REPLACE USER writer IDENTIFIED BY 'writer'");
    await executeOn(server.url, "GRANT SELECT, INSERT, UPDATE, DELETE ON parley.* TO writer");
    const url = Object.assign(new URL(server.url), { username: "writer", password: "writer" }).href;
    const ofWriter = await openMysqlDatabase({ ...settings, MYSQL_URL: url });
    const connectionOf = async () => {
      const [rows] = await ofWriter.sequelize.query("SELECT CONNECTION_ID() AS id");
      return (rows[0] as { id: number }).id;
    };
    const before = await connectionOf();
    expect(await connectionOf()).toBe(before);
    await executeOn(server.url, "SET GLOBAL read_only = 1");
    const error = await errorOf(ofWriter.positions.update({ mark: 1 }, { where: { lane: 0 } }));
    expect(error).toBeInstanceOf(BaseError);
    expect(isDataError(error)).toBe(false);
    expect(await connectionOf()).not.toBe(before);
    await executeOn(server.url, "SET GLOBAL read_only = 0");
    expect(await ofWriter.positions.update({ mark: 0 }, { where: { lane: 0 } })).toEqual([1]);
    await ofWriter.close();
  });

  test("that commits and cannot say so rejects with what is no error of the data; the position tells", async () => {
    const proxy = await TcpProxy.open(server.port);
    const MYSQL_URL = Object.assign(new URL(server.url), { port: proxy.port }).href;
    const farther = await openMysqlDatabase({ ...settings, MYSQL_URL });
    const position = new WriterPosition(farther);
    const from = await position.load();
    const move = () => farther.sequelize.transaction((transaction) => position.move(from, from + 10, transaction));
    proxy.ambush({ isAwaited: (bytes) => bytes.includes("COMMIT"), meet: () => "cut" });
    const error = await errorOf(move());
    proxy.ambush(undefined);
    expect(error).toBeInstanceOf(BaseError);
    expect(isDataError(error)).toBe(false);
    expect(await position.load()).toBe(from + 10);
    await expect(move()).rejects.toThrow("another writer is at work");
    await farther.close();
    await proxy.close();
  });
});
