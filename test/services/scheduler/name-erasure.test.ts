import { afterAll, beforeAll, expect, test } from "vitest";
import { NameErasure } from "../../../services/scheduler/name-erasure.ts";
import { newUserRow } from "../../../services/user/new-user.ts";
import { WriterScene } from "../writer/writer-scene.ts";
import { appendRecord, messagesWrite, newMessage } from "../writes.ts";

const LATE_MS = 600_000;
const GOING = new AbortController().signal;

let scene: WriterScene;
let now = 1_000;
beforeAll(async () => {
  scene = await WriterScene.open();
});
afterAll(() => scene.close());

/** A pass with a writer that takes what is sent to it. */
async function pass(): Promise<void> {
  const writer = await scene.createWriter();
  const { database, queue } = scene.stores;
  const { recents, horizon } = scene;
  writer.start();
  try {
    await new NameErasure({ database, queue, horizon, recents, now: () => now }).pass(GOING);
  } finally {
    await writer.stop(AbortSignal.timeout(5_000));
  }
}

function messageOf(chat: { application: string; chat: number }, number: number, user: string) {
  const message = newMessage(chat, number, { user });
  message.author!.displayName = `the name of ${user}`;
  return message;
}

async function deleteUser(application: string, user: string, deleteTime: number): Promise<void> {
  const row = { ...newUserRow({ application, user }, { displayName: "" }), deleteTime, eraseDue: 1 };
  await scene.stores.database.users.create(row);
}

async function namesIn(chat: { application: string; chat: number }): Promise<(string | null)[]> {
  const rows = await scene.stores.database.messages.findAll({
    where: chat,
    order: ["number"],
    raw: true,
  });
  return rows.map(({ authorDisplayName }) => authorDisplayName);
}

const isDue = async (application: string) =>
  (await scene.stores.database.users.findOne({ where: { application, id: "ann" }, raw: true }))!.eraseDue === 1;

test("a deleted user's name goes from its messages, and what is held in memory of their chats with it", async () => {
  const chat = await scene.createChat();
  await scene.apply(messagesWrite(chat, [messageOf(chat, 1, "ann"), messageOf(chat, 2, "bob")]));
  const message = messageOf(chat, 2, "bob");
  await scene.recents.add([{ chat, messages: [message], bytes: [new Uint8Array()] }], 2);
  await deleteUser(chat.application, "ann", now);
  await pass();
  expect(await namesIn(chat)).toEqual([null, "the name of bob"]);
  expect(await scene.recent(chat)).toBeUndefined();
});

test("messages that were on their way when their user was deleted are found by a later pass", async () => {
  const chat = await scene.createChat();
  await deleteUser(chat.application, "ann", now);
  await appendRecord(scene.stores.queue, messagesWrite(chat, [messageOf(chat, 1, "ann")]));
  await pass();
  expect(await namesIn(chat)).toEqual([null]);
  await scene.apply(messagesWrite(chat, [messageOf(chat, 2, "ann")]));
  now += LATE_MS;
  expect(await isDue(chat.application)).toBe(true);
  await pass();
  expect(await namesIn(chat)).toEqual([null, null]);
  expect(await isDue(chat.application)).toBe(false);
});

test("the memberships of a user whose deletion was interrupted end", async () => {
  const chat = await scene.createChat();
  const { members } = scene.stores.database;
  const row = { ...chat, role: 1, joinTime: 1, muteExpireTime: null, banExpireTime: null, readNumber: 0, changeSeq: 1 };
  await members.bulkCreate(["ann", "bob"].map((user) => ({ ...row, user })));
  await deleteUser(chat.application, "ann", now);
  await pass();
  expect((await members.findAll({ where: chat, raw: true })).map(({ user }) => user)).toEqual(["bob"]);
});

test("a pass ends with the scheduler, where no writer goes on", async () => {
  const chat = await scene.createChat();
  await deleteUser(chat.application, "ann", now);
  const { database, queue } = scene.stores;
  await scene.createWriter();
  const stop = new AbortController();
  const { recents, horizon } = scene;
  const passing = new NameErasure({ database, queue, horizon, recents }).pass(stop.signal);
  stop.abort(new Error("stop"));
  await expect(passing).rejects.toThrow("stop");
  expect(await isDue(chat.application)).toBe(true);
});
