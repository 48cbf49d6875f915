import { Op } from "sequelize";
import { afterAll, beforeAll, expect, test } from "vitest";
import { findByKeys } from "../../../services/database/find-by-keys.ts";
import { openStores, type Stores } from "../stores.ts";

let stores: Stores;
beforeAll(async () => {
  stores = await openStores();
  const rows = Array.from({ length: 1_200 }, (_, index) => rowOf(index));
  await stores.database.createRequests.bulkCreate([...rows, ...ODD.map((principal) => ({ ...rowOf(0), principal }))]);
});
afterAll(() => stores.close());

const ODD = ["O'Neill", 'a "b" \\', "❤️ 漢字", "a?b:c$1", "ADMIN"];

function rowOf(index: number) {
  const key = { application: "a", collection: `chats/${index % 7}`, principal: "admin", requestId: `id ${index}` };
  return { ...key, digest: "", resource: String(index), createTime: index };
}

const keyOf = ({ application, collection, principal, requestId }: ReturnType<typeof rowOf>) => ({
  ...{ requestId, principal },
  ...{ collection, application },
});

test("finds the rows of all keys, however many, whatever the order of their attributes", async () => {
  const keys = Array.from({ length: 1_400 }, (_, index) => keyOf(rowOf(index)));
  const found = await findByKeys(stores.database.createRequests, keys);
  expect(found.map(({ resource }) => Number(resource)).sort((a, b) => a - b)).toEqual(
    Array.from({ length: 1_200 }, (_, index) => index),
  );
});

test("takes values as they are", async () => {
  const keys = [...ODD, "Admin", "o'neill"].map((principal) => ({ ...keyOf(rowOf(0)), principal }));
  const found = await findByKeys(stores.database.createRequests, keys);
  expect(found.map(({ principal }) => principal).sort()).toEqual([...ODD].sort());
});

test("asks for what the rows must be besides", async () => {
  const keys = [1, 2, 3].map((index) => keyOf(rowOf(index)));
  const where = { createTime: { [Op.gt]: 2 } };
  expect(await findByKeys(stores.database.createRequests, keys, { where })).toEqual([rowOf(3)]);
});

test("finds nothing under no keys", async () => {
  expect(await findByKeys(stores.database.createRequests, [])).toEqual([]);
});
