import type { Message, MessageInitShape } from "@bufbuild/protobuf";
import { timestampDate, timestampFromDate } from "@bufbuild/protobuf/wkt";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type ListMessagesRequestSchema, ListMessagesRequest_Order as Order } from "../../gen/parley/v1/message_pb.ts";
import { failureOf, failuresOf } from "../failure.ts";
import { bodyOf, text } from "../message-text.ts";
import { openParleySession, type ParleySession } from "../parley-session.ts";
import { exchange } from "../rest-transport.ts";
import type { Tenant } from "../tenant.ts";

type ListRequest = Exclude<MessageInitShape<typeof ListMessagesRequestSchema>, Message>;

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

async function fill(bodies: readonly string[], author = ""): Promise<void> {
  const requests = bodies.map((body) => ({ message: { ...text(body), author: { user: author } } }));
  await tenant.messages.batchCreateMessages({ parent: chat, requests });
}

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);
const numbersOf = (messages: readonly { number: number }[]) => messages.map(({ number }) => number);
const create = (body: string) => tenant.messages.createMessage({ parent: chat, message: text(body) });
const list = async (request: ListRequest) =>
  numbersOf((await tenant.messages.listMessages({ ...request, parent: chat })).messages);

/** All pages of a list, one after the other. */
async function pages(request: ListRequest): Promise<number[][]> {
  const found: number[][] = [];
  let pageToken = "";
  do {
    const page = await tenant.messages.listMessages({ ...request, parent: chat, pageToken });
    found.push(numbersOf(page.messages));
    pageToken = page.nextPageToken;
  } while (pageToken !== "");
  return found;
}

describe("pages", () => {
  test("newest first by default, oldest first if asked, each message once", async () => {
    await fill(upTo(7).map(String));
    expect(await pages({ pageSize: 3 })).toEqual([[7, 6, 5], [4, 3, 2], [1]]);
    expect(await pages({ pageSize: 3, order: Order.OLDEST_FIRST })).toEqual([[1, 2, 3], [4, 5, 6], [7]]);
    expect(await pages({ pageSize: 7 })).toEqual([[7, 6, 5, 4, 3, 2, 1]]);
  });

  test("hold 50 where no size is asked for, and 500 at most, beyond what is held in memory too", async () => {
    for (let batch = 0; batch < 3; batch++) await fill(upTo(450).map(String));
    expect(await list({})).toEqual(upTo(1_350).reverse().slice(0, 50));
    expect(await list({ pageSize: 2_000_000_000 })).toEqual(upTo(1_350).reverse().slice(0, 500));
    expect((await pages({ pageSize: 501 })).flat()).toEqual(upTo(1_350).reverse());
    expect((await pages({ pageSize: 499, order: Order.OLDEST_FIRST })).flat()).toEqual(upTo(1_350));
  });

  test("go on where they were while messages are added", async () => {
    await fill(["1", "2", "3"]);
    const first = await tenant.messages.listMessages({ parent: chat, pageSize: 2 });
    await create("4");
    const second = await tenant.messages.listMessages({ parent: chat, pageSize: 2, pageToken: first.nextPageToken });
    expect([...numbersOf(first.messages), ...numbersOf(second.messages)]).toEqual([3, 2, 1]);
  });

  test("of an empty chat are empty", async () => {
    expect(await pages({})).toEqual([[]]);
    expect(await list({ position: { case: "aroundNumber", value: 5 } })).toEqual([]);
  });

  test.each([
    { position: { case: "beforeNumber", value: 4 }, pageSize: 2, newest: [3, 2], oldest: [1, 2] },
    { position: { case: "afterNumber", value: 7 }, pageSize: 2, newest: [10, 9], oldest: [8, 9] },
    { position: { case: "afterNumber", value: 0 }, pageSize: 3, newest: [10, 9, 8], oldest: [1, 2, 3] },
    { position: { case: "beforeNumber", value: 1 }, pageSize: 3, newest: [], oldest: [] },
    { position: { case: "afterNumber", value: 99 }, pageSize: 3, newest: [], oldest: [] },
    { position: { case: "aroundNumber", value: 5 }, pageSize: 3, newest: [6, 5, 4], oldest: [4, 5, 6] },
    { position: { case: "aroundNumber", value: 1 }, pageSize: 3, newest: [3, 2, 1], oldest: [1, 2, 3] },
    { position: { case: "aroundNumber", value: 10 }, pageSize: 3, newest: [10, 9, 8], oldest: [8, 9, 10] },
    { position: { case: "aroundNumber", value: 99 }, pageSize: 2, newest: [10, 9], oldest: [9, 10] },
    { position: { case: "aroundNumber", value: 5 }, pageSize: 1, newest: [5], oldest: [5] },
  ] as const)("$position.case $position.value", async ({ position, pageSize, newest, oldest }) => {
    await fill(upTo(10).map(String));
    expect(await list({ position, pageSize })).toEqual(newest);
    expect(await list({ position, pageSize, order: Order.OLDEST_FIRST })).toEqual(oldest);
  });

  test("around a number have no next page; before and after go on from either end", async () => {
    await fill(upTo(10).map(String));
    const around = { case: "aroundNumber" as const, value: 5 };
    const page = await tenant.messages.listMessages({ parent: chat, position: around, pageSize: 4 });
    expect(page.nextPageToken).toBe("");
    const numbers = numbersOf(page.messages);
    expect(numbers).toHaveLength(4);
    expect(numbers).toContain(5);
    expect(await pages({ position: { case: "afterNumber", value: numbers[0]! }, pageSize: 2 })).not.toContainEqual([]);
    const newer = await pages({ position: { case: "afterNumber", value: numbers[0]! }, pageSize: 2 });
    const older = await pages({ position: { case: "beforeNumber", value: numbers.at(-1)! }, pageSize: 2 });
    expect([...newer.flat(), ...numbers, ...older.flat()]).toEqual(upTo(10).reverse());
  });

  test("by author, across pages", async () => {
    await fill(["1", "2"], "ann");
    await fill(["3", "4"], "bob");
    await fill(["5", "6"], "ann");
    expect(await pages({ author: "ann", pageSize: 3 })).toEqual([[6, 5, 2], [1]]);
    expect(await pages({ author: "ann", pageSize: 3, order: Order.OLDEST_FIRST })).toEqual([[1, 2, 5], [6]]);
    expect(await list({ author: "nobody" })).toEqual([]);
  });

  test("by time: from start_time on, and before end_time", async () => {
    const times: Date[] = [];
    for (const body of ["1", "2", "3"]) {
      const before = times.at(-1)?.getTime() ?? 0;
      await expect.poll(() => Date.now()).toBeGreaterThan(before + 1);
      times.push(timestampDate((await create(body)).createTime!));
    }
    const at = (index: number, shift = 0) => timestampFromDate(new Date(times[index]!.getTime() + shift));
    expect(await list({ startTime: at(1) })).toEqual([3, 2]);
    expect(await list({ startTime: at(1, 1) })).toEqual([3]);
    expect(await list({ endTime: at(1) })).toEqual([1]);
    expect(await list({ endTime: at(1, 1) })).toEqual([2, 1]);
    expect(await list({ startTime: at(1), endTime: at(2) })).toEqual([2]);
    expect(await list({ startTime: at(2), endTime: at(1) })).toEqual([]);
    expect(await list({ startTime: at(2, 60_000) })).toEqual([]);
    expect(await pages({ startTime: at(0), endTime: at(2, 1), pageSize: 1 })).toEqual([[3], [2], [1]]);
  });
});

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
    expect(await list({})).toEqual([2, 1]);
    expect(await tenant.messages.deleteMessage({ name: created.name })).toEqual(tombstone);
  });
});

describe("a body", () => {
  test.each([
    ["20,000 code points", "x".repeat(20_000)],
    ["20,000 code points outside the basic plane", "🎈".repeat(20_000)],
    ["white space around a letter", " \n\u3000x\t"],
    ["a zero-width joiner sequence", "👩‍👩‍👧‍👦"],
    ["control characters", "a\u0001\u001b[31m"],
    ["HTML", "<script>alert('&amp;')</script>"],
    ["decomposed letters", "e\u0301"],
  ])("of %s is stored as given", async (_, body) => {
    const { name } = await create(body);
    expect(bodyOf(await tenant.messages.getMessage({ name }))).toBe(body);
  });

  test.each([
    ["nothing", ""],
    ["20,001 code points", "x".repeat(20_001)],
    ["20,001 code points outside the basic plane", "🎈".repeat(20_001)],
    ["white space", " \t\r\n"],
    ["ideographic and no-break spaces", "\u3000\u00a0\u2028"],
    ["NUL", "a\0b"],
  ])("of %s is refused, in an edit too", async (_, body) => {
    const { name } = await create("good");
    const update = tenant.messages.updateMessage({ message: { name, ...text(body) } });
    for (const failure of await failuresOf([create(body), update])) {
      expect(failure).toMatchObject({ code: "InvalidArgument", reason: "FIELD_INVALID" });
      expect(new Set(failure.fields)).toEqual(new Set(["message.body"]));
    }
    expect((await create("next")).number).toBe(2);
  });

  test.each([
    ["body", '{"body": "a\\ud800b"}'],
    ["metadata", '{"body": "x", "metadata": {"k": "\\udfff"}}'],
  ])("with a lone surrogate in its %s is refused over REST", async (_, json) => {
    const headers = { authorization: `Bearer ${tenant.key}`, "content-type": "application/json" };
    const answer = await exchange(`${session.address}/v1/${chat}/messages`, { method: "POST", headers, body: json });
    expect(answer.status).toBe(400);
    const { error } = JSON.parse(answer.body.toString()) as { error: { status: string; details: object[] } };
    expect(error.status).toBe("INVALID_ARGUMENT");
    expect(error.details[0]).toMatchObject({ domain: "parley" });
    expect(await list({})).toEqual([]);
  });
});

describe("metadata", () => {
  test.each([
    ["4,096 bytes in keys and values", { ключ: "x".repeat(4_088) }],
    ["a key of 128 code points", { ["🎈".repeat(128)]: "" }],
    ["the key __proto__", JSON.parse('{"__proto__": "x", "constructor": "y"}') as Record<string, string>],
  ])("of %s is stored as given", async (_, metadata) => {
    const { name } = await tenant.messages.createMessage({ parent: chat, message: { ...text("x"), metadata } });
    expect(Object.entries((await tenant.messages.getMessage({ name })).metadata)).toEqual(Object.entries(metadata));
  });

  test.each([
    ["4,097 bytes", { ключ: "x".repeat(4_089) }, "message.metadata"],
    ["an empty key", { "": "x" }, 'message.metadata[""]'],
    ["a key of 129 code points", { ["k".repeat(129)]: "" }, `message.metadata["${"k".repeat(129)}"]`],
    ["NUL in a value", { k: "\0" }, "message.metadata"],
  ])("of %s is refused", async (_, metadata, field) => {
    const failure = await failureOf(
      tenant.messages.createMessage({ parent: chat, message: { ...text("x"), metadata } }),
    );
    expect(failure).toMatchObject({ reason: "FIELD_INVALID", fields: [field] });
  });
});

describe("a batch", () => {
  test("of 500 gets consecutive numbers in its order", async () => {
    await create("first");
    const requests = upTo(500).map((number) => ({ message: text(`body ${number}`) }));
    const { messages } = await tenant.messages.batchCreateMessages({ parent: chat, requests });
    expect(numbersOf(messages)).toEqual(upTo(501).slice(1));
    expect(messages.map(bodyOf)).toEqual(upTo(500).map((number) => `body ${number}`));
    expect(await list({ pageSize: 500, order: Order.OLDEST_FIRST })).toEqual(upTo(500));
  });

  test("is made as a whole or not at all", async () => {
    const requests = upTo(501).map(() => ({ message: text("x") }));
    const send = (...all: object[]) => tenant.messages.batchCreateMessages({ parent: chat, requests: all });
    expect((await failureOf(send(...requests))).fields).toEqual(["requests"]);
    expect((await failureOf(send())).fields).toEqual(["requests"]);
    expect((await failureOf(send({ message: text("a") }, { message: text("\u3000") }))).fields).toEqual([
      "requests[1].message.body",
    ]);
    const elsewhere = { parent: `${tenant.name}/chats/1`, message: text("a") };
    expect((await failureOf(send({ message: text("a") }, elsewhere))).fields).toEqual(["requests[1].parent"]);
    expect((await failureOf(send({ message: text("a") }, {}))).fields).toEqual(["requests[1].message"]);
    expect(await list({})).toEqual([]);
    expect((await create("first")).number).toBe(1);
  });
});
