import { timestampDate } from "@bufbuild/protobuf/wkt";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { Chat_Kind } from "../../gen/parley/v1/chat_pb.ts";
import { failureFrom, failureOf, failuresOf } from "../failure.ts";
import { text } from "../message-text.ts";
import { openParleySession, type ParleySession } from "../parley-session.ts";
import { exchange } from "../rest-transport.ts";
import type { Tenant } from "../tenant.ts";

let session: ParleySession;
let tenant: Tenant;

beforeAll(async () => {
  session = await openParleySession({ COUNT_INTERVAL: "100ms" });
});

afterAll(() => session.close());

beforeEach(async () => {
  tenant = await session.createTenant();
});

async function restart(): Promise<void> {
  await session.restart();
  tenant = session.reopen(tenant);
}

const create = (chat: object = {}) => tenant.chats.createChat({ parent: tenant.name, chat });
const say = (parent: string, body: string) => tenant.messages.createMessage({ parent, message: text(body) });

async function numbers(request: { pageSize?: number; pageToken?: string } = {}): Promise<number[]> {
  return (await tenant.chats.listChats({ parent: tenant.name, ...request })).chats.map(({ number }) => number);
}

describe("a chat", () => {
  test("is there in every read as soon as it is answered", async () => {
    for (let number = 1; number <= 10; number++) {
      const chat = await create({ title: `chat ${number}`, metadata: { n: String(number) } });
      expect(chat).toMatchObject({ number, name: `${tenant.name}/chats/${number}`, kind: Chat_Kind.OPEN });
      const reads = await Promise.all([
        tenant.search.searchMessages({ parent: chat.name, query: "x" }),
        tenant.messages.listMessages({ parent: chat.name }),
        tenant.chats.getChat({ name: chat.name }),
        tenant.chats.listChats({ parent: tenant.name, pageSize: 1 }),
      ]);
      expect(reads).toMatchObject([{ results: [] }, { messages: [] }, chat, { chats: [chat] }]);
    }
  });

  test("that is updated reads so as soon as that is answered", async () => {
    const { name } = await create();
    for (let number = 1; number <= 10; number++) {
      const updated = await tenant.chats.updateChat({ chat: { name, title: `title ${number}` } });
      expect(await tenant.chats.getChat({ name })).toEqual(updated);
      expect((await tenant.chats.listChats({ parent: tenant.name })).chats).toEqual([updated]);
    }
  });

  test("has the time of its newest message, and none before the first", async () => {
    const chat = await create();
    expect(chat.lastMessageTime).toBeUndefined();
    await say(chat.name, "1");
    const newest = await say(chat.name, "2");
    await tenant.messages.deleteMessage({ name: newest.name });
    const read = await tenant.chats.getChat({ name: chat.name });
    expect(read.lastMessageTime).toEqual(newest.createTime);
    expect(read).toMatchObject({ updateTime: chat.updateTime, etag: chat.etag });
  });

  test("reads the same after a restart", async () => {
    const chat = await create({ title: "Ünï 🎈", metadata: { ключ: "значение" } });
    await restart();
    expect(await tenant.chats.getChat({ name: chat.name })).toEqual(chat);
    expect((await create()).number).toBe(2);
  });

  test("is numbered in its own application", async () => {
    const other = await session.createTenant();
    await create();
    expect((await other.chats.createChat({ parent: other.name, chat: {} })).number).toBe(1);
    const made = await Promise.all(Array.from({ length: 50 }, () => create()));
    expect(made.map(({ number }) => number).sort((a, b) => a - b)).toEqual(made.map((_, index) => index + 2));
  });
});

describe("lists", () => {
  test("are newest first, in pages, without gaps or twins", async () => {
    for (let number = 1; number <= 7; number++) await create();
    const first = await tenant.chats.listChats({ parent: tenant.name, pageSize: 3 });
    await create();
    const second = await tenant.chats.listChats({ parent: tenant.name, pageSize: 3, pageToken: first.nextPageToken });
    const third = await tenant.chats.listChats({ parent: tenant.name, pageSize: 2, pageToken: second.nextPageToken });
    const pages = [first, second, third].map(({ chats }) => chats.map(({ number }) => number));
    expect(pages).toEqual([[7, 6, 5], [4, 3, 2], [1]]);
    expect(third.nextPageToken).toBe("");
  });

  test("hold 50 where no size is asked for, and leave deleted chats out", async () => {
    await Promise.all(Array.from({ length: 60 }, () => create()));
    await tenant.chats.deleteChat({ name: `${tenant.name}/chats/59` });
    const expected = Array.from({ length: 60 }, (_, index) => 60 - index).filter((number) => number !== 59);
    expect(await numbers()).toEqual(expected.slice(0, 50));
    expect(await numbers({ pageSize: 2_000_000_000 })).toEqual(expected);
  });
});

describe("an update", () => {
  test("changes what the mask names and nothing else", async () => {
    const { name, etag } = await create({ title: "old", metadata: { a: "1" } });
    const update = (chat: object, ...paths: string[]) =>
      tenant.chats.updateChat({ chat: { name, ...chat }, updateMask: { paths } });
    const other = { title: "new", metadata: { b: "2" } };
    expect(await update(other, "title")).toMatchObject({ title: "new", metadata: { a: "1" } });
    expect(await update({}, "title")).toMatchObject({ title: "", metadata: { a: "1" } });
    expect(await update(other, "metadata")).toMatchObject({ title: "", metadata: { b: "2" } });
    expect((await update({}, "*")).metadata).toEqual({});
    const last = await update(other);
    expect(last).toMatchObject(other);
    expect(last.etag).not.toBe(etag);
    expect(await update({})).toEqual(last);
    expect((await failureOf(update(other, "kind"))).fields).toEqual(["update_mask"]);
    expect((await failureOf(update({ metadata: { k: "x".repeat(4_096) } }, "*"))).fields).toEqual(["chat.metadata"]);
  });

  test("over REST takes the keys of its body as the mask, with an etag to check beside them", async () => {
    const { name, etag } = await create({ title: "old", metadata: { a: "1" } });
    const patch = async (body: object, query = "") => {
      const headers = { authorization: `Bearer ${tenant.key}`, "content-type": "application/json" };
      const answer = await exchange(`${session.address}/v1/${name}${query}`, {
        method: "PATCH",
        headers,
        body: JSON.stringify(body),
      });
      return { status: answer.status, ...(JSON.parse(answer.body.toString()) as object) };
    };
    expect(await patch({ title: "new", etag })).toMatchObject({ status: 200, title: "new", metadata: { a: "1" } });
    expect(await patch({ title: "late", etag })).toMatchObject({ status: 409 });
    expect(await patch({ metadata: {} })).not.toHaveProperty("metadata");
    expect(await patch({ title: "", metadata: { b: "2" } }, "?updateMask=title")).not.toHaveProperty("title");
  });
});

test("that is read over REST has a tag that changes with all that is shown, and names what a write asks for", async () => {
  const chat = await create({ title: "old" });
  const ask = (method: string, condition: Record<string, string>, body?: string) => {
    const type = body === undefined ? {} : { "content-type": "application/json" };
    const headers = { authorization: `Bearer ${tenant.key}`, ...type, ...condition };
    return fetch(`${session.address}/v1/${chat.name}`, { method, headers, body: body ?? null });
  };
  const tag = (await ask("GET", {})).headers.get("etag") ?? "";
  expect((await ask("GET", { "if-none-match": tag })).status).toBe(304);
  await say(chat.name, "news");
  const answer = await ask("GET", { "if-none-match": tag });
  expect(await answer.json()).toMatchObject({ lastMessageTime: expect.any(String), etag: chat.etag });
  expect(answer.headers.get("vary")).toContain("Authorization");
  expect((await ask("PATCH", { "if-match": tag }, '{"title": "new"}')).status).toBe(200);
  expect((await ask("PATCH", { "if-match": tag }, '{"title": "late"}')).status).toBe(412);
});

describe("a deletion", () => {
  test("of a chat with messages wants force, of an empty one not", async () => {
    const [empty, full] = [await create(), await create()];
    const { name } = await say(full.name, "x");
    await tenant.messages.deleteMessage({ name });
    expect(await failureOf(tenant.chats.deleteChat({ name: full.name }))).toMatchObject({
      code: "FailedPrecondition",
      reason: "HAS_CHILDREN",
    });
    expect((await say(full.name, "still open")).number).toBe(2);
    await tenant.chats.deleteChat({ name: empty.name, etag: empty.etag });
    await tenant.chats.deleteChat({ name: full.name, force: true });
    expect(await numbers()).toEqual([]);
  });

  test("leaves nothing that can be read or written, also after a restart, and its number does not come back", async () => {
    const { name } = await create();
    const message = await say(name, "gone");
    await tenant.chats.deleteChat({ name, force: true });
    const calls = () => [
      tenant.chats.getChat({ name }),
      tenant.chats.updateChat({ chat: { name, title: "x" } }),
      tenant.chats.deleteChat({ name }),
      tenant.messages.listMessages({ parent: name }),
      tenant.messages.getMessage({ name: message.name }),
      tenant.messages.updateMessage({ message: { name: message.name, ...text("x") } }),
      tenant.messages.deleteMessage({ name: message.name }),
      tenant.search.searchMessages({ parent: name, query: "gone" }),
      say(name, "too late"),
    ];
    for (const failure of await failuresOf(calls())) expect(failure).toMatchObject({ reason: "RESOURCE_NOT_FOUND" });
    expect((await create()).number).toBe(2);
    await tenant.chats.deleteChat({ name: `${tenant.name}/chats/2` });
    await restart();
    for (const failure of await failuresOf(calls())) expect(failure).toMatchObject({ reason: "RESOURCE_NOT_FOUND" });
    await expect.poll(async () => (await tenant.applications.getApplication({ name: tenant.name })).chatsCount).toBe(0);
    expect((await create()).number).toBe(3);
  });

  test("races with creates: what is answered before it goes with it, what comes after is NOT_FOUND", async () => {
    const { name } = await create();
    await say(name, "first");
    const calls = Array.from({ length: 40 }, (_, index) =>
      index === 20 ? tenant.chats.deleteChat({ name, force: true }) : say(name, String(index)),
    );
    const outcomes = await Promise.allSettled(calls);
    expect(outcomes[20]?.status).toBe("fulfilled");
    for (const outcome of outcomes) {
      if (outcome.status === "rejected") expect(failureFrom(outcome.reason)).toMatchObject({ code: "NotFound" });
    }
    expect(await failureOf(tenant.messages.listMessages({ parent: name }))).toMatchObject({ code: "NotFound" });
    expect(await failureOf(say(name, "late"))).toMatchObject({ code: "NotFound" });
    await restart();
    expect(await failureOf(tenant.messages.listMessages({ parent: name }))).toMatchObject({ code: "NotFound" });
  });
});

test("messages_count follows creates, and counts tombstones", async () => {
  const { name } = await create();
  const other = await create();
  const count = async (chat: string) => (await tenant.chats.getChat({ name: chat })).messagesCount;
  await tenant.messages.batchCreateMessages({
    parent: name,
    requests: [1, 2, 3].map((body) => ({ message: text(`${body}`) })),
  });
  await expect.poll(() => count(name)).toBe(3);
  await tenant.messages.deleteMessage({ name: `${name}/messages/2` });
  await say(name, "4");
  await expect.poll(() => count(name)).toBe(4);
  expect(await count(other.name)).toBe(0);
});

test.each(["readState", "users", "webhooks", "messages/1/reactions"])(
  "the reserved name %s answers 404 to every method",
  async (path) => {
    const { name } = await create();
    for (const method of ["GET", "POST", "PATCH", "DELETE"]) {
      const headers = { authorization: `Bearer ${tenant.key}` };
      const answer = await exchange(`${session.address}/v1/${name}/${path}`, { method, headers });
      expect(answer.status, method).toBe(404);
      expect(JSON.parse(answer.body.toString())).toMatchObject({ error: { code: 404, status: "NOT_FOUND" } });
    }
  },
);

test("a chat's times are those of the server, in whole milliseconds", async () => {
  const before = Date.now();
  const { createTime, updateTime } = await create();
  expect(timestampDate(createTime!).getTime()).toBeGreaterThanOrEqual(before);
  expect(timestampDate(createTime!).getTime()).toBeLessThanOrEqual(Date.now());
  expect(updateTime).toEqual(createTime);
  expect(createTime!.nanos % 1_000_000).toBe(0);
});
