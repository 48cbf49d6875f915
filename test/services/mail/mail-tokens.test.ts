import type { Transaction } from "sequelize";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { createResourceId } from "../../../services/aip/resource-id.ts";
import { MailPurpose, MailTokens } from "../../../services/mail/mail-tokens.ts";
import { openStores, type Stores } from "../stores.ts";

const HOUR_MS = 3_600_000;
const START_MS = 1_800_000_000_000;
const { ACTIVATE, RESET } = MailPurpose;

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
const issueActivation = () => transact((transaction) => tokens.issueActivation(ann, transaction));
const activation = async () => (await issueActivation()).token;
const reset = async () => (await transact((transaction) => tokens.issueReset(ann, transaction)))?.token;
const use = (token: string) => transact((transaction) => tokens.use(token, transaction));

test("a token leads to its user, in its application, for its purpose", async () => {
  const token = await activation();
  expect(token).toMatch(/^[\w-]{43}$/);
  expect(await tokens.find(ann.application, token, ACTIVATE)).toBe("ann");
  expect(await tokens.find(ann.application, token, RESET)).toBeUndefined();
  expect(await tokens.find(createResourceId(), token, ACTIVATE)).toBeUndefined();
  expect(await tokens.find(ann.application, `${token}x`, ACTIVATE)).toBeUndefined();
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
  expect(await tokens.find(ann.application, second, RESET)).toBe("ann");
  vi.setSystemTime(START_MS + HOUR_MS);
  expect(await tokens.find(ann.application, second, RESET)).toBeUndefined();
  expect(await tokens.find(ann.application, first, ACTIVATE)).toBe("ann");
  vi.setSystemTime(START_MS + 2 * HOUR_MS);
  expect(await tokens.find(ann.application, first, ACTIVATE)).toBeUndefined();
});

test("of many who use it at once, one does", async () => {
  const token = await activation();
  const used = await Promise.all([1, 2, 3, 4].map(() => use(token)));
  expect(used.filter(Boolean)).toHaveLength(1);
  expect(await tokens.find(ann.application, token, ACTIVATE)).toBeUndefined();
});

test("another activation ends the one before it, and no password reset", async () => {
  const [first, second] = [await activation(), await reset()];
  const third = await activation();
  expect(await tokens.find(ann.application, first, ACTIVATE)).toBeUndefined();
  expect(await tokens.find(ann.application, second!, RESET)).toBe("ann");
  expect(await tokens.find(ann.application, third, ACTIVATE)).toBe("ann");
});

test("a user has five password resets at a time, all of which work", async () => {
  const issued = [await reset(), await reset(), await reset(), await reset(), await reset()];
  expect(await reset()).toBeUndefined();
  for (const token of issued) expect(await tokens.find(ann.application, token!, RESET)).toBe("ann");
  vi.setSystemTime(START_MS + HOUR_MS);
  expect(await reset()).toBeDefined();
});

test("a user's tokens are forgotten together", async () => {
  const all = [await activation(), (await reset())!];
  await transact((transaction) => tokens.forget(ann, transaction));
  expect(await Promise.all(all.map(use))).toEqual([false, false]);
});
