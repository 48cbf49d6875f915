import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Chat_Kind } from "../../gen/parley/v1/chat_pb.ts";
import { Author_Type, ListMessagesRequest_Order, SystemEvent_Type } from "../../gen/parley/v1/message_pb.ts";
import { User_Role } from "../../gen/parley/v1/user_pb.ts";
import { failureOf, failuresOf } from "../failure.ts";
import { bodyOf, text } from "../message-text.ts";
import { openParleySession, type ParleySession } from "../parley-session.ts";
import { createPerson, type Person } from "../person.ts";
import type { Tenant } from "../tenant.ts";

const SEARCH = { timeout: 20_000 };

let session: ParleySession;
let tenant: Tenant;
let [customer, agent, bot, stranger]: Person[] = [];

beforeAll(async () => {
  session = await openParleySession();
  tenant = await session.createTenant();
  customer = await createPerson(session, tenant, "cleo", { displayName: "Cleo" });
  agent = await createPerson(session, tenant, "abel", { displayName: "Abel", role: User_Role.AGENT });
  bot = await createPerson(session, tenant, "robot", { displayName: "Robot", bot: true });
  stranger = await createPerson(session, tenant, "sam");
});

afterAll(() => session.close());

const createChat = async (kind: Chat_Kind, members: string[] = []) =>
  (await tenant.chats.createChat({ parent: tenant.name, chat: { kind, creator: customer!.id, members } })).name;

describe("an author", () => {
  test("is the user who calls, under the name of its profile, whatever it says", async () => {
    const group = await createChat(Chat_Kind.GROUP, [bot!.id]);
    const write = (person: Person) => person.messages.createMessage({ parent: group, message: text("hello") });
    expect((await write(customer!)).author).toMatchObject({
      ...{ user: "cleo", displayName: "Cleo", type: Author_Type.CUSTOMER },
    });
    expect((await write(bot!)).author).toMatchObject({ user: "robot", displayName: "Robot", type: Author_Type.BOT });
    const message = { ...text("hello"), author: { user: "abel" } };
    const failure = await failureOf(customer!.messages.createMessage({ parent: group, message }));
    expect(failure).toMatchObject({ code: "PermissionDenied", reason: "FIELD_DENIED" });
  });

  test("whom the backend names is of the kind of that user, and has its name where no other is given", async () => {
    const group = await createChat(Chat_Kind.GROUP);
    const write = async (author: { user: string; displayName?: string }) =>
      (await tenant.messages.createMessage({ parent: group, message: { ...text("hello"), author } })).author;
    expect(await write({ user: "cleo" })).toMatchObject({ displayName: "Cleo", type: Author_Type.CUSTOMER });
    expect(await write({ user: "abel", displayName: "A." })).toMatchObject({
      displayName: "A.",
      type: Author_Type.AGENT,
    });
    expect(await write({ user: "robot" })).toMatchObject({ type: Author_Type.BOT });
    expect(await write({ user: "unknown" })).toMatchObject({ displayName: "", type: Author_Type.BACKEND });
  });

  test("edits and deletes its own messages alone", async () => {
    const group = await createChat(Chat_Kind.GROUP, [bot!.id]);
    const { name } = await bot!.messages.createMessage({ parent: group, message: text("hello") });
    const edit = (person: Person) => person.messages.updateMessage({ message: { name, ...text("edited") } });
    expect(bodyOf(await edit(bot!))).toBe("edited");
    expect(await failureOf(edit(customer!))).toMatchObject({ code: "PermissionDenied" });
    expect(await failureOf(edit(stranger!))).toMatchObject({ reason: "RESOURCE_NOT_FOUND" });
    expect((await bot!.messages.deleteMessage({ name })).content.case).toBeUndefined();
  });

  test("reacts for itself", async () => {
    const group = await createChat(Chat_Kind.GROUP, [bot!.id]);
    const { name } = await customer!.messages.createMessage({ parent: group, message: text("hello") });
    await bot!.messages.addReaction({ name, emoji: "👍" });
    const { reactions } = await customer!.messages.addReaction({ name, emoji: "👍" });
    expect(reactions).toMatchObject([{ emoji: "👍", users: ["robot", "cleo"] }]);
    const failure = await failureOf(bot!.messages.addReaction({ name, emoji: "👍", user: "cleo" }));
    expect(failure).toMatchObject({ reason: "FIELD_DENIED" });
    expect(await failureOf(stranger!.messages.addReaction({ name, emoji: "👍" }))).toMatchObject({ code: "NotFound" });
  });
});

describe("a note in a support session", () => {
  let chat: string;
  /** 1 and 3 are of the customer, 2 and 4 notes of the agent, 5 a message of its. */
  const visible = [5, 3, 1];
  const all = [5, 4, 3, 2, 1];
  beforeAll(async () => {
    chat = await createChat(Chat_Kind.SUPPORT);
    for (const number of [1, 2, 3, 4, 5]) {
      const writer = number % 2 === 1 && number < 5 ? customer! : agent!;
      const internal = number === 2 || number === 4;
      await writer.messages.createMessage({ parent: chat, message: { ...text(`pear ${number}`), internal } });
    }
  });

  const list = async (person: { messages: Person["messages"] }, request: object = {}) =>
    (await person.messages.listMessages({ parent: chat, ...request })).messages.map(({ number }) => number);

  test("is listed for agents and the backend alone, and pages are full without it", async () => {
    for (const who of [agent!, tenant, session.admin]) expect(await list(who)).toEqual(all);
    expect(await list(customer!)).toEqual(visible);
    expect(await list(customer!, { pageSize: 2 })).toEqual([5, 3]);
    const order = ListMessagesRequest_Order.OLDEST_FIRST;
    expect(await list(customer!, { pageSize: 2, order })).toEqual([1, 3]);
    expect(await list(customer!, { pageSize: 3, position: { case: "aroundNumber", value: 2 } })).toEqual([5, 3, 1]);
    expect(await list(customer!, { author: "abel" })).toEqual([5]);
    const first = await customer!.messages.listMessages({ parent: chat, pageSize: 3 });
    expect(first.nextPageToken).toBe("");
  });

  test("is found by agents alone", async () => {
    const search = async (person: { search: Person["search"] }) =>
      (await person.search.searchMessages({ parent: chat, query: "pear" })).results.map(
        ({ message }) => message!.number,
      );
    await expect.poll(() => search(agent!), SEARCH).toEqual(all);
    expect(await search(customer!)).toEqual(visible);
  });

  test("does not exist for the customer, whatever it calls", async () => {
    const [note, absent] = [`${chat}/messages/2`, `${chat}/messages/9`];
    const calls = (name: string) => [
      customer!.messages.getMessage({ name }),
      customer!.messages.updateMessage({ message: { name, ...text("x") } }),
      customer!.messages.deleteMessage({ name }),
      customer!.messages.addReaction({ name, emoji: "👍" }),
      customer!.messages.removeReaction({ name, emoji: "👍" }),
    ];
    const missing = await failuresOf(calls(absent));
    const hidden = await failuresOf(calls(note));
    expect(JSON.parse(JSON.stringify(hidden).replaceAll(note, absent))).toEqual(missing);
    const reply = (replyTo: number) =>
      failureOf(customer!.messages.createMessage({ parent: chat, message: { ...text("x"), replyTo } }));
    const [toNote, toNothing] = [await reply(2), await reply(9)];
    expect({ ...toNote, message: toNote.message.replace("2", "9") }).toEqual(toNothing);
    const write = { parent: chat, message: { ...text("x"), internal: true } };
    expect(await failureOf(customer!.messages.createMessage(write))).toMatchObject({ reason: "FIELD_DENIED" });
  });

  test("is answered by notes, edited and deleted by its author, and its tombstone is one", async () => {
    const { name, number } = await agent!.messages.createMessage({
      parent: chat,
      message: { ...text("pear note"), internal: true, replyTo: 2 },
    });
    const edited = await agent!.messages.updateMessage({ message: { name, ...text("note") } });
    expect(edited).toMatchObject({ internal: true, replyTo: 2 });
    const shown = { parent: chat, message: { ...text("x"), replyTo: 2 } };
    expect(await failureOf(agent!.messages.createMessage(shown))).toMatchObject({ fields: ["message.reply_to"] });
    expect(await agent!.messages.deleteMessage({ name })).toMatchObject({ internal: true, replyTo: 2 });
    expect(await list(agent!)).toContain(number);
    expect(await list(customer!)).not.toContain(number);
    expect(await failureOf(customer!.messages.getMessage({ name }))).toMatchObject({ code: "NotFound" });
  });

  test("reads the same from the database", async () => {
    await session.restart();
    tenant = session.reopen(tenant);
    const reopened = (person: Person): Person => ({
      ...person,
      ...session.reopen(tenant, person.token),
      id: person.id,
    });
    [customer, agent, bot, stranger] = [customer!, agent!, bot!, stranger!].map(reopened);
    expect((await list(customer!)).slice(-3)).toEqual(visible);
    expect(await failureOf(customer!.messages.getMessage({ name: `${chat}/messages/2` }))).toMatchObject({
      code: "NotFound",
    });
  });
});

describe("what the system wrote", () => {
  test("is not edited, deleted or reacted to by anybody", async () => {
    const group = await createChat(Chat_Kind.GROUP);
    await tenant.members.addMembers({ parent: group, users: [bot!.id] });
    const [said] = (await customer!.messages.listMessages({ parent: group })).messages;
    expect(said).toMatchObject({
      author: { user: "", type: Author_Type.SYSTEM },
      content: { case: "systemEvent", value: { type: SystemEvent_Type.MEMBERS_ADDED, users: ["robot"] } },
    });
    const { name } = said!;
    expect(await tenant.messages.getMessage({ name })).toEqual(said);
    const calls = [
      tenant.messages.updateMessage({ message: { name, ...text("x") } }),
      tenant.messages.deleteMessage({ name }),
      tenant.messages.addReaction({ name, emoji: "👍", user: "cleo" }),
    ];
    for (const failure of await failuresOf(calls)) {
      expect(failure).toMatchObject({ code: "FailedPrecondition", reason: "KIND_MISMATCH" });
    }
    expect(await tenant.messages.getMessage({ name })).toEqual(said);
  });
});

describe("what a user wrote in all chats", () => {
  test("is listed for itself, where it still sees it", async () => {
    const mine = await createPerson(session, tenant, "mia");
    const [group, left] = [await createChat(Chat_Kind.GROUP, ["mia"]), await createChat(Chat_Kind.GROUP, ["mia"])];
    for (const parent of [group, left]) await mine.messages.createMessage({ parent, message: text(parent) });
    const request = { parent: `${tenant.name}/chats/-`, author: "mia" };
    const list = async () => (await mine.messages.listMessages(request)).messages.map(bodyOf);
    expect(await list()).toEqual([left, group]);
    await mine.members.removeMember({ name: `${left}/members/mia` });
    expect(await list()).toEqual([group]);
    expect((await tenant.messages.listMessages(request)).messages.map(bodyOf)).toEqual([left, group]);
    expect(await failureOf(customer!.messages.listMessages(request))).toMatchObject({ code: "PermissionDenied" });
  });
});
