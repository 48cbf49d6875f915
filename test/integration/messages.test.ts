import { timestampDate } from "@bufbuild/protobuf/wkt";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { failureOf } from "../failure.ts";
import { text } from "../message-text.ts";
import { openParleySession, type ParleySession } from "../parley-session.ts";
import type { Tenant } from "../tenant.ts";

let session: ParleySession;
let tenant: Tenant;
let chat: string;

beforeAll(async () => {
  session = await openParleySession();
  tenant = await session.createTenant();
});

afterAll(() => session.close());

beforeEach(async () => {
  chat = (await tenant.chats.createChat({ parent: tenant.name, chat: {} })).name;
});

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);
const create = (body: string) => tenant.messages.createMessage({ parent: chat, message: text(body) });

describe("a message", () => {
  test("is there in every read as soon as it is answered", async () => {
    for (const number of upTo(20)) {
      const created = await create(String(number));
      expect(created.number).toBe(number);
      expect(await tenant.messages.getMessage({ name: created.name })).toEqual(created);
      expect((await tenant.messages.listMessages({ parent: chat, pageSize: 1 })).messages).toEqual([created]);
      expect((await tenant.chats.getChat({ name: chat })).lastMessageTime).toEqual(created.createTime);
    }
  });

  test("that is edited or deleted reads so as soon as that is answered", async () => {
    const { name } = await create("first");
    for (const number of upTo(20)) {
      const edited = await tenant.messages.updateMessage({ message: { name, ...text(`edit ${number}`) } });
      expect(await tenant.messages.getMessage({ name })).toEqual(edited);
      expect((await tenant.messages.listMessages({ parent: chat })).messages).toEqual([edited]);
    }
    const tombstone = await tenant.messages.deleteMessage({ name });
    expect(await tenant.messages.getMessage({ name })).toEqual(tombstone);
    expect((await tenant.messages.listMessages({ parent: chat })).messages).toEqual([tombstone]);
  });

  test("reads the same from the database after a restart", async () => {
    const author = { user: "u-1", displayName: "Ünï" };
    const requestId = crypto.randomUUID();
    const message = { ...text("line\r\n\ttab \u{1F600}"), author, metadata: { ключ: "значение", b: "" } };
    const created = await tenant.messages.createMessage({ parent: chat, message, requestId });
    const edited = await create("to edit");
    const update = { message: { name: edited.name, ...text("edited") } };
    const kept = [created, await tenant.messages.updateMessage(update)];
    kept.push(await tenant.messages.deleteMessage({ name: (await create("to delete")).name }));
    await session.restart();
    tenant = session.reopen(tenant);
    for (const each of kept) expect(await tenant.messages.getMessage({ name: each.name })).toEqual(each);
    expect((await create("next")).number).toBe(4);
  });

  test("keeps times in order, and only whole milliseconds", async () => {
    const messages = [];
    for (const body of upTo(50)) messages.push(await create(String(body)));
    const times = messages.map(({ createTime }) => timestampDate(createTime!).getTime());
    expect(times).toEqual([...times].sort((a, b) => a - b));
    for (const { createTime } of messages) expect(createTime!.nanos % 1_000_000).toBe(0);
  });
});

describe("an update", () => {
  test("of the body sets edit_time and update_time and a new etag, of the metadata only update_time", async () => {
    const created = await create("old");
    expect(created.editTime).toBeUndefined();
    const meta = await tenant.messages.updateMessage({ message: { name: created.name, metadata: { a: "1" } } });
    expect(meta.editTime).toBeUndefined();
    expect(meta).toMatchObject({ metadata: { a: "1" }, createTime: created.createTime, number: created.number });
    const body = await tenant.messages.updateMessage({ message: { name: created.name, ...text("new") } });
    expect(body).toMatchObject({ metadata: { a: "1" }, editTime: body.updateTime });
    expect(timestampDate(body.updateTime!).getTime()).toBeGreaterThanOrEqual(timestampDate(meta.updateTime!).getTime());
    expect(new Set([created.etag, meta.etag, body.etag]).size).toBe(3);
  });

  test("changes what the mask names and nothing else", async () => {
    const message = { ...text("body"), metadata: { a: "1" }, author: { user: "ann" } };
    const { name } = await tenant.messages.createMessage({ parent: chat, message });
    const update = (changes: object, ...paths: string[]) =>
      tenant.messages.updateMessage({ message: { name, ...changes }, updateMask: { paths } });
    const other = { ...text("other"), metadata: { b: "2" } };
    expect(await update(other, "body")).toMatchObject({ content: { value: "other" }, metadata: { a: "1" } });
    expect((await update({}, "metadata")).metadata).toEqual({});
    expect(await update(other, "*")).toMatchObject({ content: { value: "other" }, metadata: { b: "2" } });
    expect((await update({ ...other, author: { user: "eve" } }, "*")).author).toMatchObject({ user: "ann" });
    expect((await failureOf(update(other, "author"))).fields).toEqual(["update_mask"]);
    expect((await failureOf(update(other, "body", "*"))).fields).toEqual(["update_mask"]);
    const before = await tenant.messages.getMessage({ name });
    expect(await update({})).toEqual(before);
  });

  test("with the current etag passes, and only once", async () => {
    const { name, etag } = await create("x");
    const update = () => tenant.messages.updateMessage({ message: { name, ...text("y"), etag } });
    const outcomes = await Promise.allSettled([update(), update(), update()]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected", "rejected"]);
    expect(await failureOf(update())).toMatchObject({ reason: "ETAG_MISMATCH" });
  });
});

describe("a tombstone", () => {
  test("keeps number, author and times, and stays in lists", async () => {
    const message = { ...text("secret"), metadata: { k: "secret" }, author: { user: "ann", displayName: "Ann" } };
    const created = await tenant.messages.createMessage({ parent: chat, message });
    const tombstone = await tenant.messages.deleteMessage({ name: created.name, etag: created.etag });
    expect(tombstone).toMatchObject({ number: 1, author: created.author, createTime: created.createTime });
    expect(tombstone.deleteTime).toEqual(tombstone.updateTime);
    expect(tombstone.content.case).toBeUndefined();
    expect(tombstone.metadata).toEqual({});
    expect((await create("next")).number).toBe(2);
    expect((await tenant.messages.listMessages({ parent: chat })).messages).toMatchObject([{ number: 2 }, tombstone]);
    expect(await tenant.messages.deleteMessage({ name: created.name })).toEqual(tombstone);
  });

  test("is the answer to a repeated deletion, whatever the etag, over REST too", async () => {
    const { name, etag } = await create("x");
    const remove = async (ifMatch: string) => {
      const headers = { authorization: `Bearer ${tenant.key}`, "if-match": ifMatch };
      const answer = await fetch(`${session.address}/v1/${name}`, { method: "DELETE", headers });
      return { status: answer.status, tag: answer.headers.get("etag"), message: await answer.json() };
    };
    const stale = await remove('"old"');
    expect(stale).toMatchObject({ status: 412, message: { error: { status: "ABORTED" } } });
    const removed = await remove(`"${etag}"`);
    expect(removed).toMatchObject({ status: 200, message: { name, deleteTime: expect.any(String) } });
    const tombstone = await tenant.messages.getMessage({ name });
    expect(removed.tag).toMatch(new RegExp(`^"${tombstone.etag}\\.[\\w-]+"$`));
    for (const given of [etag, "old", tombstone.etag, ""]) {
      expect(await tenant.messages.deleteMessage({ name, etag: given })).toEqual(tombstone);
    }
    for (const given of [`"${etag}"`, '"old"', "*", removed.tag!]) expect(await remove(given)).toEqual(removed);
  });
});
