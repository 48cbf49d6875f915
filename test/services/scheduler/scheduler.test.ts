import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { Chat_Kind } from "../../../gen/parley/v1/chat_pb.ts";
import { Member_Role } from "../../../gen/parley/v1/member_pb.ts";
import { formatApplicationName } from "../../../services/aip/resource-name.ts";
import { chatFromRow } from "../../../services/chat/chat-codec.ts";
import { newMemberRow } from "../../../services/member/member-codec.ts";
import { rowFromNewMessage } from "../../../services/message/message-codec.ts";
import { purge } from "../../../services/scheduler/purge.ts";
import { recount } from "../../../services/scheduler/recount.ts";
import { Scheduler, type SchedulerOptions } from "../../../services/scheduler/scheduler.ts";
import { newUserRow } from "../../../services/user/new-user.ts";
import { endOfRecord } from "../../../services/write-queue/commit-mark.ts";
import { messageNameOf, nameOf, WriterScene } from "../writer/writer-scene.ts";
import {
  chatWrite,
  deleteApplicationWrite,
  deleteChatWrite,
  deleteMessageWrite,
  messagesWrite,
  messageWrite,
  newMessage,
} from "../writes.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

let scene: WriterScene;
beforeAll(async () => {
  scene = await WriterScene.open();
});
afterAll(() => scene.close());

const here = async () => endOfRecord(await scene.stores.queue.end());
const applicationOf = (token: string) => scene.stores.database.applications.findByPk(token, { raw: true });

async function schedulerOf(overrides: Partial<SchedulerOptions> = {}): Promise<Scheduler> {
  const { recents, stores } = scene;
  const { database, queue } = stores;
  const horizon = { reached: async () => undefined };
  const position = await here();
  const log = pino({ level: "silent" });
  return new Scheduler({
    ...{ database, queue, horizon, recents, log, indexed: () => position },
    ...{ countIntervalMs: 5, requestTtlMs: DAY_MS, retentionMs: HOUR_MS, factTtlMs: HOUR_MS },
    ...overrides,
  });
}

describe("a recount", () => {
  test("counts messages, tombstones included, and chats that are not deleted", async () => {
    const chat = await scene.createChat();
    const second = { ...chat, chat: 2 };
    await scene.apply(
      chatWrite(second),
      messagesWrite(
        chat,
        [1, 2, 3].map((number) => newMessage(chat, number)),
      ),
    );
    await scene.apply(deleteMessageWrite(messageNameOf(chat, 2)));
    await recount(scene.stores.database);
    expect(await scene.findChat(chat)).toMatchObject({ messagesCount: 3, countDue: 0 });
    expect(await scene.findChat(second)).toMatchObject({ messagesCount: 0, countDue: 0 });
    expect(await applicationOf(chat.application)).toMatchObject({ chatsCount: 2, countDue: 0 });
    await scene.apply(deleteChatWrite(nameOf(second)), messageWrite(chat, 4));
    const { chatsCount, countDue } = (await applicationOf(chat.application))!;
    expect({ chatsCount, isDue: countDue! > 0 }).toEqual({ chatsCount: 2, isDue: true });
    await recount(scene.stores.database);
    expect(await scene.findChat(chat)).toMatchObject({ messagesCount: 4 });
    expect(await applicationOf(chat.application)).toMatchObject({ chatsCount: 1, countDue: 0 });
  });

  test("counts the internal notes of support sessions", async () => {
    const session = { application: await scene.createApplication(), chat: 1 };
    await scene.apply(chatWrite(session, { kind: Chat_Kind.SUPPORT, creator: "cleo" }));
    const messages = [1, 2, 3].map((number) => newMessage(session, number, { internal: number > 1 }));
    await scene.apply(messagesWrite(session, messages));
    await recount(scene.stores.database);
    const row = (await scene.findChat(session))!;
    expect(row).toMatchObject({ messagesCount: 3, internalCount: 2, countDue: 0 });
    expect([true, false].map((notes) => chatFromRow(row, notes).messagesCount)).toEqual([3, 1]);
  });

  test("does not take a mark away that comes while it counts", async () => {
    const { database } = scene.stores;
    const chat = await scene.createChat();
    await scene.apply(messageWrite(chat, 1));
    const query = vi.spyOn(database.sequelize, "query");
    const isUpdating = () => query.mock.calls.some(([sql]) => String(sql).trim().startsWith("UPDATE"));
    const where = { application: chat.application, number: chat.chat };
    const writing = await database.sequelize.transaction();
    await database.chats.update({ countDue: 1_000_000 }, { where, transaction: writing });
    query.mockClear();
    const recounting = recount(database);
    await expect.poll(isUpdating).toBe(true);
    const message = rowFromNewMessage(newMessage(chat, 2), chat, 1_000_000);
    await database.messages.create(message, { transaction: writing });
    await writing.commit();
    await recounting;
    query.mockRestore();
    const between = (await scene.findChat(chat))!;
    expect(between.countDue > 0 || between.messagesCount === 2).toBe(true);
    await recount(database);
    expect(await scene.findChat(chat)).toMatchObject({ messagesCount: 2, countDue: 0 });
  });

  test("leaves alone what is not due", async () => {
    const chat = await scene.createChat();
    await scene.apply(messageWrite(chat, 1));
    await scene.stores.database.chats.update(
      { countDue: 0, messagesCount: 9 },
      { where: { application: chat.application } },
    );
    await recount(scene.stores.database);
    expect(await scene.findChat(chat)).toMatchObject({ messagesCount: 9 });
  });
});

describe("a purge", () => {
  test("removes a deleted chat, its messages, thousands too, and its members, and nothing else", async () => {
    const chat = await scene.createChat();
    const second = { ...chat, chat: 2 };
    const numbers = Array.from({ length: 2_500 }, (_, index) => index + 1);
    const messages = numbers.map((number) => newMessage(chat, number));
    await scene.apply(chatWrite(second), messageWrite(second, 1), messagesWrite(chat, messages));
    const { members } = scene.stores.database;
    for (const row of [chat, second]) {
      await members.create(newMemberRow({ ...row, user: "ada" }, Member_Role.OWNER, { mark: 1, timeMs: 1 }));
    }
    await scene.apply(deleteChatWrite(nameOf(chat), { force: true }));
    await purge(scene.stores.database, await here());
    expect(await scene.findChat(chat)).toBeNull();
    expect(await scene.numbers(chat)).toEqual([]);
    expect(await scene.numbers(second)).toEqual([1]);
    const left = await members.findAll({ where: { application: chat.application }, raw: true });
    expect(left.map((row) => row.chat)).toEqual([2]);
    expect(await applicationOf(chat.application)).toMatchObject({ lastChatNumber: 2, deleteTime: null });
  });

  test("waits for the search index to take note", async () => {
    const chat = await scene.createChat();
    await scene.apply(messageWrite(chat, 1));
    const before = await here();
    await scene.apply(deleteChatWrite(nameOf(chat), { force: true }));
    await purge(scene.stores.database, before);
    expect(await scene.numbers(chat)).toEqual([1]);
    await purge(scene.stores.database, await here());
    expect(await scene.numbers(chat)).toEqual([]);
  });

  test("removes a deleted application with its chats, more than a page of them", async () => {
    const application = await scene.createApplication();
    const chats = Array.from({ length: 130 }, (_, index) => ({ application, chat: index + 1 }));
    await scene.apply(...chats.map((chat) => chatWrite(chat)), messageWrite(chats[129]!, 1));
    const before = await here();
    await scene.apply(deleteApplicationWrite(formatApplicationName({ application }), { force: true }));
    await purge(scene.stores.database, before);
    expect(await applicationOf(application)).toMatchObject({ deleteTime: expect.any(Number) });
    expect(await scene.stores.database.chats.count({ where: { application } })).toBe(0);
    const { users, sessions, mailTokens, tokenKeys } = scene.stores.database;
    const time = { createTime: 1, expireTime: Date.now() + DAY_MS };
    const profile = { id: "u", displayName: "U", role: 1, bot: 0, revision: 1, createTime: 1, updateTime: 1 };
    const noProfile = { avatarUrl: null, metadata: null, email: null, passwordHash: null, activateTime: null };
    const own = { application, user: "u" };
    await users.create({ application, ...profile, ...noProfile, tokensFrom: 0, deleteTime: null, eraseDue: 0 });
    await sessions.create({
      ...{ ...own, ...time, id: "s", device: "", generation: 0, tokenHash: "", rotateTime: 1, revokeTime: null },
    });
    const nothing = { email: null, passwordHash: null, displayName: null };
    await mailTokens.create({ ...own, ...time, ...nothing, hash: "m", purpose: 2 });
    const claims = { keyId: "", userClaim: "sub", displayNameClaim: "name", createUsers: 0 };
    await tokenKeys.create({ application, id: "k", publicKey: "", issuer: "i", ...claims, createTime: 1 });
    await purge(scene.stores.database, await here());
    expect(await applicationOf(application)).toBeNull();
    const counted = [users, sessions, mailTokens, tokenKeys].map((rows) =>
      (rows as typeof users).count({ where: { application } }),
    );
    expect(await Promise.all(counted)).toEqual([0, 0, 0, 0]);
    expect(await scene.stores.database.chats.count({ where: { application } })).toBe(0);
    expect(await scene.numbers(chats[129]!)).toEqual([]);
  });
});

describe("a pass", () => {
  test("forgets requests, verdicts and keys whose time is over, and those alone", async () => {
    const { createRequests, outbox, apiKeys } = scene.stores.database;
    const application = await scene.createApplication();
    const now = Date.now();
    const request = (requestId: string, createTime: number) =>
      createRequests.create({
        application,
        collection: "chats",
        principal: "p",
        requestId,
        digest: "",
        resource: "1",
        createTime,
      });
    await request("young", now - DAY_MS);
    await request("old", now - DAY_MS - HOUR_MS - 1);
    const verdict = (id: string, published: number, createTime: number) =>
      outbox.create({ id, verdict: Buffer.from([]), published, createTime });
    await verdict("young", 1, now - HOUR_MS + 60_000);
    await verdict("old", 1, now - HOUR_MS - 1);
    await verdict("untold", 0, now - DAY_MS);
    const key = (hash: string, expireTime: number | null) =>
      apiKeys.create({ hash, application, createTime: 1, expireTime });
    await key("current", null);
    await key("in grace", now + HOUR_MS);
    await key("over", now - 1);
    const { sessions, mailTokens, signingKeys } = scene.stores.database;
    for (const [id, expireTime] of [
      ["lasting", now + HOUR_MS],
      ["over", now - 1],
    ] as const) {
      const own = { application, user: "u", createTime: 1, expireTime };
      const session = { device: "", generation: 0, tokenHash: "", rotateTime: 1, revokeTime: null };
      await sessions.create({ ...own, ...session, id });
      const registered = { email: "a@a.example", passwordHash: "hash", displayName: "A" };
      await mailTokens.create({ ...own, ...registered, hash: id, purpose: 1 });
      await signingKeys.create({ id, publicKey: "", privateKey: "", createTime: 1, signTime: 1, expireTime });
    }
    const { factChanges } = scene.stores.database;
    const change = (id: string, time: number) => factChanges.create({ id, time, application, chat: null, user: null });
    await change("young", now - HOUR_MS);
    await change("old", now - 2 * HOUR_MS);
    await (await schedulerOf()).pass();
    const left = async (rows: Promise<object[]>, field: string) =>
      (await rows).map((row) => (row as Record<string, unknown>)[field]).sort();
    expect(await left(createRequests.findAll({ where: { application }, raw: true }), "requestId")).toEqual(["young"]);
    expect(await left(outbox.findAll({ raw: true, where: { id: ["young", "old", "untold"] } }), "id")).toEqual([
      "untold",
      "young",
    ]);
    expect(await left(apiKeys.findAll({ where: { application }, raw: true }), "hash")).toEqual(["current", "in grace"]);
    expect(await left(sessions.findAll({ where: { application }, raw: true }), "id")).toEqual(["lasting"]);
    expect(await left(mailTokens.findAll({ where: { application }, raw: true }), "hash")).toEqual(["lasting"]);
    expect(await left(signingKeys.findAll({ where: { id: ["lasting", "over"] }, raw: true }), "id")).toEqual([
      "lasting",
    ]);
    expect(await left(factChanges.findAll({ where: { application }, raw: true }), "id")).toEqual(["young"]);
    await outbox.destroy({ where: { id: "untold" } });
    await signingKeys.destroy({ where: { id: "lasting" } });
  });

  test("counts, purges, erases names, and trims the queue", async () => {
    const [chat, gone] = [await scene.createChat(), await scene.createChat()];
    await scene.apply(messageWrite(chat, 1), deleteChatWrite(nameOf(gone)));
    const { users } = scene.stores.database;
    const user = { application: chat.application, user: "ann" };
    await users.create({ ...newUserRow(user, { displayName: "" }), deleteTime: 1, eraseDue: 1 });
    const trim = vi.spyOn(scene.stores.queue, "trim");
    await (await schedulerOf()).pass();
    expect(await users.count({ where: { eraseDue: 1 } })).toBe(0);
    expect(await scene.findChat(chat)).toMatchObject({ messagesCount: 1 });
    expect(await scene.findChat(gone)).toBeNull();
    const [before] = trim.mock.calls[0]!;
    expect(Date.now() - before).toBeGreaterThanOrEqual(HOUR_MS);
    expect(Date.now() - before).toBeLessThan(HOUR_MS + 60_000);
    trim.mockRestore();
  });
});

describe("the scheduler", () => {
  test("passes again and again until it stops", async () => {
    const scheduler = await schedulerOf();
    const pass = vi.spyOn(scheduler, "pass");
    scheduler.start();
    await expect.poll(() => pass.mock.calls.length).toBeGreaterThan(2);
    await scheduler.stop();
    const passes = pass.mock.calls.length;
    await scheduler.stop();
    expect(pass.mock.calls.length).toBe(passes);
  });

  test("does its other duties where one fails, says which, and tries it again", async () => {
    const { database, queue } = scene.stores;
    const broken = vi.spyOn(database.sequelize, "query").mockRejectedValueOnce(new Error("the database is away"));
    const trim = vi.spyOn(queue, "trim");
    const error = vi.fn();
    const scheduler = await schedulerOf({ log: { error } as never });
    await scheduler.pass();
    expect(error.mock.calls.map(([fields]) => fields)).toEqual([
      { duty: "recount", err: expect.objectContaining({ message: "the database is away" }) },
    ]);
    expect(trim).toHaveBeenCalledTimes(1);
    await scheduler.pass();
    expect(error).toHaveBeenCalledTimes(1);
    broken.mockRestore();
    trim.mockRestore();
  });
});
