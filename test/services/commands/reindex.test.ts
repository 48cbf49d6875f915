import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { runReindex } from "../../../services/commands/reindex.ts";
import { type MysqlSettings, openMysqlDatabase } from "../../../services/mysql/mysql-database.ts";
import { describeOn } from "../../servers/shared-server.ts";
import { createMysqlDatabase, dropMysqlDatabase } from "../mysql-test-database.ts";
import { find, openTestIndex } from "../search/elasticsearch-scene.ts";

const COMMAND = join(import.meta.dirname, "../../../services/commands/reindex.ts");
const TIMEOUT = { timeout: 240_000 };

describeOn("mysql", "npm run reindex", (mysql) => {
  describeOn("elasticsearch", "on servers", (elasticsearch) => {
    let settings: MysqlSettings;
    let environment: Record<string, string>;
    beforeEach(async () => {
      settings = await createMysqlDatabase(mysql.url);
      environment = {
        MYSQL_URL: settings.MYSQL_URL,
        ELASTICSEARCH_URL: elasticsearch.url,
        INSTALLATION: `t${Math.floor(Math.random() * 1e12).toString(36)}`,
      };
    });
    afterEach(() => dropMysqlDatabase(settings));

    test("goes on after it was killed, and makes the index of all that is in the database", TIMEOUT, async () => {
      await fill(settings, 30_000);
      const child = spawn(process.execPath, [COMMAND], { env: environment, stdio: ["ignore", "pipe", "inherit"] });
      const [progress] = await once(child.stdout, "data");
      expect(String(progress)).toMatch(/^\d+ %: [\d,]+ messages, [\d,]+ a second\n$/);
      child.kill("SIGKILL");
      await once(child, "close");
      const { code, lines } = await run(environment);
      expect(code).toBe(0);
      expect(lines.at(-1)).toBe("the search index is made anew and in use");
      const index = openTestIndex(elasticsearch.url, environment.INSTALLATION!);
      expect(await find(index, '"message 1"')).toEqual([1]);
      expect(await find(index, '"message 30000"')).toEqual([30_000]);
      expect(await find(index, "message", { limit: 3 })).toEqual([30_000, 29_999, 29_998]);
      await index.close();
    });

    test("says that it was stopped", TIMEOUT, async () => {
      await fill(settings, 1);
      const stopped = AbortSignal.abort(new Error("it was stopped"));
      expect(await run(environment, stopped)).toEqual({ code: 1, lines: ["Parley cannot reindex: it was stopped"] });
    });
  });
});

describe("npm run reindex without servers", () => {
  test("says what is missing", async () => {
    const { code, lines } = await run({});
    expect(code).toBe(1);
    expect(lines.join()).toContain("MYSQL_URL is not set: npm run reindex needs it");
    expect(lines.join()).toContain("ELASTICSEARCH_URL is not set: npm run reindex needs it");
  });
});

async function run(environment: Record<string, string>, signal = new AbortController().signal) {
  const lines: string[] = [];
  const output = { print: (line: string) => lines.push(line), complain: (line: string) => lines.push(line) };
  return { code: await runReindex(environment, output, signal), lines };
}

/** Stores messages 1, 2, 3 … of chat 1 of application `a`, each with its number as change mark. */
async function fill(settings: MysqlSettings, messages: number): Promise<void> {
  const database = await openMysqlDatabase(settings);
  const times = { createTime: 1_000, updateTime: 1_000 };
  const chat = { application: "a", number: 1, title: "", kind: 1, messagesCount: 0, lastNumber: messages };
  await database.chats.create({
    ...chat,
    countDue: 0,
    revision: 1,
    seeded: 0,
    ...times,
    createSeq: 1,
    changeSeq: 1,
  } as never);
  const numbers = Array.from({ length: messages }, (_, i) => i + 1);
  for (let start = 0; start < messages; start += 5_000) {
    const rows = numbers.slice(start, start + 5_000).map((number) => ({
      ...{ application: "a", chat: 1, number, body: `message ${number}`, authorType: 1, revision: 1 },
      ...{ ...times, createSeq: number, changeSeq: number },
    }));
    await database.messages.bulkCreate(rows as never);
  }
  await database.positions.upsert({ lane: 0, mark: messages } as never);
  await database.close();
}
