import type { Transaction } from "sequelize";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { createResourceId } from "../../../services/aip/resource-id.ts";
import { MailTokens } from "../../../services/mail/mail-tokens.ts";
import { openStores, type Stores } from "../stores.ts";

const HOUR_MS = 3_600_000;
const START_MS = 1_800_000_000_000;

let stores: Stores;
let tokens: MailTokens;
let ann: { application: string; user: string };
beforeAll(async () => {
  stores = await openStores();
  tokens = new MailTokens(stores.database, { activateMs: 2 * HOUR_MS, resetMs: HOUR_MS });
});
afterAll(() => stores.close());
beforeEach(() => {
  ann = { application: createResourceId(), user: "ann" };
  vi.useFakeTimers({ toFake: ["Date"], now: START_MS });
  return () => vi.useRealTimers();
});

const transact = <T>(work: (transaction: Transaction) => Promise<T>): Promise<T> =>
  stores.database.sequelize.transaction(work);
const registered = (passwordHash = "hash") => ({
  ...{ application: ann.application, email: "ann@a.example", passwordHash, displayName: "Ann" },
});
const issueActivation = (passwordHash?: string) =>
  transact((transaction) => tokens.issueActivation(registered(passwordHash), transaction));
const hashOf = async (token: string) => (await tokens.findRegistered(ann.application, token))?.passwordHash;
const activation = async () => (await issueActivation()).token;
const reset = async () => (await transact((transaction) => tokens.issueReset(ann, transaction)))?.token;
const use = (token: string) => transact((transaction) => tokens.use(token, transaction));

test("a token leads to what was registered with it, in its application", async () => {
  const token = await activation();
  expect(token).toMatch(/^[\w-]{43}$/);
  expect(await tokens.findRegistered(ann.application, token)).toMatchObject(registered());
  expect(await tokens.findReset(ann.application, token)).toBeUndefined();
  expect(await tokens.findRegistered(createResourceId(), token)).toBeUndefined();
  expect(await tokens.findRegistered(ann.application, `${token}x`)).toBeUndefined();
});

test("a token leads to the user whose password it sets, in its application", async () => {
  const token = (await reset())!;
  expect(await tokens.findReset(ann.application, token)).toBe("ann");
  expect(await tokens.findRegistered(ann.application, token)).toBeUndefined();
  expect(await tokens.findReset(createResourceId(), token)).toBeUndefined();
});

test("its hash alone is stored", async () => {
  const token = await activation();
  const rows = await stores.database.mailTokens.findAll({ raw: true });
  expect(JSON.stringify(rows)).not.toContain(token);
});

test("is told until when it works", async () => {
  expect(await issueActivation()).toMatchObject({ expireTimeMs: START_MS + 2 * HOUR_MS });
});

test("works until its time is over", async () => {
  const [first, second] = [await activation(), (await reset())!];
  vi.setSystemTime(START_MS + HOUR_MS - 1);
  expect(await tokens.findReset(ann.application, second)).toBe("ann");
  vi.setSystemTime(START_MS + HOUR_MS);
  expect(await tokens.findReset(ann.application, second)).toBeUndefined();
  expect(await hashOf(first)).toBe("hash");
  vi.setSystemTime(START_MS + 2 * HOUR_MS);
  expect(await hashOf(first)).toBeUndefined();
});

test("of many who use it at once, one does", async () => {
  const token = await activation();
  const used = await Promise.all([1, 2, 3, 4].map(() => use(token)));
  expect(used.filter(Boolean)).toHaveLength(1);
  expect(await hashOf(token)).toBeUndefined();
});

test("of one address the last five registrations are in force, each with its own password", async () => {
  const issued: string[] = [];
  for (let index = 0; index < 7; index++) {
    vi.setSystemTime(START_MS + index);
    issued.push((await issueActivation(`hash ${index}`)).token);
  }
  const hashes = await Promise.all(issued.map(hashOf));
  expect(hashes).toEqual([undefined, undefined, "hash 2", "hash 3", "hash 4", "hash 5", "hash 6"]);
});

test("the registrations of an address are forgotten together, and no others", async () => {
  const [first, second, other] = [await activation(), await activation(), (await reset())!];
  const elsewhere = { ...registered(), email: "bob@a.example" };
  const { token } = await transact((transaction) => tokens.issueActivation(elsewhere, transaction));
  await transact((transaction) => tokens.forgetRegistered(registered(), transaction));
  expect(await Promise.all([first, second, token].map(hashOf))).toEqual([undefined, undefined, "hash"]);
  expect(await tokens.findReset(ann.application, other)).toBe("ann");
});

test("a user has five password resets at a time, all of which work", async () => {
  const issued = [await reset(), await reset(), await reset(), await reset(), await reset()];
  expect(await reset()).toBeUndefined();
  for (const token of issued) expect(await tokens.findReset(ann.application, token!)).toBe("ann");
  vi.setSystemTime(START_MS + HOUR_MS);
  expect(await reset()).toBeDefined();
});

test("a user's tokens are forgotten together", async () => {
  const all = [(await reset())!, (await reset())!];
  await transact((transaction) => tokens.forget(ann, transaction));
  expect(await Promise.all(all.map(use))).toEqual([false, false]);
});
