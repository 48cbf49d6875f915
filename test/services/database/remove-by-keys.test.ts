import { afterAll, beforeAll, expect, test } from "vitest";
import { Member_Role } from "../../../gen/parley/v1/member_pb.ts";
import { removeByKeys } from "../../../services/database/remove-by-keys.ts";
import { newMemberRow } from "../../../services/member/member-codec.ts";
import { openStores, type Stores } from "../stores.ts";

let stores: Stores;
beforeAll(async () => {
  stores = await openStores();
});
afterAll(() => stores.close());

const CHAT = { application: "a", chat: 1 };
const keyOf = (index: number) => ({ ...CHAT, user: `user ${index}` });
const rowOf = (index: number) => newMemberRow(keyOf(index), Member_Role.MEMBER, { mark: 1, timeMs: 1 });

async function remove(keys: ReturnType<typeof keyOf>[]): Promise<number> {
  const { members, sequelize } = stores.database;
  await sequelize.transaction((transaction) => removeByKeys(members, keys, transaction));
  return members.count();
}

test("removes the rows of all keys, however many, and no other", async () => {
  const { members } = stores.database;
  await members.bulkCreate(Array.from({ length: 1_300 }, (_, index) => rowOf(index)));
  await members.create({ ...rowOf(0), chat: 2 });
  expect(await remove([])).toBe(1_301);
  expect(await remove([keyOf(7), { ...keyOf(8), chat: 3 }, { ...keyOf(9), user: "USER 9" }])).toBe(1_300);
  expect(await remove(Array.from({ length: 1_200 }, (_, index) => keyOf(index)))).toBe(101);
  expect(await members.findOne({ where: keyOf(1_200), raw: true })).toEqual(rowOf(1_200));
});
