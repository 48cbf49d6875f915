import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { Sequelize } from "sequelize";
import { afterEach, beforeEach, expect, test } from "vitest";
import { withMigrationLock } from "../../../services/mysql/migration-lock.ts";
import { type MysqlSettings, migrateMysqlDatabase, openMysqlDatabase } from "../../../services/mysql/mysql-database.ts";
import { describeOn } from "../../servers/shared-server.ts";
import { createEmptyMysqlDatabase, dropMysqlDatabase } from "../mysql-test-database.ts";

describeOn("mysql", "migrating MySQL", (address) => {
  let settings: MysqlSettings;
  beforeEach(async () => {
    settings = await createEmptyMysqlDatabase(address.url);
  });
  afterEach(() => dropMysqlDatabase(settings));

  test("happens once, however many processes begin it at the same time", async () => {
    const executed = await Promise.all([1, 2, 3, 4].map(() => migrateMysqlDatabase(settings)));
    expect(executed.flat()).toEqual(["0001-create-tables", "0002-add-people"]);
    await (await openMysqlDatabase(settings)).close();
  });

  test("waits for another process no longer than it should, and not for other databases", async () => {
    const other = await createEmptyMysqlDatabase(address.url);
    const connections = [settings, settings, other].map(
      ({ MYSQL_URL }) => new Sequelize(MYSQL_URL, { logging: false, define: {} }),
    );
    const [holder, same, beside] = connections as [Sequelize, Sequelize, Sequelize];
    await withMigrationLock(holder, 0, async () => {
      await expect(withMigrationLock(same, 0, async () => "done")).rejects.toThrow(
        /another process migrates .* run it again when that has ended/,
      );
      expect(await withMigrationLock(beside, 0, async () => "done")).toBe("done");
    });
    expect(await withMigrationLock(same, 0, async () => "done")).toBe("done");
    await expect(withMigrationLock(same, 0, () => Promise.reject(new Error("broken")))).rejects.toThrow("broken");
    expect(await withMigrationLock(holder, 0, async () => "done")).toBe("done");
    await Promise.all(connections.map((connection) => connection.close()));
    await dropMysqlDatabase(other);
  });

  const run = (environment: NodeJS.ProcessEnv) =>
    promisify(execFile)("npm", ["run", "--silent", "migrate"], { env: { ...process.env, ...environment } });

  test("is a command, which says what it did", async () => {
    const { MYSQL_URL } = settings;
    expect((await run({ MYSQL_URL })).stdout).toBe("migrated: 0001-create-tables\nmigrated: 0002-add-people\n");
    expect((await run({ MYSQL_URL })).stdout).toBe("the schema is current\n");
  });

  test("is a command, which says what it lacks", async () => {
    const stderr = expect.stringContaining("MYSQL_URL is not set: npm run migrate needs it");
    await expect(run({ MYSQL_URL: "" })).rejects.toMatchObject({ code: 1, stderr });
  });
});
