import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { Chat_Kind } from "../../../gen/parley/v1/chat_pb.ts";
import { Member_Role } from "../../../gen/parley/v1/member_pb.ts";
import { User_Role } from "../../../gen/parley/v1/user_pb.ts";
import type { ChatName } from "../../../services/aip/resource-name.ts";
import type { FactName } from "../../../services/facts/fact-name.ts";
import { SqlFactSource } from "../../../services/facts/sql-fact-source.ts";
import { failureOf } from "../../failure.ts";
import { createApplication, createUser, openStores, type Stores } from "../stores.ts";

const catchUp = vi.fn(async (_signal: AbortSignal) => {});

let stores: Stores;
let source: SqlFactSource;
let application: string;
let chat: ChatName;
beforeAll(async () => {
  stores = await openStores();
  source = new SqlFactSource({ database: stores.database, catchUp });
});
afterAll(() => stores.close());
beforeEach(async () => {
  catchUp.mockReset();
  application = await createApplication(stores.database);
  chat = { application, chat: 1 };
});

const userOf = (user: string) => ({ kind: "user", application, user }) as const;

async function createChat(): Promise<void> {
  const counts = { messagesCount: 0, lastNumber: 0, countDue: 0, membersCount: 1, internalCount: 0, shownNumber: 0 };
  const times = { createTime: 1, updateTime: 1, lastMessageTime: null, deleteTime: null, firstResponseTime: null };
  await stores.database.chats.create({
    ...{ application, number: 1, title: "", kind: Chat_Kind.GROUP, metadata: null, creator: "u", slowModeMs: 5_000 },
    ...{ ...counts, ...times, closeTime: null, pair: null, supportAgent: null, supportStatus: 0 },
    ...{ revision: 1, createSeq: 1, changeSeq: 1, seeded: 0 },
  });
}

async function createMember(muteExpireTime: number | null, banExpireTime: number | null): Promise<void> {
  const member = { application, chat: 1, user: "u", role: Member_Role.ADMIN, joinTime: 1, readNumber: 0, changeSeq: 1 };
  await stores.database.members.create({ ...member, muteExpireTime, banExpireTime });
}

async function endSession(id: string, revokeTime: number | null): Promise<void> {
  const session = { application, user: "u", device: "", generation: 0, tokenHash: id, rotateTime: 1, createTime: 1 };
  await stores.database.sessions.create({ ...session, id, expireTime: Date.now() + 60_000, revokeTime });
}

test("a user is known by its profile, and by the sessions that ended not long ago", async () => {
  await createUser(stores.database, application, "u", User_Role.AGENT);
  const now = Date.now();
  const [ended, old, open] = ["e", "o", "n"].map((letter) => `${application}-${letter}`.slice(-36));
  await endSession(ended!, now - 60_000);
  await endSession(old!, now - 3_600_000);
  await endSession(open!, null);
  expect(await source.load(userOf("u"))).toEqual({
    ...{ application, user: "u", displayName: "u", role: User_Role.AGENT, bot: false },
    ...{ tokensFromMs: 0, endedSessions: [ended] },
  });
});

test("of many ended sessions the last 200 are told of", async () => {
  await createUser(stores.database, application, "u");
  const ids = Array.from({ length: 205 }, (_, index) => `${application}-${index}`);
  const now = Date.now();
  for (const [index, id] of ids.entries()) await endSession(id, now - index);
  const { endedSessions } = (await source.load(userOf("u")))!;
  expect(endedSessions).toEqual(ids.slice(0, 200));
});

test("a deleted user is none, nor is one of an application that is deleted", async () => {
  await createUser(stores.database, application, "u");
  await createUser(stores.database, application, "v");
  await stores.database.users.update({ deleteTime: 2 }, { where: { application, id: "u" } });
  expect(await source.load(userOf("u"))).toBeUndefined();
  expect(await source.load(userOf("v"))).toBeDefined();
  await stores.database.applications.update({ deleteTime: 2 }, { where: { token: application } });
  expect(await source.load(userOf("v"))).toBeUndefined();
});

test("a chat, its members and its messages are what their rows say", async () => {
  await createChat();
  await createMember(7, null);
  expect(await source.load({ kind: "chat", chat })).toEqual({ kind: Chat_Kind.GROUP, creator: "u", slowModeMs: 5_000 });
  expect(await source.load({ kind: "member", chat, user: "u" })).toEqual({
    ...{ role: Member_Role.ADMIN, mutedUntilMs: 7, bannedUntilMs: 0 },
  });
  expect(catchUp).not.toHaveBeenCalled();
  await stores.database.chats.update({ deleteTime: 2 }, { where: { application } });
  expect(await source.load({ kind: "chat", chat })).toBeUndefined();
});

test("what was answered and is not there yet is waited for", async () => {
  const names: FactName[] = [
    { kind: "chat", chat },
    { kind: "member", chat, user: "u" },
  ];
  const writers = [createChat, () => createMember(null, 9)];
  for (const [index, name] of names.entries()) {
    catchUp.mockImplementationOnce(async () => writers[index]!());
    expect(await source.load(name)).toBeDefined();
  }
  expect(await source.load({ kind: "message", message: { ...chat, message: 1 } })).toBeUndefined();
  expect(catchUp).toHaveBeenCalledTimes(3);
});

test("a database that does not catch up is unavailable", async () => {
  catchUp.mockRejectedValue(new DOMException("too late", "TimeoutError"));
  const failure = await failureOf(source.load({ kind: "chat", chat }));
  expect(failure).toMatchObject({ code: "Unavailable", reason: "STORE_UNAVAILABLE" });
});

test("an application is known by the limits of its own", async () => {
  const limits = async () => source.load({ kind: "application", application });
  expect(Object.values((await limits())!).filter((limit) => limit !== undefined)).toEqual([]);
  const rateLimits = JSON.stringify({ userMessagesPerDay: 0, callsPerMinute: 7 });
  await stores.database.applications.update({ rateLimits }, { where: { token: application } });
  expect(await limits()).toMatchObject({ userMessagesPerDay: 0, callsPerMinute: 7 });
  expect(await source.load({ kind: "application", application: "x".repeat(26) })).toBeUndefined();
});
