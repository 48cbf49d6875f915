import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Chat, Chat_Kind, SupportState_Status } from "../../gen/parley/v1/chat_pb.ts";
import { Author_Type, type Message, SystemEvent_Type } from "../../gen/parley/v1/message_pb.ts";
import { ListSupportChatsRequest_View } from "../../gen/parley/v1/support_pb.ts";
import { User_Role } from "../../gen/parley/v1/user_pb.ts";
import { millisFromTimestamp, timestampFromMillis } from "../../services/aip/timestamp.ts";
import { failureFrom, failureOf } from "../failure.ts";
import { text } from "../message-text.ts";
import { openParleySession, type ParleySession } from "../parley-session.ts";
import { type Services, servicesOf, type Tenant } from "../tenant.ts";

const { OPEN, PENDING, CLOSED } = SupportState_Status;
const View = ListSupportChatsRequest_View;

let session: ParleySession;
let tenant: Tenant;
let cleo: Services;
let ada: Services;
let abe: Services;
/** Of users. */
const tokens = new Map<Services, string>();

beforeAll(async () => {
  session = await openParleySession({ COUNT_INTERVAL: "100ms" });
});
afterAll(() => session.close());

/** A customer, cleo, and the agents ada and abe. */
beforeEach(async () => {
  tenant = await session.createTenant();
  [cleo, ada, abe] = (await Promise.all([
    createUser("cleo", User_Role.USER),
    createUser("ada", User_Role.AGENT),
    createUser("abe", User_Role.ADMIN),
  ])) as [Services, Services, Services];
});

async function createUser(userId: string, role: User_Role): Promise<Services> {
  const { name } = await tenant.users.createUser({ parent: tenant.name, userId, user: { displayName: userId, role } });
  const { accessToken } = await tenant.auth.createUserTokens({ name });
  const services = servicesOf(session.transports.grpc, accessToken);
  tokens.set(services, accessToken);
  return services;
}

const ask = (customer = cleo) =>
  customer.chats.createChat({ parent: tenant.name, chat: { kind: Chat_Kind.SUPPORT, title: "Help" } });
const say = ({ messages }: Services, parent: string, body: string, internal = false) =>
  messages.createMessage({ parent, message: { ...text(body), internal } });
const get = ({ chats }: Services, name: string) => chats.getChat({ name });
const list = async ({ support }: Services, view: ListSupportChatsRequest_View, fields: object = {}) =>
  (await support.listSupportChats({ parent: tenant.name, view, ...fields })).chats.map(({ number }) => number);
const askAgain = (requestId: string) =>
  cleo.chats.createChat({ parent: tenant.name, chat: { kind: Chat_Kind.SUPPORT, title: "Help" }, requestId });
const bodiesSeen = async ({ messages }: Services, parent: string) =>
  (await messages.listMessages({ parent })).messages.map(eventOrBody).reverse();

function eventOrBody({ content }: Message): string {
  return content.case === "systemEvent" ? nameOfEvent(content.value.type) : (content.value ?? "");
}

function nameOfEvent(type: SystemEvent_Type): string {
  return Object.entries(SystemEvent_Type).find(([, value]) => value === type)![0];
}

describe("a support session", () => {
  test("goes from the customer's question to its end, as all of them see it", async () => {
    const { name, support } = await ask();
    expect(support).toMatchObject({ status: OPEN, agent: "" });
    await say(cleo, name, "It does not work");
    const taken = await ada.support.assignSupportChat({ name });
    expect(taken.support).toMatchObject({ status: OPEN, agent: "ada" });
    const answer = await say(ada, name, "Have you tried to turn it off?");
    expect(answer.author).toMatchObject({ user: "ada", type: Author_Type.AGENT });
    const answered = await get(cleo, name);
    expect(answered.support).toMatchObject({ status: PENDING, agent: "ada", firstResponseTime: answer.createTime });
    expect(answered).toMatchObject({
      unreadCount: 1,
      lastMessage: { number: answer.number },
      membership: { user: "cleo" },
    });
    await say(cleo, name, "Now it does");
    expect((await get(ada, name)).support).toMatchObject({ status: OPEN });
    const closed = await ada.support.closeSupportChat({ name });
    expect(closed.support!.status).toBe(CLOSED);
    expect(millisFromTimestamp(closed.support!.closeTime!)).toBeGreaterThan(0);
    const told = [
      "It does not work",
      "SUPPORT_ASSIGNED",
      "Have you tried to turn it off?",
      "Now it does",
      "SUPPORT_CLOSED",
    ];
    for (const who of [cleo, ada, tenant]) expect(await bodiesSeen(who, name)).toEqual(told);
  });

  test("that is closed is opened again by the customer, by a message or without, and by an agent", async () => {
    const { name } = await ask();
    for (const reopen of [
      () => say(cleo, name, "Still broken"),
      () => cleo.support.reopenSupportChat({ name }),
      () => ada.support.reopenSupportChat({ name }),
      () => tenant.support.reopenSupportChat({ name }),
    ]) {
      await cleo.support.closeSupportChat({ name });
      expect((await get(ada, name)).support).toMatchObject({ status: CLOSED });
      await reopen();
      const { support } = await get(cleo, name);
      expect(support).toMatchObject({ status: OPEN });
      expect(support!.closeTime).toBeUndefined();
    }
  });

  test("that is as wanted already stays as it is, and gets no message", async () => {
    const { name } = await ask();
    expect(await ada.support.reopenSupportChat({ name })).toMatchObject({ support: { status: OPEN } });
    const closed = await ada.support.closeSupportChat({ name });
    expect(await abe.support.closeSupportChat({ name })).toEqual({
      ...closed,
      messagesCount: expect.any(Number),
    });
    await ada.support.assignSupportChat({ name });
    await ada.support.assignSupportChat({ name });
    expect(await bodiesSeen(cleo, name)).toEqual(["SUPPORT_CLOSED", "SUPPORT_ASSIGNED"]);
    expect((await say(cleo, name, "Hello?")).number).toBe(3);
  });

  test("does not exist for another user, nor do its changes", async () => {
    const { name } = await ask();
    const uma = await createUser("uma", User_Role.USER);
    const nothing = `${tenant.name}/chats/99`;
    for (const [method, request] of [
      ["closeSupportChat", {}],
      ["reopenSupportChat", {}],
    ] as const) {
      const failures = await Promise.all(
        [name, nothing].map((chat) => failureOf(uma.support[method]({ name: chat, ...request }))),
      );
      expect(failures[0]).toMatchObject({ code: "NotFound" });
      expect(JSON.stringify(failures[0]).replaceAll(name, nothing)).toBe(JSON.stringify(failures[1]));
    }
    expect(await failureOf(get(uma, name))).toMatchObject({ code: "NotFound" });
  });
});

describe("an assignment", () => {
  test("goes from agent to agent, and back to nobody by the backend", async () => {
    const { name } = await ask();
    await ada.support.assignSupportChat({ name });
    expect((await ada.support.assignSupportChat({ name, agent: "abe" })).support).toMatchObject({ agent: "abe" });
    expect((await tenant.support.assignSupportChat({ name })).support).toMatchObject({ agent: "" });
    expect((await tenant.support.assignSupportChat({ name, agent: "ada" })).support).toMatchObject({ agent: "ada" });
  });

  test("under the etag that both saw is given to one of two agents", async () => {
    for (let round = 0; round < 5; round++) {
      const { name } = await ask();
      const [{ etag }] = (await ada.support.listSupportChats({ parent: tenant.name })).chats as [Chat];
      const outcomes = await Promise.allSettled(
        [ada, abe].map(({ support }) => support.assignSupportChat({ name, etag })),
      );
      const won = outcomes.flatMap((outcome) => (outcome.status === "fulfilled" ? [outcome.value.support!.agent] : []));
      expect(won).toHaveLength(1);
      const lost = outcomes.find(({ status }) => status === "rejected") as PromiseRejectedResult;
      expect(failureFrom(lost.reason)).toMatchObject({ code: "Aborted", reason: "ETAG_MISMATCH" });
      expect((await get(abe, name)).support).toMatchObject({ agent: won[0] });
    }
  });

  test("to who is no agent is refused, and so is one by who is none", async () => {
    const { name } = await ask();
    for (const agent of ["cleo", "nobody"]) {
      const failure = await failureOf(ada.support.assignSupportChat({ name, agent }));
      expect(failure).toMatchObject({ code: "InvalidArgument", fields: ["agent"] });
    }
    expect(await failureOf(cleo.support.assignSupportChat({ name }))).toMatchObject({ code: "PermissionDenied" });
  });

  test("is for support sessions alone", async () => {
    const open = await tenant.chats.createChat({ parent: tenant.name, chat: {} });
    for (const method of ["assignSupportChat", "closeSupportChat", "reopenSupportChat"] as const) {
      const failure = await failureOf(tenant.support[method]({ name: open.name }));
      expect(failure).toMatchObject({ code: "FailedPrecondition", reason: "KIND_MISMATCH" });
    }
    expect((await say(tenant, open.name, "first")).number).toBe(1);
  });
});

describe("a queue", () => {
  test("has what waits, what is an agent's, or all, the oldest first", async () => {
    const names = [];
    for (let index = 0; index < 5; index++) names.push((await ask()).name);
    await tenant.chats.createChat({ parent: tenant.name, chat: {} });
    const [, second, third, fourth, fifth] = names as [string, string, string, string, string];
    await ada.support.assignSupportChat({ name: second });
    await ada.support.assignSupportChat({ name: third });
    await say(ada, third, "One moment");
    await ada.support.assignSupportChat({ name: fourth });
    await ada.support.closeSupportChat({ name: fourth });
    await abe.support.closeSupportChat({ name: fifth });
    expect(await list(ada, View.OPEN)).toEqual([1]);
    expect(await list(ada, View.UNSPECIFIED)).toEqual([1]);
    expect(await list(ada, View.MINE)).toEqual([2, 3]);
    expect(await list(abe, View.MINE)).toEqual([]);
    expect(await list(tenant, View.MINE, { agent: "ada" })).toEqual([2, 3]);
    expect(await list(abe, View.ALL)).toEqual([1, 2, 3, 4, 5]);
  });

  test("shows the newest message of each session, also a note", async () => {
    const [first, second] = [await ask(), await ask()];
    await ask();
    await say(cleo, first.name, "Hello?");
    const answer = await say(ada, first.name, "Hello");
    await say(cleo, second.name, "It broke");
    const note = await say(ada, second.name, "Again", true);
    for (const who of [ada, tenant]) {
      const { chats } = await who.support.listSupportChats({ parent: tenant.name, view: View.ALL });
      expect(chats.map(({ lastMessage }) => lastMessage)).toEqual([answer, note, undefined]);
    }
  });

  test("comes in pages", async () => {
    for (let index = 0; index < 5; index++) await ask();
    const request = { parent: tenant.name, view: View.ALL, pageSize: 2 };
    const pages: number[][] = [];
    for (let pageToken = ""; pages.length === 0 || pageToken !== ""; ) {
      const page = await ada.support.listSupportChats({ ...request, pageToken });
      pages.push(page.chats.map(({ number }) => number));
      pageToken = page.nextPageToken;
    }
    expect(pages).toEqual([[1, 2], [3, 4], [5]]);
  });

  test("is not for customers, and MINE of the backend names an agent", async () => {
    expect(await failureOf(list(cleo, View.ALL))).toMatchObject({ code: "PermissionDenied" });
    for (const [who, view, agent] of [
      [tenant, View.MINE, ""],
      [tenant, View.ALL, "ada"],
      [ada, View.MINE, "abe"],
    ] as const) {
      expect(await failureOf(list(who, view, { agent }))).toMatchObject({
        code: "InvalidArgument",
        fields: ["agent"],
      });
    }
  });
});

describe("an internal note", () => {
  test("moves nothing that the customer sees", async () => {
    const { name } = await ask();
    await say(cleo, name, "Hello?");
    await expect.poll(async () => (await get(cleo, name)).messagesCount).toBe(1);
    const before = await get(cleo, name);
    const note = await say(ada, name, "Looks like the cable", true);
    expect(note).toMatchObject({ number: 2, internal: true });
    expect(await get(cleo, name)).toEqual(before);
    expect((await cleo.chats.listChats({ parent: tenant.name })).chats).toEqual([before]);
    expect(await bodiesSeen(cleo, name)).toEqual(["Hello?"]);
    expect(await bodiesSeen(ada, name)).toEqual(["Hello?", "Looks like the cable"]);
    expect(await failureOf(cleo.messages.getMessage({ name: note.name }))).toMatchObject({ code: "NotFound" });
  });

  test("does not count for the customer, also in the answer to its own changes", async () => {
    const { name } = await ask();
    await say(cleo, name, "Hello?");
    for (const note of ["One note", "Two notes"]) await say(ada, name, note, true);
    await expect.poll(async () => (await get(ada, name)).messagesCount).toBe(3);
    expect((await get(cleo, name)).messagesCount).toBe(1);
    // What says that it was closed may be counted, too.
    expect((await cleo.support.closeSupportChat({ name })).messagesCount).toBeLessThanOrEqual(2);
    await expect.poll(async () => (await get(cleo, name)).messagesCount).toBe(2);
    expect((await get(ada, name)).messagesCount).toBe(4);
  });

  test("does not count in the answer to a repeated create, which who is banned does not get", async () => {
    const requestId = crypto.randomUUID();
    const { name } = await askAgain(requestId);
    await say(cleo, name, "It broke");
    await say(ada, name, "She broke it", true);
    await expect.poll(async () => (await get(tenant, name)).messagesCount).toBe(2);
    expect(await askAgain(requestId)).toMatchObject({ name, messagesCount: 1 });
    const banExpireTime = timestampFromMillis(Date.now() + 60_000);
    await tenant.members.updateMember({ member: { name: `${name}/members/cleo`, banExpireTime } });
    expect(await failureOf(askAgain(requestId))).toMatchObject({ code: "NotFound" });
  });

  test("is not told of by how far the customer has read", async () => {
    const { name } = await ask();
    await say(cleo, name, "Hello?");
    await say(ada, name, "A note", true);
    const readAll = async () => {
      await cleo.members.markRead({ parent: name, number: 2_147_483_647 });
      const { membership } = await get(cleo, name);
      return membership!.readNumber;
    };
    expect(await readAll()).toBe(1);
    await say(ada, name, "Hello");
    expect(await readAll()).toBe(3);
  });

  test("counts for an agent who is the customer itself, wherever it looks, until it has read it", async () => {
    const { name } = await ask(ada);
    await say(ada, name, "I, an agent, have a question");
    const note = await say(abe, name, "She should know", true);
    const counted = (messages: number) => expect.poll(async () => (await get(ada, name)).messagesCount).toBe(messages);
    await counted(2);
    const seen = async () => {
      const chat = await get(ada, name);
      expect((await ada.chats.listChats({ parent: tenant.name })).chats).toEqual([chat]);
      expect((await tenant.chats.listChats({ parent: tenant.name, user: "ada" })).chats).toEqual([chat]);
      return { last: chat.lastMessage?.number, unread: chat.unreadCount, read: chat.membership?.readNumber };
    };
    expect(await seen()).toEqual({ last: note.number, unread: 1, read: 0 });
    await ada.members.markRead({ parent: name, number: note.number });
    expect(await seen()).toEqual({ last: note.number, unread: 0, read: note.number });
    const next = await say(abe, name, "Or should she?", true);
    await counted(3);
    expect(await seen()).toEqual({ last: next.number, unread: 1, read: note.number });
    await tenant.members.markRead({ parent: name, number: next.number, user: "ada" });
    expect(await seen()).toEqual({ last: next.number, unread: 0, read: next.number });
  });

  test("is not the customer's to write", async () => {
    const { name } = await ask();
    expect(await failureOf(say(cleo, name, "psst", true))).toMatchObject({ code: "PermissionDenied" });
  });
});

test("a session, its queue and the agents' tokens outlive a restart", async () => {
  const { name } = await ask();
  await ada.support.assignSupportChat({ name });
  await say(ada, name, "One moment");
  await say(ada, name, "A note", true);
  const before = await get(tenant, name);
  await session.restart();
  const { accessToken } = await session.reopen(tenant).auth.createUserTokens({ name: `${tenant.name}/users/ada` });
  for (const token of [accessToken, tokens.get(ada)!]) {
    const again = servicesOf(session.transports.grpc, token);
    expect((await get(again, name)).support).toEqual(before.support);
    expect(await list(again, View.MINE)).toEqual([1]);
    expect(await bodiesSeen(again, name)).toEqual(["SUPPORT_ASSIGNED", "One moment", "A note"]);
  }
});

test("an agent who is deleted leaves its sessions to the queue, and one whose role is taken answers none", async () => {
  const [first, second] = [await ask(), await ask()];
  await ada.support.assignSupportChat({ name: first.name });
  await abe.support.assignSupportChat({ name: second.name });
  await tenant.users.deleteUser({ name: `${tenant.name}/users/ada` });
  await expect.poll(() => list(abe, View.OPEN)).toEqual([1]);
  await tenant.users.updateUser({ user: { name: `${tenant.name}/users/abe`, role: User_Role.USER } });
  await expect
    .poll(() => failureOf(abe.support.closeSupportChat({ name: second.name })))
    .toMatchObject({
      code: "NotFound",
    });
  expect((await get(cleo, second.name)).support).toMatchObject({ status: OPEN, agent: "abe" });
});
