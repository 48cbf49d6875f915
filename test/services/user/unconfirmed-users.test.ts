import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import type { FactChanges } from "../../../services/facts/facts.ts";
import { AccountMails } from "../../../services/mail/account-mails.ts";
import { MailPurpose, MailTokens } from "../../../services/mail/mail-tokens.ts";
import { Registrations } from "../../../services/user/registrations.ts";
import { forgetUnconfirmed } from "../../../services/user/unconfirmed-users.ts";
import { UserStore } from "../../../services/user/user-store.ts";
import { createApplication, openStores, type Stores } from "../stores.ts";

const DAY_MS = 86_400_000;
const START_MS = 1_800_000_000_000;

let stores: Stores;
let store: UserStore;
let registrations: Registrations;
let application: string;
/** What was told to have changed, by the ids of users. */
let told: string[];
const facts: FactChanges = {
  forget: async (changes) => void told.push(...changes.map((change) => (change.kind === "user" ? change.user : ""))),
};
beforeAll(async () => {
  stores = await openStores();
  store = new UserStore(stores.database, { requestTtlMs: DAY_MS });
  const mailTokens = new MailTokens(stores.database, { activateMs: DAY_MS, resetMs: DAY_MS });
  const mails = new AccountMails({ activate: undefined, reset: undefined });
  registrations = new Registrations({ store, mailTokens, mails, facts });
});
afterAll(() => stores.close());
beforeEach(async () => {
  application = await createApplication(stores.database);
  told = [];
  vi.useFakeTimers({ toFake: ["Date"], now: START_MS });
  return () => vi.useRealTimers();
});

async function register(email: string): Promise<string> {
  const about = { to: email, application, applicationName: "Shop" };
  await registrations.register({ about, passwordHash: "hash", displayName: "Ann" });
  return (await store.findByEmail(application, email))!.id;
}

async function passAt(timeMs: number): Promise<string[]> {
  vi.setSystemTime(timeMs);
  await forgetUnconfirmed(stores.database, facts, timeMs);
  const rows = await stores.database.users.findAll({ where: { application }, order: ["createTime"], raw: true });
  return rows.map(({ email }) => email!);
}

test("who did not confirm its address in time is forgotten, and can register again", async () => {
  const first = await register("ann@a.example");
  expect(await passAt(START_MS + DAY_MS)).toEqual(["ann@a.example"]);
  expect(await passAt(START_MS + DAY_MS + 1)).toEqual([]);
  expect(await register("ann@a.example")).not.toBe(first);
});

test("who is replaced by a later registration, and who is forgotten, is known no longer as it was", async () => {
  const user = await register("ann@a.example");
  await register("ann@a.example");
  expect(told).toEqual([user, user]);
  await passAt(START_MS + DAY_MS + 1);
  expect(told).toEqual([user, user, user]);
});

test("who registered again has its time anew", async () => {
  await register("ann@a.example");
  vi.setSystemTime(START_MS + DAY_MS / 2);
  await register("ann@a.example");
  expect(await passAt(START_MS + DAY_MS + 1)).toEqual(["ann@a.example"]);
});

test("who registers while it is forgotten is there, with its token", async () => {
  await register("ann@a.example");
  const time = START_MS + DAY_MS + 1;
  const [, id] = await Promise.all([passAt(time), register("ann@a.example")]);
  expect(await passAt(time)).toEqual(["ann@a.example"]);
  const where = { application, user: id, purpose: MailPurpose.ACTIVATE };
  expect(await stores.database.mailTokens.count({ where })).toBe(1);
});

test("who confirmed, and who takes part in something, stays", async () => {
  const [confirmed, member, author] = [
    await register("confirmed@a.example"),
    await register("member@a.example"),
    await register("author@a.example"),
  ];
  await store.update({ application, user: confirmed }, () => ({ activateTime: 1 }));
  const times = { muteExpireTime: null, banExpireTime: null, joinTime: 1 };
  await stores.database.members.create({
    ...{ application, chat: 1, user: member, role: 1, ...times, readNumber: 0, changeSeq: 1 },
  });
  await stores.database.messages.create({
    ...{ application, chat: 1, number: 1, body: "x", authorUser: author, authorDisplayName: null, authorType: 1 },
    ...{ metadata: null, requestId: null, revision: 1, createTime: 1, updateTime: 1, editTime: null, deleteTime: null },
    ...{ createSeq: 1, changeSeq: 1, internal: 0, replyTo: null, reactions: null, systemEvent: null },
  });
  const left = await passAt(START_MS + DAY_MS + 1);
  expect(left.sort()).toEqual(["author@a.example", "confirmed@a.example", "member@a.example"]);
});
