import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { formatApplicationName } from "../../../services/aip/resource-name.ts";
import { commitMark } from "../../../services/write-queue/commit-mark.ts";
import { recentBatch } from "../message/recent-batch.ts";
import {
  CREATE_TIME_MS,
  chatWrite,
  createRequest,
  deleteApplicationWrite,
  deleteChatWrite,
  messagesWrite,
  messageWrite,
  newMessage,
} from "../writes.ts";
import { nameOf, WriterScene } from "./writer-scene.ts";

const DAY_MS = 86_400_000;
const REQUEST_ID = "2b1d6a3e-9f3c-4e0a-8b7e-000000000001";

let scene: WriterScene;
beforeAll(async () => {
  scene = await WriterScene.open();
});
afterAll(() => scene.close());
beforeEach(() => {
  scene.letters.length = 0;
});

const requestsOf = (application: string) =>
  scene.stores.database.createRequests.findAll({ where: { application }, raw: true });

describe("creates", () => {
  test("become rows, with the marks of their places", async () => {
    const chat = { application: await scene.createApplication(), chat: 1 };
    const sequence = (await scene.stores.queue.end()) + 1;
    await scene.apply(
      chatWrite(chat, { title: "A chat" }),
      messagesWrite(chat, [
        newMessage(chat, 1),
        newMessage(chat, 2, { user: "ann", createTimeMs: CREATE_TIME_MS + 5 }),
      ]),
      messageWrite(chat, 3, { createTimeMs: CREATE_TIME_MS + 5 }),
    );
    expect(await scene.findChat(chat)).toMatchObject({
      title: "A chat",
      lastNumber: 3,
      lastMessageTime: CREATE_TIME_MS + 5,
      countDue: commitMark(sequence, 3),
      revision: 1,
      createTime: CREATE_TIME_MS,
      createSeq: commitMark(sequence, 0),
    });
    expect(await scene.findMessage(chat, 2)).toMatchObject({
      body: "message 2",
      authorUser: "ann",
      createSeq: commitMark(sequence, 2),
    });
    expect(await scene.findMessage(chat, 3)).toMatchObject({
      createSeq: commitMark(sequence, 3),
      changeSeq: commitMark(sequence, 3),
    });
    expect(await scene.stores.database.applications.findByPk(chat.application, { raw: true })).toMatchObject({
      lastChatNumber: 1,
      countDue: commitMark(sequence, 0),
    });
  });

  test("raise the high-water marks, which never fall", async () => {
    const application = await scene.createApplication();
    const [first, second] = [1, 2].map((chat) => ({ application, chat }));
    await scene.apply(chatWrite(second!), chatWrite(first!), messageWrite(first!, 2), messageWrite(first!, 1));
    expect(await scene.stores.database.applications.findByPk(application, { raw: true })).toMatchObject({
      lastChatNumber: 2,
    });
    expect(await scene.findChat(first!)).toMatchObject({ lastNumber: 2 });
  });

  test("by the thousand with request_ids of their own, in many chats and applications, are stored at once", async () => {
    const applications = await Promise.all(Array.from({ length: 600 }, () => scene.createApplication()));
    const chats = applications.flatMap((application) => [1, 2].map((chat) => ({ application, chat })));
    const idOf = (index: number) => `2b1d6a3e-9f3c-4e0a-8b7e-${String(index).padStart(12, "0")}`;
    await scene.applyAll([
      chats.map((chat, index) => chatWrite(chat, { request: createRequest(idOf(index)) })),
      chats.map((chat, index) => messageWrite(chat, 1, { request: createRequest(idOf(index)) })),
    ]);
    expect(scene.letters).toEqual([]);
    for (const chat of [chats[0]!, chats.at(-1)!]) expect(await scene.numbers(chat)).toEqual([1]);
    expect(await scene.stores.database.createRequests.count()).toBe(2_400);
  });
});

describe("a create with a request_id", () => {
  test("is remembered with what it made", async () => {
    const chat = { application: await scene.createApplication(), chat: 1 };
    const request = createRequest(REQUEST_ID, 7);
    await scene.apply(
      chatWrite(chat, { request }),
      messagesWrite(chat, [newMessage(chat, 1), newMessage(chat, 2)], request),
    );
    const known = {
      principal: "admin",
      requestId: REQUEST_ID,
      digest: "07",
      resource: "1",
      createTime: CREATE_TIME_MS,
    };
    expect(await requestsOf(chat.application)).toEqual([
      { ...known, application: chat.application, collection: "chats" },
      { ...known, application: chat.application, collection: "chats/1/messages" },
    ]);
  });

  test("that is queued twice, in one record, one batch or later, is stored once", async () => {
    const chat = { application: await scene.createApplication(), chat: 1 };
    const request = createRequest(REQUEST_ID);
    const createChat = chatWrite(chat, { request });
    const create = messageWrite(chat, 1, { request });
    await scene.applyAll([
      [createChat, createChat, create, create],
      [create, messageWrite(chat, 2)],
    ]);
    await scene.apply(create, createChat, messageWrite(chat, 3));
    expect(await scene.numbers(chat)).toEqual([1, 2, 3]);
    expect(scene.letters).toEqual([]);
    expect(await scene.findChat(chat)).toMatchObject({ lastNumber: 3 });
  });

  test("that belongs to another create is a dead letter, and all else goes on", async () => {
    const chat = await scene.createChat();
    const conflicting = messageWrite(chat, 2, { request: createRequest(REQUEST_ID) });
    await scene.apply(
      messageWrite(chat, 1, { request: createRequest(REQUEST_ID) }),
      conflicting,
      messageWrite(chat, 3),
    );
    expect(await scene.numbers(chat)).toEqual([1, 3]);
    expect(scene.letters).toHaveLength(1);
    expect(scene.letters[0]).toMatchObject({ write: conflicting, reason: expect.stringContaining("request_id") });
    await scene.apply(messageWrite(chat, 4, { request: createRequest(REQUEST_ID) }), messageWrite(chat, 5));
    expect(await scene.numbers(chat)).toEqual([1, 3, 5]);
    expect(await requestsOf(chat.application)).toMatchObject([{ resource: "1" }]);
  });

  test("gives its id up to another create once it is old", async () => {
    const chat = await scene.createChat();
    const request = createRequest(REQUEST_ID);
    const later = { request: createRequest(REQUEST_ID, 2), createTimeMs: CREATE_TIME_MS + DAY_MS };
    await scene.apply(messageWrite(chat, 1, { request }));
    await scene.apply(messageWrite(chat, 2, { ...later, createTimeMs: later.createTimeMs - 1 }));
    expect(scene.letters).toHaveLength(1);
    await scene.apply(messageWrite(chat, 3, later));
    expect(await scene.numbers(chat)).toEqual([1, 3]);
    expect(await requestsOf(chat.application)).toMatchObject([
      { resource: "3", digest: "02", createTime: later.createTimeMs },
    ]);
  });
});

describe("a create whose number is taken", () => {
  const reason = expect.stringMatching(/exists already|UNIQUE|Duplicate entry/);

  test("is a dead letter, whether the other was stored before or comes in the same record", async () => {
    const chat = await scene.createChat();
    const other = messageWrite(chat, 1, { body: "other" });
    await scene.apply(messageWrite(chat, 1), other, messageWrite(chat, 2));
    await scene.apply(other, messageWrite(chat, 3));
    expect(scene.letters).toMatchObject([
      { write: other, reason },
      { write: other, reason },
    ]);
    expect(await scene.numbers(chat)).toEqual([1, 2, 3]);
    expect(await scene.findMessage(chat, 1)).toMatchObject({ body: "message 1" });
  });

  test("takes its whole batch with it", async () => {
    const chat = await scene.createChat();
    const batch = messagesWrite(chat, [newMessage(chat, 2), newMessage(chat, 1, { body: "other" })]);
    await scene.apply(messageWrite(chat, 1), batch);
    expect(await scene.numbers(chat)).toEqual([1]);
    expect(scene.letters).toMatchObject([{ write: batch }]);
  });

  test("is a dead letter for a chat too, and its number stays given", async () => {
    const chat = await scene.createChat();
    await scene.apply(
      chatWrite(chat, { title: "other" }),
      chatWrite({ ...chat, chat: 2 }),
      chatWrite({ ...chat, chat: 2 }),
    );
    expect(scene.letters).toMatchObject([{ reason }, { reason }]);
    expect(await scene.findChat(chat)).toMatchObject({ title: "" });
    expect(await scene.findChat({ ...chat, chat: 2 })).not.toBeNull();
  });

  test("also where the other is deleted, or its chat", async () => {
    const chat = await scene.createChat();
    await scene.apply(deleteChatWrite(nameOf(chat)), chatWrite(chat));
    await scene.apply(chatWrite(chat));
    expect(scene.letters).toMatchObject([{ reason }, { reason }]);
    expect(await scene.findChat(chat)).toMatchObject({ deleteTime: expect.any(Number) });
  });
});

describe("a create in what is gone", () => {
  test("is dropped with it, and leaves nothing to be read", async () => {
    const chat = await scene.createChat();
    await scene.apply(messageWrite(chat, 1), deleteChatWrite(nameOf(chat), { force: true }), messageWrite(chat, 2));
    const sequence = (await scene.stores.queue.end()) + 1;
    await scene.recents.add([recentBatch(chat, [newMessage(chat, 3)])], sequence);
    await scene.apply(messageWrite(chat, 3));
    expect(await scene.numbers(chat)).toEqual([1]);
    expect(await scene.recent(chat)).toBeUndefined();
    expect(scene.letters).toEqual([]);
  });

  test("of a chat is dropped with its application", async () => {
    const application = await scene.createApplication();
    await scene.apply(
      deleteApplicationWrite(formatApplicationName({ application })),
      chatWrite({ application, chat: 1 }),
    );
    await scene.apply(chatWrite({ application, chat: 2 }), messageWrite({ application, chat: 2 }, 1));
    expect(await scene.stores.database.chats.count({ where: { application } })).toBe(0);
    expect(scene.letters).toEqual([]);
  });
});
