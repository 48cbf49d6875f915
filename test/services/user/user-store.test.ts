import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { User_Role } from "../../../gen/parley/v1/user_pb.ts";
import type { UserName } from "../../../services/aip/resource-name.ts";
import { RequestReusedError } from "../../../services/database/request-memory.ts";
import type { CreateRequestKey } from "../../../services/numbering/numbering.ts";
import { UserTakenError } from "../../../services/user/taken-users.ts";
import { UserStore } from "../../../services/user/user-store.ts";
import { failureOf } from "../../failure.ts";
import { createApplication, openStores, type Stores } from "../stores.ts";

const DAY_MS = 86_400_000;
const START_MS = 1_800_000_000_000;
const SIGNAL = new AbortController().signal;

let stores: Stores;
let store: UserStore;
let application: string;
let requests = 0;
beforeAll(async () => {
  stores = await openStores();
  store = new UserStore(stores.database, { requestTtlMs: DAY_MS });
});
afterAll(() => stores.close());
beforeEach(async () => {
  application = await createApplication(stores.database);
  vi.useFakeTimers({ toFake: ["Date"], now: START_MS });
  return () => vi.useRealTimers();
});

const newRequest = (digest = 1): CreateRequestKey => ({
  principal: "admin",
  requestId: `request ${++requests}`,
  digest: Uint8Array.of(digest),
});
const create = (id = "", email = "", request?: CreateRequestKey) =>
  store.create(application, { id, displayName: "Ann", email }, request);
const update = (name: UserName, change: Parameters<UserStore["update"]>[1]) =>
  store.transact((transaction) => store.update(name, change, transaction));
const remove = (id: string) =>
  update({ application, user: id }, () => ({ deleteTime: Date.now(), email: null, eraseDue: 1 }));
const takenBy = (what: string) => expect.objectContaining({ constructor: UserTakenError, what });

describe("creating a user", () => {
  test("makes one with its defaults, under an id of its own", async () => {
    const row = await create();
    expect(row).toMatchObject({ displayName: "Ann", role: User_Role.USER, bot: 0, revision: 1, createTime: START_MS });
    expect(row!.id).toMatch(/^[0-9a-z]{26}$/);
    expect(await store.find({ application, user: row!.id })).toEqual(row);
  });

  test("needs an application", async () => {
    expect(await store.create("0".repeat(26), { id: "", displayName: "" }, undefined)).toBeUndefined();
  });

  test("tells upper from lower case in ids", async () => {
    await create("ann");
    expect((await create("Ann"))!.id).toBe("Ann");
  });

  test("refuses an id, also of a deleted user, and an address that another has", async () => {
    await create("ann", "ann@a.example");
    await expect(create("ann")).rejects.toEqual(takenBy("id"));
    await expect(create("bob", "ann@a.example")).rejects.toEqual(takenBy("email"));
    await remove("ann");
    await expect(create("ann")).rejects.toEqual(takenBy("id"));
    expect(await create("bob", "ann@a.example")).toMatchObject({ id: "bob" });
  });

  test("of many at once with one id or address lets one through", async () => {
    const outcomes = await Promise.allSettled([1, 2, 3, 4].map(() => create("ann")));
    expect(outcomes.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected", "rejected", "rejected"]);
    const others = await Promise.allSettled([1, 2, 3].map(() => create("", "bob@a.example")));
    expect(others.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    const reasons = [...outcomes, ...others].flatMap((outcome) => ("reason" in outcome ? [outcome.reason] : []));
    for (const reason of reasons) expect(reason).toBeInstanceOf(UserTakenError);
  });

  test.each(["", "a".repeat(128)])("gives a repeated request the same user, whose id was to be '%s'", async (id) => {
    const request = newRequest();
    const all = await Promise.all([1, 2, 3].map(() => create(id, "", request)));
    expect(new Set(all.map((row) => row!.id)).size).toBe(1);
    expect(await create(id, "", request)).toEqual(all[0]);
  });

  test("refuses another request under the same id", async () => {
    const request = newRequest();
    await create("ann", "", request);
    await expect(create("ann", "", { ...request, digest: Uint8Array.of(2) })).rejects.toThrow(RequestReusedError);
  });

  test.each(["ann", ""])(
    "does not find the user of a repeated request who is gone, whose id was to be '%s'",
    async (id) => {
      const request = newRequest();
      const { id: made } = (await create(id, "", request))!;
      await remove(made);
      const failure = await failureOf(create(id, "", request));
      const resource = `applications/${application}/users/${made}`;
      expect(failure).toMatchObject({ code: "NotFound", reason: "RESOURCE_NOT_FOUND", metadata: { resource } });
    },
  );
});

describe("changing a user", () => {
  test("raises its revision, once where several do so at the same time", async () => {
    await create("ann");
    const name = { application, user: "ann" };
    await Promise.all(Array.from({ length: 8 }, () => update(name, () => ({ displayName: "Anna" }))));
    expect(await store.find(name)).toMatchObject({ displayName: "Anna", revision: 9 });
  });

  test("refuses an address that another has", async () => {
    await create("ann", "ann@a.example");
    await create("bob");
    const name = { application, user: "bob" };
    await expect(update(name, () => ({ email: "ann@a.example" }))).rejects.toEqual(takenBy("email"));
    expect(await update({ application, user: "ann" }, () => ({ email: "ann@a.example" }))).toMatchObject({ id: "ann" });
  });

  test("of several at once to one address lets one through", async () => {
    const ids = ["ann", "bob", "cid"];
    for (const id of ids) await create(id);
    const change = () => ({ email: "one@a.example" });
    const outcomes = await Promise.allSettled(ids.map((user) => update({ application, user }, change)));
    const reasons = outcomes.flatMap((outcome) => ("reason" in outcome ? [outcome.reason] : []));
    expect(reasons).toEqual([takenBy("email"), takenBy("email")]);
  });

  test("is not known of a user who is gone, or of another application's", async () => {
    await create("ann");
    const other = await createApplication(stores.database);
    expect(await update({ application: other, user: "ann" }, () => ({ bot: 1 }))).toBeUndefined();
    await remove("ann");
    expect(await update({ application, user: "ann" }, () => ({ bot: 1 }))).toBeUndefined();
  });

  test("in transactions of several at once changes it after each other", async () => {
    await create("ann");
    const name = { application, user: "ann" };
    const change = () =>
      store.transact((transaction) =>
        store.update(name, ({ displayName }) => ({ displayName: `${displayName}!` }), transaction),
      );
    await Promise.all(Array.from({ length: 5 }, change));
    expect(await store.find(name)).toMatchObject({ displayName: "Ann!!!!!", revision: 6 });
  });
});

test("users are listed by their ids, page by page, without those who are gone or another application's", async () => {
  for (const id of ["b", "B", "a", "~", "gone", "-"]) await create(id);
  await remove("gone");
  const idsAfter = async (after: string, limit = 10) =>
    (await store.list(application, { after, limit }, SIGNAL)).map(({ id }) => id);
  expect(await idsAfter("")).toEqual(["-", "B", "a", "b", "~"]);
  expect(await idsAfter("B", 2)).toEqual(["a", "b"]);
  application = await createApplication(stores.database);
  expect(await idsAfter("")).toEqual([]);
});
