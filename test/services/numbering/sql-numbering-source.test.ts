import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SqlNumberingSource } from "../../../services/numbering/sql-numbering-source.ts";
import { nameOf, WriterScene } from "../writer/writer-scene.ts";
import {
  CREATE_TIME_MS,
  chatWrite,
  createRequest,
  deleteApplicationWrite,
  deleteChatWrite,
  messageWrite,
} from "../writes.ts";

const TTL_MS = 86_400_000;

let scene: WriterScene;
beforeAll(async () => {
  scene = await WriterScene.open();
});
afterAll(() => scene.close());

const sourceAt = (now: number) => new SqlNumberingSource(scene.stores.database, TTL_MS, () => now);

describe("the seed", () => {
  test("of an application is its highest chat number, of a chat its highest message number and newest time", async () => {
    const chat = await scene.createChat();
    const source = sourceAt(CREATE_TIME_MS);
    expect(await source.seed(chat)).toMatchObject({ last: 0, lastTimeMs: CREATE_TIME_MS });
    await scene.apply(chatWrite({ ...chat, chat: 7 }), messageWrite(chat, 3, { createTimeMs: CREATE_TIME_MS + 9 }));
    expect(await source.seed(chat)).toMatchObject({ last: 3, lastTimeMs: CREATE_TIME_MS + 9 });
    expect(await source.seed({ application: chat.application })).toMatchObject({ last: 7, lastTimeMs: 0 });
  });

  test("of what does not exist, or no longer, is undefined", async () => {
    const chat = await scene.createChat();
    const source = sourceAt(CREATE_TIME_MS);
    expect(await source.seed({ ...chat, chat: 2 })).toBeUndefined();
    expect(await source.seed({ application: "nobody" })).toBeUndefined();
    await scene.apply(deleteChatWrite(nameOf(chat)));
    expect(await source.seed(chat)).toBeUndefined();
    await scene.apply(deleteApplicationWrite(`applications/${chat.application}`));
    expect(await source.seed({ application: chat.application })).toBeUndefined();
  });
});

describe("a claim", () => {
  test("of a counter in an epoch is one process's, and others learn of which epoch it was", async () => {
    const chat = await scene.createChat();
    await scene.apply(messageWrite(chat, 3, { createTimeMs: CREATE_TIME_MS + 9 }));
    const source = sourceAt(CREATE_TIME_MS);
    for (const [counter, seed] of [
      [chat, { last: 3, lastTimeMs: CREATE_TIME_MS + 9 }],
      [{ application: chat.application }, { last: 1, lastTimeMs: 0 }],
    ] as const) {
      const claims = await Promise.all([1, 2, 3].map(() => source.claim(counter, 5)));
      expect(claims.map((claim) => claim?.isOurs).sort()).toEqual([false, false, true]);
      expect(claims).toMatchObject([1, 2, 3].map(() => ({ ...seed, epoch: 5 })));
      expect(await source.claim(counter, 4)).toEqual({ ...seed, epoch: 5, isOurs: false });
      expect(await source.claim(counter, 9)).toEqual({ ...seed, epoch: 9, isOurs: true });
    }
  });

  test("of a chat that was created in the epoch, or a later one, is nobody's", async () => {
    const application = await scene.createApplication();
    const chat = { application, chat: 1 };
    await scene.apply(chatWrite(chat, { epoch: 6 }));
    const source = sourceAt(CREATE_TIME_MS);
    expect(await source.claim(chat, 5)).toMatchObject({ epoch: 6, isOurs: false });
    expect(await source.claim(chat, 6)).toMatchObject({ epoch: 6, isOurs: false });
    expect(await source.claim(chat, 7)).toMatchObject({ last: 0, lastTimeMs: CREATE_TIME_MS, isOurs: true });
  });

  test("is kept by what is written to the chat and its application meanwhile", async () => {
    const chat = await scene.createChat();
    const application = { application: chat.application };
    const source = sourceAt(CREATE_TIME_MS);
    await source.claim(chat, 5);
    await source.claim(application, 5);
    await scene.apply(messageWrite(chat, 1), chatWrite({ ...chat, chat: 2 }));
    expect(await source.claim(chat, 5)).toMatchObject({ last: 1, isOurs: false });
    expect(await source.claim(application, 5)).toMatchObject({ last: 2, isOurs: false });
  });

  test("of what does not exist, or no longer, is undefined", async () => {
    const chat = await scene.createChat();
    const source = sourceAt(CREATE_TIME_MS);
    expect(await source.claim({ ...chat, chat: 2 }, 5)).toBeUndefined();
    expect(await source.claim({ application: "nobody" }, 5)).toBeUndefined();
    await scene.apply(deleteChatWrite(nameOf(chat)));
    expect(await source.claim(chat, 5)).toBeUndefined();
  });
});

describe("requests", () => {
  const idOf = (index: number) => `2b1d6a3e-9f3c-4e0a-8b7e-${String(index).padStart(12, "0")}`;
  const nameIn = (chat: object, index: number) => ({ ...chat, principal: "admin", requestId: idOf(index) }) as never;

  test("are found by their chat, principal and id, in the order asked for", async () => {
    const chat = await scene.createChat();
    const other = { ...chat, chat: 2 };
    await scene.apply(
      chatWrite(other, { request: createRequest(idOf(1), 5) }),
      messageWrite(chat, 1, { request: createRequest(idOf(1), 6) }),
      messageWrite(chat, 2, { request: createRequest(idOf(2), 7) }),
    );
    const names = [
      nameIn(chat, 2),
      nameIn(other, 1),
      nameIn({ application: chat.application }, 1),
      nameIn(chat, 1),
      { ...chat, principal: "someone else", requestId: idOf(1) },
    ];
    const found = await sourceAt(CREATE_TIME_MS).findRequests(names);
    expect(found.map((request) => request && [request.first, request.digest[0], request.createTimeMs])).toEqual([
      [2, 7, CREATE_TIME_MS],
      undefined,
      [2, 5, CREATE_TIME_MS],
      [1, 6, CREATE_TIME_MS],
      undefined,
    ]);
    expect(await sourceAt(CREATE_TIME_MS).findRequests([])).toEqual([]);
  });

  test("are forgotten when they are old", async () => {
    const chat = await scene.createChat();
    await scene.apply(messageWrite(chat, 1, { request: createRequest(idOf(1)) }));
    expect(await sourceAt(CREATE_TIME_MS + TTL_MS - 1).findRequests([nameIn(chat, 1)])).toMatchObject([{ first: 1 }]);
    expect(await sourceAt(CREATE_TIME_MS + TTL_MS).findRequests([nameIn(chat, 1)])).toEqual([undefined]);
  });

  test("are found however many a group has", async () => {
    const chat = await scene.createChat();
    const numbers = Array.from({ length: 3_500 }, (_, index) => index + 1);
    await scene.apply(...numbers.map((number) => messageWrite(chat, number, { request: createRequest(idOf(number)) })));
    const found = await sourceAt(CREATE_TIME_MS).findRequests(numbers.map((number) => nameIn(chat, number)));
    expect(found.map((request) => request?.first)).toEqual(numbers);
  });
});
