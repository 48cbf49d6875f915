import { randomUUID } from "node:crypto";
import { pino } from "pino";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { User_Role } from "../../../gen/parley/v1/user_pb.ts";
import { ApplicationStore } from "../../../services/application/application-store.ts";
import { CachedFacts } from "../../../services/facts/cached-facts.ts";
import { FactChangeFollower } from "../../../services/facts/fact-change-follower.ts";
import type { FactChange } from "../../../services/facts/facts.ts";
import { recordChanges, removeRecorded } from "../../../services/facts/recorded-changes.ts";
import { SqlFactSource } from "../../../services/facts/sql-fact-source.ts";
import { RefreshTokens } from "../../../services/session/refresh-token.ts";
import { SessionStore } from "../../../services/session/session-store.ts";
import { UserRemoval } from "../../../services/user/user-removal.ts";
import { UserStore } from "../../../services/user/user-store.ts";
import { createApplication, createUser, openStores, type Stores } from "../stores.ts";

const HOUR_MS = 3_600_000;
/** Within which a change holds in every process, in milliseconds. */
const WITHIN = { timeout: 1_000, interval: 10 };
const log = pino({ level: "silent" });
/** Who makes a change ends before it tells of it. */
const nobody = { forget: async () => undefined };

let stores: Stores;
let application: string;
let followers: FactChangeFollower[];
beforeAll(async () => {
  stores = await openStores();
});
afterAll(() => stores.close());
beforeEach(async () => {
  followers = [];
  application = await createApplication(stores.database);
  await createUser(stores.database, application, "u", User_Role.AGENT);
});
afterEach(async () => {
  vi.restoreAllMocks();
  for (const follower of followers) await follower.stop();
});

const transact = <T>(work: Parameters<typeof stores.database.sequelize.transaction<T>>[0]) =>
  stores.database.sequelize.transaction(work);
const users = () => new UserStore(stores.database, { requestTtlMs: HOUR_MS });
const sessions = () => new SessionStore(stores.database, new RefreshTokens("s".repeat(32)), HOUR_MS);
const name = () => ({ application, user: "u" });

function createFollower(): FactChangeFollower {
  const follower = new FactChangeFollower({ database: stores.database, ttlMs: HOUR_MS, log });
  followers.push(follower);
  return follower;
}

/** Another process: it knows the user, and has read all that was written down. */
async function openOther(): Promise<CachedFacts> {
  const recorded = createFollower();
  const facts = new CachedFacts({
    source: new SqlFactSource({ database: stores.database, catchUp: async () => undefined }),
    ttlMs: { user: HOUR_MS, application: HOUR_MS, chat: HOUR_MS, member: HOUR_MS, message: HOUR_MS },
    ...{ recorded, max: 100 },
  });
  await expect.poll(() => recorded.isCurrent(performance.now()), WITHIN).toBe(true);
  await Promise.all([facts.user(application, "u"), facts.application(application)]);
  return facts;
}

/** What a follower tells of the application. */
function listen(follower: FactChangeFollower): FactChange[] {
  const told: FactChange[] = [];
  const isOwn = (change: FactChange) => "application" in change && change.application === application;
  follower.start((recorded) => void told.push(...recorded.map(({ change }) => change).filter(isOwn)));
  return told;
}

const CHANGES = {
  "a role": () =>
    users().transact((transaction) => users().update(name(), () => ({ role: User_Role.USER }), transaction)),
  "a deletion": () =>
    new UserRemoval({ database: stores.database, store: users(), facts: nobody }).remove(name(), () => undefined),
  "an end of a session": async () => {
    const { session } = await sessions().begin(name(), "");
    await sessions().end(name(), session);
  },
  "an end of all sessions": () => transact((transaction) => sessions().endAll(name(), transaction)),
} satisfies Record<string, () => Promise<unknown>>;

test.each(Object.entries(CHANGES))("%s of which nobody tells counts in another process", async (_what, change) => {
  const facts = await openOther();
  const before = await facts.user(application, "u");
  expect(before).toBeDefined();
  await change();
  await expect.poll(() => facts.user(application, "u"), WITHIN).not.toEqual(before);
});

test("limits of an application of which nobody tells count in another process", async () => {
  const facts = await openOther();
  const store = new ApplicationStore(stores.database, { keyGraceMs: 0, requestTtlMs: HOUR_MS });
  await store.update(
    application,
    () => ({ rateLimits: '{"callsPerMinute":3}' }),
    () => true,
  );
  await expect.poll(() => facts.application(application), WITHIN).toMatchObject({ callsPerMinute: 3 });
});

test("what was written down before a process began is told, and each change once", async () => {
  const chat = { application, chat: 7 };
  const member: FactChange = { kind: "member", chat, user: "u" };
  await transact((transaction) => recordChanges(stores.database, [{ kind: "chat", chat }, member], transaction));
  const forgotten: FactChange[] = [];
  createFollower().start((recorded) => void forgotten.push(...recorded.map(({ change }) => change)));
  await expect.poll(() => forgotten, WITHIN).toContainEqual(member);
  await stores.database.factChanges.create({ time: Date.now(), id: randomUUID(), application, chat: null, user: "v" });
  await expect.poll(() => forgotten, WITHIN).toContainEqual({ kind: "user", application, user: "v" });
  expect(forgotten.filter((change) => change.kind === "chat" && change.chat.application === application)).toHaveLength(
    1,
  );
});

test("a change is told that was committed seconds after it was written down, and all of many", async () => {
  const follower = createFollower();
  const told = listen(follower);
  await expect.poll(() => follower.isCurrent(performance.now()), WITHIN).toBe(true);
  const time = Date.now() - 5_000;
  const ids = Array.from({ length: 1_500 }, (_, index) => `u${index}`);
  const rows = ids.map((user) => ({ time, id: randomUUID(), application, chat: null, user }));
  await stores.database.factChanges.bulkCreate(rows);
  await expect.poll(() => told.length, WITHIN).toBe(ids.length);
});

test("while changes cannot be read, facts do not count for long; then those meanwhile are told", async () => {
  const follower = createFollower();
  const told = listen(follower);
  await expect.poll(() => follower.isCurrent(performance.now()), WITHIN).toBe(true);
  const { factChanges } = stores.database;
  const read = vi.spyOn(factChanges, "findAll").mockRejectedValue(new Error("away"));
  await expect.poll(() => follower.isCurrent(performance.now()), { timeout: 1_500, interval: 10 }).toBe(false);
  await CHANGES["a role"]();
  expect(told).toEqual([]);
  read.mockRestore();
  await expect.poll(() => told, WITHIN).toEqual([{ kind: "user", application, user: "u" }]);
  expect(follower.isCurrent(performance.now())).toBe(true);
});

test("changes are removed once no fact from before can be held", async () => {
  const old = { time: Date.now() - 2 * HOUR_MS, id: randomUUID(), application, chat: null, user: null };
  await stores.database.factChanges.create(old);
  await CHANGES["a role"]();
  await removeRecorded(stores.database, HOUR_MS);
  const left = await stores.database.factChanges.findAll({ where: { application }, raw: true });
  expect(left).toMatchObject([{ user: "u", chat: null }]);
});
