import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { failureOf } from "../failure.ts";
import { text } from "../message-text.ts";
import { openParleySession, type ParleySession } from "../parley-session.ts";
import { exchange } from "../rest-transport.ts";
import type { Tenant } from "../tenant.ts";

const REUSED = { code: "AlreadyExists", reason: "REQUEST_ID_REUSED" };

let session: ParleySession;
let tenant: Tenant;
let parent: string;
let requestId: string;

beforeAll(async () => {
  session = await openParleySession();
  tenant = await session.createTenant();
});

afterAll(() => session.close());

beforeEach(async () => {
  parent = (await tenant.chats.createChat({ parent: tenant.name, chat: {} })).name;
  requestId = crypto.randomUUID();
});

async function restart(): Promise<void> {
  await session.restart();
  tenant = session.reopen(tenant);
}

async function countOf(chat: string): Promise<number> {
  return (await tenant.messages.listMessages({ parent: chat, pageSize: 500 })).messages.length;
}

describe("a repeated create gives the same resource, before and after a restart", () => {
  test("of a message", async () => {
    const send = () =>
      tenant.messages.createMessage({ parent, message: { ...text("x"), metadata: { b: "1", a: "2" } }, requestId });
    const created = await send();
    expect(created.requestId).toBe(requestId);
    expect(await send()).toEqual(created);
    await restart();
    expect(await send()).toEqual(created);
    expect(await countOf(parent)).toBe(1);
  });

  test("of a batch", async () => {
    const requests = ["a", "b", "c"].map((body) => ({ message: text(body) }));
    const send = () => tenant.messages.batchCreateMessages({ parent, requests, requestId });
    const created = await send();
    expect(created.messages.map(({ number }) => number)).toEqual([1, 2, 3]);
    expect(await send()).toEqual(created);
    await restart();
    expect(await send()).toEqual(created);
    expect(await countOf(parent)).toBe(3);
  });

  test("of a chat", async () => {
    const send = () => tenant.chats.createChat({ parent: tenant.name, chat: { title: "one" }, requestId });
    const created = await send();
    expect(await send()).toEqual(created);
    await restart();
    expect(await send()).toEqual(created);
    const { chats } = await tenant.chats.listChats({ parent: tenant.name });
    expect(chats.filter(({ title }) => title === "one")).toEqual([created]);
  });

  test("of an application and of a key, without the secret", async () => {
    const create = () =>
      session.admin.applications.createApplication({ application: { displayName: "one" }, requestId });
    const created = await create();
    expect(created.apiKey).toMatch(/^parley_/);
    expect(await create()).toEqual({ ...created, apiKey: "" });
    const rotate = () => session.admin.applications.rotateApiKey({ name: created.name, requestId });
    const rotated = await rotate();
    expect(rotated.apiKey).not.toBe(created.apiKey);
    expect(await rotate()).toEqual({ ...rotated, apiKey: "" });
    await restart();
    expect(await create()).toMatchObject({ name: created.name, apiKey: "" });
    expect(await rotate()).toEqual({ ...rotated, apiKey: "" });
    const { chats } = session.reopen({ ...tenant, name: created.name }, rotated.apiKey);
    expect((await chats.listChats({ parent: created.name })).chats).toEqual([]);
  });
});

describe("a repeated create of a message", () => {
  test("that was edited gives it as it is now", async () => {
    const send = () => tenant.messages.createMessage({ parent, message: text("old"), requestId });
    const { name } = await send();
    const edited = await tenant.messages.updateMessage({ message: { name, ...text("new") } });
    expect(await send()).toEqual(edited);
    await restart();
    expect(await send()).toEqual(edited);
  });

  test("that was deleted gives its tombstone", async () => {
    const send = () => tenant.messages.createMessage({ parent, message: text("old"), requestId });
    const { name } = await send();
    const tombstone = await tenant.messages.deleteMessage({ name });
    expect(await send()).toEqual(tombstone);
    await restart();
    expect(await send()).toEqual(tombstone);
  });

  test("is known whatever the case of its request_id and the order of its metadata", async () => {
    const send = (id: string, metadata: Record<string, string>) =>
      tenant.messages.createMessage({ parent, message: { ...text("x"), metadata }, requestId: id });
    const created = await send(requestId, { a: "1", b: "2" });
    expect(await send(requestId.toUpperCase(), { b: "2", a: "1" })).toEqual(created);
  });

  test("with another request is refused, after a restart and after an edit too", async () => {
    const { name } = await tenant.messages.createMessage({ parent, message: text("one"), requestId });
    const send = (message: object) => failureOf(tenant.messages.createMessage({ parent, message, requestId }));
    const others = [text("two"), { ...text("one"), metadata: { a: "" } }, { ...text("one"), author: { user: "u" } }];
    for (const other of others) expect(await send(other)).toMatchObject(REUSED);
    await tenant.messages.updateMessage({ message: { name, ...text("two") } });
    expect(await send(text("two"))).toMatchObject(REUSED);
    await restart();
    for (const other of others) expect(await send(other)).toMatchObject(REUSED);
    expect(await countOf(parent)).toBe(1);
  });

  test("in another chat, and by another principal, is another request", async () => {
    const other = (await tenant.chats.createChat({ parent: tenant.name, chat: {} })).name;
    const send = (caller: Tenant["messages"], chat: string, body: string) =>
      caller.createMessage({ parent: chat, message: text(body), requestId });
    const first = await send(tenant.messages, parent, "by the backend");
    expect((await send(tenant.messages, other, "elsewhere")).name).toBe(`${other}/messages/1`);
    const second = await send(session.admin.messages, parent, "by the administrator");
    expect([first.number, second.number]).toEqual([1, 2]);
    await restart();
    expect(await send(tenant.messages, parent, "by the backend")).toEqual(first);
    expect(await send(session.admin.messages, parent, "by the administrator")).toEqual(second);
  });

  test("belongs to the principal, not to its key", async () => {
    const send = (caller: Tenant) => caller.messages.createMessage({ parent, message: text("x"), requestId });
    const created = await send(tenant);
    const { apiKey } = await tenant.applications.rotateApiKey({ name: tenant.name });
    expect(await send(session.reopen(tenant, apiKey))).toEqual(created);
  });

  test("in a deleted chat is NOT_FOUND", async () => {
    const send = () => tenant.messages.createMessage({ parent, message: text("x"), requestId });
    await send();
    await tenant.chats.deleteChat({ name: parent, force: true });
    expect(await failureOf(send())).toMatchObject({ code: "NotFound" });
    await restart();
    expect(await failureOf(send())).toMatchObject({ code: "NotFound" });
  });

  test("that failed may be sent again", async () => {
    const absent = `${tenant.name}/chats/2000000000`;
    const send = (chat: string) => tenant.messages.createMessage({ parent: chat, message: text("x"), requestId });
    expect(await failureOf(send(absent))).toMatchObject({ code: "NotFound" });
    expect((await send(parent)).number).toBe(1);
  });
});

describe("the header Idempotency-Key", () => {
  const post = (headers: Record<string, string>, body = "x", path = `${parent}/messages`, key = tenant.key) =>
    exchange(`${session.address}/v1/${path}`, {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json", ...headers },
      body: JSON.stringify(path.endsWith("messages") ? { body } : { title: body }),
    });

  test("is the request_id of a create over REST, with or without quotes", async () => {
    const first = await post({ "idempotency-key": requestId });
    expect(JSON.parse(first.body.toString())).toMatchObject({ number: 1, requestId });
    expect((await post({ "idempotency-key": `"${requestId}"` })).body).toEqual(first.body);
    expect((await post({ "idempotency-key": requestId }, "other")).status).toBe(409);
    expect(await tenant.messages.createMessage({ parent, message: text("x"), requestId })).toMatchObject({ number: 1 });
    const chat = await post({ "idempotency-key": requestId }, "t", `${tenant.name}/chats`);
    expect((await post({ "idempotency-key": requestId }, "t", `${tenant.name}/chats`)).body).toEqual(chat.body);
  });

  test("that is no UUID is refused", async () => {
    const answer = await post({ "idempotency-key": "not-a-uuid" });
    expect(answer.status).toBe(400);
    expect(answer.body.toString()).toContain("request_id");
    expect(await countOf(parent)).toBe(0);
  });
});

test("an id may be used again once REQUEST_ID_TTL is over", async () => {
  const short = await openParleySession({ REQUEST_ID_TTL: "300ms" });
  const own = await short.createTenant();
  const chat = await own.chats.createChat({ parent: own.name, chat: {} });
  const send = (body: string) => own.messages.createMessage({ parent: chat.name, message: text(body), requestId });
  expect((await send("first")).number).toBe(1);
  expect(await failureOf(send("second"))).toMatchObject(REUSED);
  await expect
    .poll(() =>
      send("second").then(
        ({ number }) => number,
        () => undefined,
      ),
    )
    .toBe(2);
  await short.close();
});
