import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { Author_Type, ListMessagesRequest_Order, SystemEvent_Type } from "../../gen/parley/v1/message_pb.ts";
import { failureOf, failuresOf } from "../failure.ts";
import { bodyOf, text } from "../message-text.ts";
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

const create = (message: object, parent = chat) => tenant.messages.createMessage({ parent, message });

describe("a reply", () => {
  test("names a message of its chat, be it deleted", async () => {
    const first = await create(text("first"));
    const reply = await create({ ...text("reply"), replyTo: first.number });
    expect(reply.replyTo).toBe(first.number);
    await tenant.messages.deleteMessage({ name: first.name });
    expect(await create({ ...text("another"), replyTo: 1 })).toMatchObject({ replyTo: 1 });
    const deleted = await tenant.messages.deleteMessage({ name: reply.name });
    expect(deleted).toMatchObject({ replyTo: 1, content: { case: undefined } });
    expect(await tenant.messages.getMessage({ name: reply.name })).toEqual(deleted);
  });

  test("to a message that is not there is refused, in a batch by its place", async () => {
    await create(text("first"));
    const requests = [text("a"), { ...text("b"), replyTo: 2 }].map((message) => ({ message }));
    const [single, batch] = await failuresOf([
      create({ ...text("reply"), replyTo: 2 }),
      tenant.messages.batchCreateMessages({ parent: chat, requests }),
    ]);
    expect(single).toMatchObject({ code: "InvalidArgument", fields: ["message.reply_to"] });
    expect(batch).toMatchObject({ code: "InvalidArgument", fields: ["requests[1].message.reply_to"] });
    expect((await tenant.messages.listMessages({ parent: chat })).messages).toHaveLength(1);
  });

  test("in a chat that does not exist is refused for the chat", async () => {
    const parent = `${tenant.name}/chats/999`;
    const failure = await failureOf(create({ ...text("reply"), replyTo: 1 }, parent));
    expect(failure).toMatchObject({ reason: "RESOURCE_NOT_FOUND", metadata: { resource: parent } });
  });
});

test("mentions are those of the body as it is, whatever the caller says, and reads the same after a restart", async () => {
  const created = await create({ ...text("hi @ann and @bob."), mentions: ["cid"], reactions: [{ emoji: "x" }] });
  expect(created).toMatchObject({ mentions: ["ann", "bob"], reactions: [] });
  const { name } = created;
  const edited = await tenant.messages.updateMessage({ message: { name, ...text("hi @dan") } });
  expect(edited.mentions).toEqual(["dan"]);
  await session.restart();
  tenant = session.reopen(tenant);
  expect(await tenant.messages.getMessage({ name })).toEqual(edited);
});

test("an author whom Parley does not know is the backend's, under the name that it gives", async () => {
  const author = { user: "u-1", displayName: "Ann", type: Author_Type.AGENT };
  const { author: stored } = await create({ ...text("hello"), author });
  expect(stored).toMatchObject({ user: "u-1", displayName: "Ann", type: Author_Type.BACKEND });
});

test("a note is only in a support session", async () => {
  const failure = await failureOf(create({ ...text("psst"), internal: true }));
  expect(failure).toMatchObject({ code: "FailedPrecondition", reason: "KIND_MISMATCH", metadata: { resource: chat } });
});

test("what happened in a chat is the server's to write", async () => {
  const content = { case: "systemEvent" as const, value: { type: SystemEvent_Type.MEMBERS_LEFT, users: ["ann"] } };
  const failure = await failureOf(create({ content }));
  expect(failure).toMatchObject({ code: "InvalidArgument", fields: ["message.system_event"] });
});

describe("reactions", () => {
  test("are there in every read as soon as they are answered", async () => {
    const { name, etag } = await create(text("hello"));
    const added = await tenant.messages.addReaction({ name, emoji: "👍", user: "ann" });
    expect(added.reactions).toMatchObject([{ emoji: "👍", users: ["ann"] }]);
    expect(added.etag).not.toBe(etag);
    expect(await tenant.messages.getMessage({ name })).toEqual(added);
    expect((await tenant.messages.listMessages({ parent: chat })).messages).toEqual([added]);
    const again = await tenant.messages.addReaction({ name, emoji: "👍", user: "ann" });
    expect(again).toEqual(added);
    const removed = await tenant.messages.removeReaction({ name, emoji: "👍", user: "ann" });
    expect(removed.reactions).toEqual([]);
    expect(await tenant.messages.getMessage({ name })).toEqual(removed);
  });

  test("at the same time are all taken, and survive a restart", async () => {
    const { name } = await create(text("hello"));
    const users = Array.from({ length: 30 }, (_, index) => `u${index}`);
    await Promise.all(users.map((user) => tenant.messages.addReaction({ name, emoji: "👍", user })));
    await session.restart();
    tenant = session.reopen(tenant);
    const { reactions } = await tenant.messages.getMessage({ name });
    expect(reactions.map(({ emoji }) => emoji)).toEqual(["👍"]);
    expect(reactions[0]!.users.toSorted()).toEqual(users.toSorted());
  });

  test("of the backend are a user's whom it names", async () => {
    const { name } = await create(text("hello"));
    for (const call of [tenant.messages.addReaction, tenant.messages.removeReaction]) {
      expect(await failureOf(call({ name, emoji: "👍" }))).toMatchObject({ fields: ["user"] });
    }
  });

  test("are refused to what does not exist, and to tombstones", async () => {
    const { name } = await create(text("hello"));
    await tenant.messages.deleteMessage({ name });
    const react = (to: string) => tenant.messages.addReaction({ name: to, emoji: "👍", user: "ann" });
    expect(await failureOf(react(name))).toMatchObject({ reason: "MESSAGE_DELETED", metadata: { resource: name } });
    const absent = `${chat}/messages/2`;
    expect(await failureOf(react(absent))).toMatchObject({
      reason: "RESOURCE_NOT_FOUND",
      metadata: { resource: absent },
    });
  });
});

describe("what an author wrote in all chats", () => {
  test("is listed the latest first, page by page, without chats that are gone", async () => {
    const chats = [chat];
    for (let count = 0; count < 2; count++) {
      chats.push((await tenant.chats.createChat({ parent: tenant.name, chat: {} })).name);
    }
    const author = { user: `author-${chat.split("/").at(-1)}` };
    for (const [index, parent] of [...chats, ...chats].entries()) {
      await create({ ...text(`${index}`), author }, parent);
      await create({ ...text("of another"), author: { user: "another" } }, parent);
    }
    await tenant.chats.deleteChat({ name: chats[1]!, force: true });
    const bodies: (string | undefined)[][] = [];
    for (let pageToken = ""; bodies.length < 5; ) {
      const request = { parent: `${tenant.name}/chats/-`, author: author.user, pageSize: 3, pageToken };
      const page = await tenant.messages.listMessages(request);
      bodies.push(page.messages.map(bodyOf));
      if (page.nextPageToken === "") break;
      pageToken = page.nextPageToken;
    }
    expect(bodies).toEqual([["5", "3", "2"], ["0"]]);
  });

  test("is asked for by an author, and by nothing that a chat alone has", async () => {
    const parent = `${tenant.name}/chats/-`;
    const list = (request: object) => failureOf(tenant.messages.listMessages({ parent, ...request }));
    expect(await list({})).toMatchObject({ reason: "FIELD_INVALID", fields: ["author"] });
    const time = { seconds: 1n, nanos: 0 };
    expect(
      await list({
        ...{ author: "ann", order: ListMessagesRequest_Order.OLDEST_FIRST, startTime: time, endTime: time },
        position: { case: "aroundNumber", value: 1 },
      }),
    ).toMatchObject({ fields: ["order", "around_number", "start_time", "end_time"] });
  });

  test("is of the caller's own application alone", async () => {
    const other = await session.createTenant();
    const parent = `${other.name}/chats/-`;
    const request = { parent, author: "ann" };
    const failure = await failureOf(tenant.messages.listMessages(request));
    expect(failure).toMatchObject({ reason: "RESOURCE_NOT_FOUND", metadata: { resource: parent } });
    expect((await other.messages.listMessages(request)).messages).toEqual([]);
    const absent = { parent: `applications/${"0".repeat(26)}/chats/-`, author: "ann" };
    expect(await failureOf(session.admin.messages.listMessages(absent))).toMatchObject({
      reason: "RESOURCE_NOT_FOUND",
    });
  });
});
