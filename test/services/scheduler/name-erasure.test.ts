import { fromBinary } from "@bufbuild/protobuf";
import { afterAll, beforeAll, expect, test } from "vitest";
import { RecordSchema } from "../../../gen/parley/queue/v1/record_pb.ts";
import { NameErasure } from "../../../services/scheduler/name-erasure.ts";
import { newUserRow } from "../../../services/user/new-user.ts";
import { READ_LIMIT } from "../../../services/write-queue/write-queue.ts";
import type { Horizon } from "../../../services/writer/horizon.ts";
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

/** An erasure that follows whichever writer is at work. */
function newErasure({ recents }: Pick<WriterScene, "recents"> = scene): NameErasure {
  const { database, queue } = scene.stores;
  const reached: Horizon["reached"] = (sequence, signal) => scene.horizon.reached(sequence, signal);
  return new NameErasure({ database, queue, horizon: { reached }, recents, now: () => now });
}

/** A pass with a writer that takes what is sent to it. */
async function pass(erasure = newErasure()): Promise<void> {
  const writer = await scene.createWriter();
  writer.start();
  try {
    await erasure.pass(GOING);
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

test("a name goes nowhere while what is held in memory cannot be told", async () => {
  const chat = await scene.createChat();
  await scene.apply(messagesWrite(chat, [messageOf(chat, 1, "ann")]));
  await deleteUser(chat.application, "ann", now);
  const change = () => Promise.reject(new Error("away"));
  const recents = Object.assign(Object.create(scene.recents) as WriterScene["recents"], { change });
  await expect(pass(newErasure({ recents }))).rejects.toThrow("away");
  expect(await namesIn(chat)).toEqual(["the name of ann"]);
  await pass();
  expect(await namesIn(chat)).toEqual([null]);
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

test("to a message it is a change, once", async () => {
  const chat = await scene.createChat();
  await scene.apply(messagesWrite(chat, [messageOf(chat, 1, "ann"), messageOf(chat, 2, "bob")]));
  const read = () => scene.stores.database.messages.findAll({ where: chat, order: ["number"], raw: true });
  const [before, others] = await read();
  now = Date.now() + 1;
  await deleteUser(chat.application, "ann", now);
  await pass();
  const erased = { ...before, authorDisplayName: null, revision: 2, updateTime: now };
  expect(await read()).toEqual([erased, others]);
  now += LATE_MS;
  await pass();
  expect(await read()).toEqual([erased, others]);
});

test("a pass comes to all, however many are due; the next one to those alone who are due for the last time", async () => {
  const chat = await scene.createChat();
  const { application } = chat;
  const users = Array.from({ length: 250 }, (_, index) => `user${index}`);
  await scene.apply(
    messagesWrite(
      chat,
      users.map((user, index) => messageOf(chat, index + 1, user)),
    ),
  );
  for (const user of users) await deleteUser(application, user, now);
  await deleteUser(application, "zed", now - LATE_MS + 1);
  const { database, queue } = scene.stores;
  const erasure = newErasure();
  await pass(erasure);
  expect(new Set(await namesIn(chat))).toEqual(new Set([null]));
  const sent = await queue.end();
  now += 1;
  await pass(erasure);
  const records = await queue.read(sent, READ_LIMIT, GOING);
  const writes = records.flatMap(({ data }) => fromBinary(RecordSchema, data).writes);
  expect(writes.filter(({ kind }) => kind.case === "mutation")).toHaveLength(1);
  expect(await database.users.count({ where: { application, eraseDue: 1 } })).toBe(users.length);
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
