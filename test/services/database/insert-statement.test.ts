import fc from "fast-check";
import type { Attributes } from "sequelize";
import { afterAll, beforeAll, expect, test } from "vitest";
import { insertStatement, type Upsert } from "../../../services/database/insert-statement.ts";
import type { CreateRequestRow } from "../../../services/numbering/create-request-model.ts";
import type { OutboxRow } from "../../../services/writer/outbox-model.ts";
import { openStores, type Stores } from "../stores.ts";

let stores: Stores;
beforeAll(async () => {
  stores = await openStores();
});
afterAll(() => stores.close());

const UPSERT: Upsert = {
  keys: ["application", "collection", "principal", "request_id"],
  columns: ["digest", "create_time"],
};

const rowOf = (index: number, resource: string): Attributes<CreateRequestRow> => ({
  ...{ application: "a", collection: "chats", principal: "admin", requestId: String(index) },
  ...{ digest: "", resource, createTime: index },
});

async function insert(rows: readonly Attributes<CreateRequestRow>[], upsert?: Upsert): Promise<void> {
  const { database } = stores;
  const statement = insertStatement(database.createRequests, rows, upsert);
  await database.sequelize.transaction((transaction) => database.execute(statement, transaction));
}

const stored = () => stores.database.createRequests.findAll({ order: [["createTime", "ASC"]], raw: true });

test("texts are stored as they are, whatever is in them", async () => {
  const text = fc.oneof(
    fc.string({ unit: "binary", maxLength: 40 }),
    fc.string({
      unit: fc.constantFrom("'", '"', "\\", "\n", "\r", "\t", "\b", "\x1a", "?", ":a", "$1", "%", "--", "é", "😀"),
    }),
  );
  // No caller can write a NUL: the contract's rules forbid it.
  const texts = fc.array(
    text.map((value) => [...value.replaceAll("\0", "")].slice(0, 40).join("")),
    { minLength: 1, maxLength: 20 },
  );
  await fc.assert(
    fc
      .asyncProperty(texts, async (given) => {
        await insert(given.map((each, index) => rowOf(index, each)));
        expect((await stored()).map(({ resource }) => resource)).toEqual(given);
      })
      .afterEach(() => stores.database.createRequests.destroy({ where: {} })),
    { numRuns: 50 },
  );
});

test("of rows that exist, the columns of an upsert are set, and no others", async () => {
  await insert([rowOf(1, "one"), rowOf(2, "two")]);
  await insert([{ ...rowOf(2, "other"), digest: "new" }, rowOf(3, "three")], UPSERT);
  expect((await stored()).map(({ resource, digest }) => [resource, digest])).toEqual([
    ["one", ""],
    ["two", "new"],
    ["three", ""],
  ]);
});

test("a row that exists is an error without an upsert, and nothing is stored", async () => {
  await expect(insert([rowOf(9, "nine"), rowOf(1, "one")])).rejects.toThrow();
  expect((await stored()).some(({ resource }) => resource === "nine")).toBe(false);
});

test("bytes and nothing are stored as they are", async () => {
  const { database } = stores;
  const verdict = Uint8Array.from({ length: 256 }, (_, byte) => byte);
  const row: Attributes<OutboxRow> = { id: "bytes", verdict, published: 0, createTime: 1 };
  await database.sequelize.transaction((transaction) =>
    database.execute(insertStatement(database.outbox, [row]), transaction),
  );
  const found = await database.outbox.findByPk("bytes", { raw: true });
  expect(new Uint8Array(found!.verdict)).toEqual(verdict);
});

test("a value that no column takes is an error", () => {
  const row = { ...rowOf(1, ""), digest: true as unknown as string };
  expect(() => insertStatement(stores.database.createRequests, [row])).toThrow(TypeError);
});
