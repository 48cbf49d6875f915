import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import {
  type SearchChanges,
  type SearchDocument,
  SearchIndexError,
  type SearchRequest,
} from "../../../services/search/search-index.ts";
import { parseSearchQuery } from "../../../services/search/search-query.ts";
import { openSqliteSearchIndex } from "../../../services/search/sqlite-search-index.ts";
import { SqliteConnection } from "../../../services/sqlite/sqlite-connection.ts";
import { upTo } from "./change-span.ts";
import { describeSearchIndex } from "./search-index-contract.ts";

let folder: string;
let files = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "search-index-"));
});
afterAll(() => rm(folder, { recursive: true }));

const newPath = () => join(folder, `${++files}.db`);

describeSearchIndex("SQLite", () => openSqliteSearchIndex(newPath()));

describe("SQLite search index", () => {
  test("keeps documents and position over a restart", async () => {
    const path = newPath();
    const first = await openSqliteSearchIndex(path);
    await first.apply(upserts(["apple"]), upTo(5));
    await first.close();
    const second = await openIndex(path);
    expect(await second.position()).toBe(5);
    expect(await second.search(request("apple"))).toMatchObject([{ number: 1 }]);
  });

  test("is emptied where the file is of another version", async () => {
    const path = newPath();
    const first = await openSqliteSearchIndex(path);
    await first.apply(upserts(["apple"]), upTo(5));
    await first.close();
    await execute(path, "PRAGMA user_version = 999");
    const second = await openIndex(path);
    expect(await second.position()).toBe(0);
    expect(await second.search(request("apple"))).toEqual([]);
  });

  test.each([
    ["no database", "SQLITE_NOTADB", () => Buffer.from("this is not a database ".repeat(1_000))],
    ["cut off", "SQLITE_CORRUPT", (file: Buffer) => file.subarray(0, 4_096)],
    ["overwritten", "SQLITE_CORRUPT", (file: Buffer) => file.fill("x", 100)],
  ])("is made anew where the file is %s, and says so", async (_title, code, damage) => {
    const path = newPath();
    const first = await openSqliteSearchIndex(path);
    await first.apply(upserts(["apple"]), upTo(5));
    await first.close();
    await writeFile(path, damage(await readFile(path)));
    const damaged: string[] = [];
    const index = await openSqliteSearchIndex(path, { onDamaged: (error) => damaged.push(error.code) });
    onTestFinished(() => index.close());
    expect(damaged).toEqual([code]);
    expect(await index.position()).toBe(0);
    await index.apply(upserts(["apple"]), upTo(6));
    expect(await index.search(request("apple"))).toHaveLength(1);
  });

  test("is left alone where the file cannot be opened for another reason", async () => {
    await mkdir(newPath());
    await expect(openSqliteSearchIndex(join(folder, `${files}.db`))).rejects.toMatchObject({ code: "SQLITE_CANTOPEN" });
  });

  test("opens its reader by the first search; one that fails leaves that to the next", async () => {
    const index = await openIndex(newPath());
    await index.apply(upserts(["apple"]), upTo(5));
    const opening = vi.spyOn(SqliteConnection, "open").mockRejectedValueOnce(new Error("no thread can be had"));
    onTestFinished(() => opening.mockRestore());
    await expect(index.search(request("apple"))).rejects.toThrow(SearchIndexError);
    expect(await index.search(request("apple"))).toHaveLength(1);
    expect(await index.search(request("apple"))).toHaveLength(1);
    expect(opening).toHaveBeenCalledTimes(2);
  });

  test("deletes every row of removed chats and applications", async () => {
    const path = newPath();
    const index = await openSqliteSearchIndex(path);
    const bodies = Array.from({ length: 2_500 }, (_, i) => `apple ${i}`);
    await index.apply(upserts(bodies), upTo(1));
    await index.apply(upserts(["kept"], { application: "kept" }), upTo(2));
    const chats = Array.from({ length: 1_200 }, (_, i) => document("pear", { application: "big", chat: i + 1 }));
    await index.apply({ ...upserts([]), upserts: chats }, upTo(3));
    await index.apply(
      { ...upserts([]), removedChats: [{ application: "a", chat: 1 }], removedApplications: ["big"] },
      upTo(4),
    );
    expect(await index.search(request("kept", { application: "kept" }))).toHaveLength(1);
    await index.close();
    expect(await count(path, "document")).toBe(1);
    expect(await count(path, "chat")).toBe(1);
    expect(await count(path, "removed_chat")).toBe(0);
    expect(await count(path, "message_text_docsize")).toBe(1);
  });

  test("does not find a chat whose removal was cut short, and finishes it with the next changes", async () => {
    const path = newPath();
    const first = await openSqliteSearchIndex(path);
    await first.apply(upserts(["apple"]), upTo(1));
    await first.close();
    await execute(path, "INSERT INTO removed_chat SELECT id FROM chat; DELETE FROM chat");
    const second = await openSqliteSearchIndex(path);
    expect(await second.search(request("apple"))).toEqual([]);
    await second.apply(upserts([]), upTo(2));
    await second.close();
    expect(await count(path, "document")).toBe(0);
  });

  test("does not mix the documents of a removed chat into one of the same number", async () => {
    const index = await openIndex();
    await index.apply(upserts(["apple", "apple"]), upTo(1));
    await index.apply({ ...upserts([]), removedChats: [{ application: "a", chat: 1 }] }, upTo(2));
    await index.apply(upserts(["apple"]), upTo(3));
    expect(await index.search(request("apple"))).toHaveLength(1);
  });

  test("answers searches while changes are applied", async () => {
    const index = await openIndex();
    await index.apply(upserts(["apple"]), upTo(1));
    let isApplied = false;
    const applied = index
      .apply(
        upserts(
          Array.from({ length: 10_000 }, (_, i) => `pear ${i}`),
          { chat: 2 },
        ),
        upTo(2),
      )
      .then(() => {
        isApplied = true;
      });
    expect(await index.search(request("apple"))).toHaveLength(1);
    expect(isApplied).toBe(false);
    await applied;
  });

  test("changes nothing where a change fails", async () => {
    const index = await openIndex();
    await index.apply(upserts(["apple"]), upTo(1));
    const broken = { ...document("pear"), author: null as unknown as string };
    const failure = await index
      .apply({ ...upserts([]), upserts: [document("plum"), broken] }, upTo(2))
      .catch((error) => error);
    expect(failure).toBeInstanceOf(SearchIndexError);
    expect(failure.cause.message).toContain("NOT NULL");
    expect(await index.position()).toBe(1);
    expect(await index.search(request("apple"))).toHaveLength(1);
  });

  test("finds a word as long as the longest body", async () => {
    const index = await openIndex();
    const body = Array.from({ length: 20_000 }, (_, i) => String.fromCodePoint(0x4e00 + (i % 5_000))).join("");
    await index.apply(upserts([body]), upTo(1));
    expect(await index.search({ ...request(""), terms: [{ kind: "word", text: body }] })).toHaveLength(1);
  });
});

async function openIndex(path = newPath()) {
  const index = await openSqliteSearchIndex(path);
  onTestFinished(() => index.close());
  return index;
}

async function execute(path: string, sql: string): Promise<void> {
  const connection = await SqliteConnection.open(path);
  await connection.exec(sql);
  await connection.close();
}

async function count(path: string, table: string): Promise<number> {
  const connection = await SqliteConnection.open(path);
  const [row] = await connection.all<{ rows: number }>(`SELECT count(*) AS rows FROM ${table}`);
  await connection.close();
  return row!.rows;
}

function document(body: string, fields: Partial<SearchDocument> = {}): SearchDocument {
  return {
    application: "a",
    chat: 1,
    number: 1,
    changeMark: 1,
    author: "ann",
    internal: false,
    createTimeMs: 1,
    body,
    ...fields,
  };
}

function upserts(bodies: string[], fields: Partial<SearchDocument> = {}): SearchChanges {
  const documents = bodies.map((body, i) => document(body, { number: i + 1, ...fields }));
  return { upserts: documents, removals: [], removedChats: [], removedApplications: [] };
}

function request(query: string, fields: Partial<SearchRequest> = {}): SearchRequest {
  return { application: "a", chat: 1, order: "newest", limit: 50, terms: parseSearchQuery(query), ...fields };
}
