import { afterAll, beforeAll, expect, test } from "vitest";
import { persistApplication } from "../../../services/writer/persist-application.ts";
import { createApplication, openStores, type Stores } from "../stores.ts";

let stores: Stores;
beforeAll(async () => {
  stores = await openStores();
});
afterAll(() => stores.close());

function chatRow(application: string, number: number, deleteTime: number | null) {
  return {
    ...{ application, number, title: "", kind: 1, metadata: null, messagesCount: 0, lastNumber: 0, countDue: 0 },
    ...{ lastMessageTime: null, revision: 1, createTime: 1, updateTime: 1, deleteTime, seeded: 0 },
    ...{
      createSeq: number,
      changeSeq: number,
      creator: null,
      membersCount: 0,
      slowModeMs: 0,
      pair: null,
      closeTime: null,
    },
    ...{ internalCount: 0, shownNumber: 0, supportStatus: 0, supportAgent: null, firstResponseTime: null },
  };
}

test("the deletion of an application takes all of its chats and keys with it, and nothing of another", async () => {
  const { applications, apiKeys, chats, sequelize } = stores.database;
  const [gone, other] = [await createApplication(stores.database), await createApplication(stores.database)];
  const numbers = Array.from({ length: 10_001 }, (_, index) => index + 1);
  await chats.bulkCreate(numbers.map((number) => chatRow(gone, number, number === 7 ? 3 : null)));
  await chats.bulkCreate([chatRow(other, 1, null)]);
  await apiKeys.bulkCreate(
    [gone, other].map((application) => ({ hash: application, application, createTime: 1, expireTime: null })),
  );
  const row = (await applications.findByPk(gone, { raw: true }))!;
  await sequelize.transaction((transaction) =>
    persistApplication(stores.database, { ...row, deleteTime: 9, changeSeq: 5 }, transaction),
  );
  expect(await applications.findByPk(gone, { raw: true })).toMatchObject({ deleteTime: 9, changeSeq: 5 });
  expect(await chats.count({ where: { application: gone, deleteTime: 9 } })).toBe(10_000);
  expect(await chats.findOne({ where: { application: gone, number: 7 }, raw: true })).toMatchObject({ deleteTime: 3 });
  expect(await chats.findAll({ where: { application: other }, raw: true })).toEqual([chatRow(other, 1, null)]);
  expect(await apiKeys.findAll({ raw: true })).toMatchObject([{ application: other }]);
});
