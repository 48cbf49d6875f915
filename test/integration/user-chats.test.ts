import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Chat, Chat_Kind } from "../../gen/parley/v1/chat_pb.ts";
import { User_Role } from "../../gen/parley/v1/user_pb.ts";
import { failureOf } from "../failure.ts";
import { text } from "../message-text.ts";
import { openParleySession, type ParleySession } from "../parley-session.ts";
import { createPerson, type Person } from "../person.ts";
import type { Services, Tenant } from "../tenant.ts";

const { OPEN, DIRECT, GROUP, SUPPORT } = Chat_Kind;

let session: ParleySession;
let tenant: Tenant;
let ada: Person;
let bob: Person;
let cid: Person;

beforeAll(async () => {
  session = await openParleySession({ COUNT_INTERVAL: "100ms" });
});
afterAll(() => session.close());

beforeEach(async () => {
  tenant = await session.createTenant();
  const people = ["ada", "bob", "cid"].map((id) => createPerson(session, tenant, id));
  [ada, bob, cid] = (await Promise.all(people)) as [Person, Person, Person];
});

const create = ({ chats }: Services, chat: object, ...members: string[]) =>
  chats.createChat({ parent: tenant.name, chat: { ...chat, members } });
const pair = (by: Services, other: string) => create(by, { kind: DIRECT }, other);
const say = ({ messages }: Services, { name: parent }: Chat, body = "hello") =>
  messages.createMessage({ parent, message: text(body) });

/** Waits for the recount, which changes a chat between two reads of it. */
const counted = ({ chats }: Services, { name }: Chat, messages: number) =>
  expect.poll(async () => (await chats.getChat({ name })).messagesCount).toBe(messages);

async function numbersOf({ chats }: Services, page: { pageSize?: number; pageToken?: string } = {}) {
  return (await chats.listChats({ parent: tenant.name, ...page })).chats.map(({ number }) => number);
}

describe("a direct chat", () => {
  test("is the same for both, whoever asks, and how", async () => {
    const chat = await pair(ada, "bob");
    expect(chat).toMatchObject({ kind: DIRECT, creator: "ada", membersCount: 2 });
    expect((await pair(bob, "ada")).name).toBe(chat.name);
    expect((await create(tenant, { kind: DIRECT, creator: "bob" }, "ada")).name).toBe(chat.name);
    expect((await pair(ada, "cid")).name).not.toBe(chat.name);
    await say(bob, chat);
    expect((await failureOf(say(cid, chat))).code).toBe("NotFound");
  });

  test("has no title, neither from the beginning nor later: it is shown by its peer", async () => {
    const titled = create(ada, { kind: DIRECT, title: "Bob" }, "bob");
    expect(await failureOf(titled)).toMatchObject({ code: "InvalidArgument", fields: ["chat.title"] });
    const { name } = await pair(ada, "bob");
    const renamed = tenant.chats.updateChat({ chat: { name, title: "Bob" } });
    expect(await failureOf(renamed)).toMatchObject({ reason: "KIND_MISMATCH", metadata: { resource: name } });
    const all = await tenant.chats.updateChat({ chat: { name, metadata: { a: "b" } }, updateMask: { paths: ["*"] } });
    expect(all).toMatchObject({ title: "", metadata: { a: "b" } });
    const chat = { name, title: "not in the mask", metadata: { a: "c" } };
    const masked = await tenant.chats.updateChat({ chat, updateMask: { paths: ["metadata"] } });
    expect(masked).toMatchObject({ title: "", metadata: { a: "c" } });
  });

  test("is one where many ask at the same time", async () => {
    const asked = Array.from({ length: 30 }, (_, index) => (index % 2 === 0 ? pair(ada, "bob") : pair(bob, "ada")));
    const chats = await Promise.all(asked);
    expect(new Set(chats.map(({ name }) => name)).size).toBe(1);
    expect((await tenant.chats.listChats({ parent: tenant.name })).chats).toHaveLength(1);
  });

  test("comes anew once it is deleted, also where nothing of it is left, and one again for many", async () => {
    let last = await pair(ada, "bob");
    for (let times = 1; times <= 3; times++) {
      await tenant.chats.deleteChat({ name: last.name });
      const chats = await Promise.all([pair(ada, "bob"), pair(bob, "ada"), pair(ada, "bob")]);
      expect(new Set(chats.map(({ number }) => number))).toEqual(new Set([last.number + 1]));
      expect(await numbersOf(ada)).toEqual([last.number + 1]);
      last = chats[0]!;
    }
  });
});

describe("the other of a direct chat", () => {
  test("is shown to both in their lists, by its name and picture, and in no other chat", async () => {
    const avatarUrl = "https://example.com/bob.png";
    await tenant.users.updateUser({ user: { name: bob.name, displayName: "Bob", avatarUrl } });
    const { name } = await pair(ada, "bob");
    await create(ada, { kind: GROUP }, "bob");
    await create(ada, { kind: SUPPORT });
    const { chats } = await ada.chats.listChats({ parent: tenant.name });
    expect(chats.map(({ peer }) => peer?.user)).toEqual([undefined, undefined, "bob"]);
    const peer = { name: `${name}/members/bob`, displayName: "Bob", avatarUrl };
    expect(chats[2]).toMatchObject({ peer, membership: { user: "ada", displayName: "" } });
    expect(await ada.chats.getChat({ name })).toEqual(chats[2]);
    expect(await bob.chats.getChat({ name })).toMatchObject({ peer: { user: "ada" }, membership: peer });
    expect((await tenant.chats.getChat({ name })).peer).toBeUndefined();
  });

  test("stays when it is deleted, by its id alone, also where it made the chat", async () => {
    await tenant.users.updateUser({ user: { name: bob.name, displayName: "Bob" } });
    for (const chat of [await pair(ada, "bob"), await pair(bob, "cid")]) await say(bob, chat);
    const group = await create(ada, { kind: GROUP }, "bob");
    await tenant.users.deleteUser({ name: bob.name });
    await expect.poll(async () => (await ada.chats.getChat({ name: group.name })).membersCount).toBe(1);
    for (const who of [ada, cid]) {
      const { chats } = await who.chats.listChats({ parent: tenant.name });
      const { peer, membersCount } = chats.find(({ kind }) => kind === DIRECT)!;
      expect(peer).toMatchObject({ user: "bob", displayName: "", avatarUrl: "" });
      expect(membersCount).toBe(2);
    }
  });
});

describe("a chat of a kind", () => {
  test.each<[string, object, string[], string]>([
    ["a direct chat with nobody", { kind: DIRECT }, [], "chat.members"],
    ["a direct chat with more than one", { kind: DIRECT }, ["bob", "cid"], "chat.members"],
    ["a direct chat with oneself", { kind: DIRECT }, ["ada"], "chat.members"],
    ["a support session with members", { kind: SUPPORT }, ["bob"], "chat.members"],
    ["a group with somebody who is no user", { kind: GROUP }, ["bob", "gus"], "chat.members[1]"],
    ["an open chat", { kind: OPEN }, [], "chat.kind"],
    ["a chat of no kind", {}, [], "chat.kind"],
    ["a slow mode of more than hours", { kind: GROUP, slowMode: { seconds: 21_601n } }, [], "chat.slow_mode"],
    ["a slow mode of fractions", { kind: GROUP, slowMode: { seconds: 1n, nanos: 5 } }, [], "chat.slow_mode"],
  ])("%s is not made", async (_, chat, members, field) => {
    expect(await failureOf(create(ada, chat, ...members))).toMatchObject({ reason: "FIELD_INVALID", fields: [field] });
  });

  test.each<[string, object, string[], string]>([
    ["a group of nobody's", { kind: GROUP }, ["bob"], "chat.creator"],
    ["a group of somebody who is no user", { kind: GROUP, creator: "gus" }, [], "chat.creator"],
    ["an open chat with members", { kind: OPEN }, ["bob"], "chat.members"],
  ])("%s is not made for the backend", async (_, chat, members, field) => {
    expect(await failureOf(create(tenant, chat, ...members))).toMatchObject({ fields: [field] });
  });

  test("has what it was made with, and its slow mode changes", async () => {
    const made = await create(ada, { kind: GROUP, title: "G", slowMode: { seconds: 30n } }, "bob", "bob", "ada");
    expect(made).toMatchObject({ kind: GROUP, creator: "ada", membersCount: 2, slowMode: { seconds: 30n } });
    expect(await tenant.chats.getChat({ name: made.name })).toEqual(made);
    const slower = { name: made.name, slowMode: { seconds: 60n } };
    expect((await ada.chats.updateChat({ chat: slower })).slowMode).toMatchObject({ seconds: 60n });
    const updateMask = { paths: ["slow_mode"] };
    const none = await tenant.chats.updateChat({ chat: { name: made.name }, updateMask });
    expect([none.title, none.slowMode]).toEqual(["G", undefined]);
  });

  test("is made once for a request_id, also by a user", async () => {
    const request = { parent: tenant.name, chat: { kind: GROUP, members: ["bob"] }, requestId: crypto.randomUUID() };
    const made = await Promise.all([ada.chats.createChat(request), ada.chats.createChat(request)]);
    expect(made[0]).toEqual(made[1]);
    expect(await failureOf(ada.chats.createChat({ ...request, chat: { kind: GROUP } }))).toMatchObject({
      reason: "REQUEST_ID_REUSED",
    });
    expect((await bob.chats.createChat({ ...request, chat: { kind: GROUP } })).name).not.toBe(made[0]!.name);
  });
});

describe("a user's chats", () => {
  test("are its own alone, the latest activity first, with what is new in them", async () => {
    const group = await create(ada, { kind: GROUP }, "bob");
    const direct = await pair(ada, "bob");
    await create(tenant, { kind: OPEN });
    await create(tenant, { kind: GROUP, creator: "cid" });
    const support = await create(bob, { kind: SUPPORT });
    expect(await numbersOf(bob)).toEqual([support.number, direct.number, group.number]);
    const said = await say(ada, group, "news");
    await counted(bob, group, 1);
    const { chats } = await bob.chats.listChats({ parent: tenant.name });
    expect(chats.map(({ number }) => number)).toEqual([group.number, support.number, direct.number]);
    expect(chats[0]).toMatchObject({ lastMessage: said, unreadCount: 1, membership: { user: "bob", readNumber: 0 } });
    expect(chats[2]).toMatchObject({ unreadCount: 0, membership: { user: "bob" } });
    expect(chats[2]!.lastMessage).toBeUndefined();
    expect(await bob.chats.getChat({ name: group.name })).toEqual(chats[0]);
    await bob.members.markRead({ parent: group.name, number: said.number });
    expect((await bob.chats.listChats({ parent: tenant.name })).chats[0]).toMatchObject({
      unreadCount: 0,
      membership: { readNumber: 1 },
    });
  });

  test("come in pages, without gaps or twins, and without deleted ones", async () => {
    const chats: Chat[] = [];
    for (let count = 0; count < 8; count++) chats.push(await create(ada, { kind: GROUP }));
    await say(ada, chats[2]!);
    await tenant.chats.deleteChat({ name: chats[4]!.name });
    const numbers: number[] = [];
    let pageToken = "";
    do {
      const page = await ada.chats.listChats({ parent: tenant.name, pageSize: 3, pageToken });
      numbers.push(...page.chats.map(({ number }) => number));
      pageToken = page.nextPageToken;
    } while (pageToken !== "");
    expect(numbers).toEqual([3, 8, 7, 6, 4, 2, 1]);
  });

  test("tell of nothing that is internal, nor of what the system says as unread", async () => {
    const { name } = await create(bob, { kind: SUPPORT });
    await tenant.messages.createMessage({ parent: name, message: { ...text("note"), internal: true } });
    const { lastMessage, unreadCount } = await bob.chats.getChat({ name });
    expect([lastMessage, unreadCount]).toEqual([undefined, 0]);
    const answer = await tenant.messages.createMessage({ parent: name, message: text("answer") });
    await tenant.support.closeSupportChat({ name });
    const chat = await bob.chats.getChat({ name });
    expect(chat).toMatchObject({ unreadCount: 1, lastMessage: { number: answer.number + 1 } });
  });

  test("are counted up to 1,000 unread", async () => {
    const chat = await create(ada, { kind: GROUP }, "bob");
    for (let batch = 0; batch < 3; batch++) {
      const requests = Array.from({ length: 400 }, () => ({ message: { ...text("x"), author: { user: "ada" } } }));
      await tenant.messages.batchCreateMessages({ parent: chat.name, requests });
    }
    expect((await bob.chats.getChat({ name: chat.name })).unreadCount).toBe(1_000);
    await bob.members.markRead({ parent: chat.name, number: 1_100 });
    expect((await bob.chats.getChat({ name: chat.name })).unreadCount).toBe(100);
    expect((await ada.chats.getChat({ name: chat.name })).unreadCount).toBe(0);
  });
});

describe("the backend, as a user,", () => {
  test("lists and gets what that user does: its chats, page by page, and how much of them is unread", async () => {
    for (let count = 0; count < 3; count++) await create(ada, { kind: GROUP }, "bob");
    await create(cid, { kind: GROUP });
    const news = await pair(ada, "bob");
    await say(ada, news, "news");
    await counted(bob, news, 1);
    const as = { parent: tenant.name, user: "bob" };
    const own = await bob.chats.listChats({ parent: tenant.name });
    expect(await tenant.chats.listChats(as)).toEqual(own);
    expect(own.chats[0]).toMatchObject({ unreadCount: 1, lastMessage: { number: 1 }, peer: { user: "ada" } });
    const first = await tenant.chats.listChats({ ...as, pageSize: 3 });
    const rest = await tenant.chats.listChats({ ...as, pageSize: 3, pageToken: first.nextPageToken });
    expect([...first.chats, ...rest.chats]).toEqual(own.chats);
    const other = tenant.chats.listChats({ ...as, user: "ada", pageToken: first.nextPageToken });
    expect(await failureOf(other)).toMatchObject({ reason: "PAGE_TOKEN_INVALID" });
    const { name } = own.chats[0]!;
    expect(await tenant.chats.getChat({ name, user: "bob" })).toEqual(own.chats[0]);
  });

  test("finds no chat that it is not in, is banned from, or that is open, and no note", async () => {
    const [group, open, support] = [
      await create(ada, { kind: GROUP }, "bob"),
      await create(tenant, { kind: OPEN }),
      await create(bob, { kind: SUPPORT }),
    ];
    await tenant.messages.createMessage({ parent: support.name, message: { ...text("note"), internal: true } });
    const asBob = await tenant.chats.getChat({ name: support.name, user: "bob" });
    expect(asBob).toEqual(await bob.chats.getChat({ name: support.name }));
    expect([asBob.messagesCount, asBob.lastMessage]).toEqual([0, undefined]);
    const banExpireTime = { seconds: BigInt(Math.floor(Date.now() / 1_000) + 3_600), nanos: 0 };
    await tenant.members.updateMember({ member: { name: `${group.name}/members/bob`, banExpireTime } });
    for (const [name, user] of [
      [group.name, "bob"],
      [group.name, "cid"],
      [open.name, "bob"],
      [support.name, "ada"],
    ] as const) {
      const failure = await failureOf(tenant.chats.getChat({ name, user }));
      expect(failure).toMatchObject({ code: "NotFound", metadata: { resource: name } });
    }
  });

  test("who is an agent sees the notes of that user's own session", async () => {
    await tenant.users.updateUser({ user: { name: bob.name, role: User_Role.AGENT } });
    const { name } = await create(bob, { kind: SUPPORT });
    const note = await tenant.messages.createMessage({ parent: name, message: { ...text("note"), internal: true } });
    const chat = await tenant.chats.getChat({ name, user: "bob" });
    expect(chat).toMatchObject({ lastMessage: note, unreadCount: 1 });
    const { chats } = await tenant.chats.listChats({ parent: tenant.name, user: "bob" });
    expect(chats[0]).toMatchObject({ name, lastMessage: note, unreadCount: 1 });
  });

  test("is told where there is no such user", async () => {
    const { name } = await create(ada, { kind: GROUP });
    const expected = { code: "NotFound", metadata: { resource: `${tenant.name}/users/gus` } };
    expect(await failureOf(tenant.chats.listChats({ parent: tenant.name, user: "gus" }))).toMatchObject(expected);
    expect(await failureOf(tenant.chats.getChat({ name, user: "gus" }))).toMatchObject(expected);
  });
});
