import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { Chat_Kind } from "../../gen/parley/v1/chat_pb.ts";
import { Member_Role } from "../../gen/parley/v1/member_pb.ts";
import { type Message, SystemEvent_Type } from "../../gen/parley/v1/message_pb.ts";
import { timestampFromMillis } from "../../services/aip/timestamp.ts";
import { failureFrom, failureOf } from "../failure.ts";
import { text } from "../message-text.ts";
import { openParleySession, type ParleySession } from "../parley-session.ts";
import { createPerson, type Person } from "../person.ts";
import { exchange } from "../rest-transport.ts";
import type { Services, Tenant } from "../tenant.ts";

const { MEMBER, ADMIN, OWNER } = Member_Role;
const DAY_MS = 86_400_000;

let session: ParleySession;
let tenant: Tenant;
let ada: Person;
let bob: Person;
let cid: Person;
let dan: Person;

beforeAll(async () => {
  session = await openParleySession();
});
afterAll(() => session.close());

beforeEach(async () => {
  tenant = await session.createTenant();
  const people = ["ada", "bob", "cid", "dan"].map((id) => createPerson(session, tenant, id));
  [ada, bob, cid, dan] = (await Promise.all(people)) as [Person, Person, Person, Person];
});

/** A group of ada's; resolves with its name. */
async function createGroup(members: string[] = ["bob"], creator = ada): Promise<string> {
  const chat = { kind: Chat_Kind.GROUP, title: "Group" };
  return (await creator.chats.createChat({ parent: tenant.name, chat: { ...chat, members } })).name;
}

const add = ({ members }: Services, parent: string, ...users: string[]) => members.addMembers({ parent, users });
const leave = ({ members, id }: Person, chat: string) => members.removeMember({ name: `${chat}/members/${id}` });
const setRole = ({ members }: Services, chat: string, user: string, role: Member_Role) =>
  members.updateMember({ member: { name: `${chat}/members/${user}`, role } });
const say = ({ messages }: Services, parent: string, body = "hello") =>
  messages.createMessage({ parent, message: text(body) });

/** Who is in a chat, and as what, as the backend sees it. */
async function rolesIn(parent: string): Promise<Record<string, Member_Role>> {
  const { members } = await tenant.members.listMembers({ parent });
  return Object.fromEntries(members.map(({ user, role }) => [user, role]));
}

async function messagesIn({ messages }: Services, parent: string): Promise<Message[]> {
  return (await messages.listMessages({ parent })).messages.reverse();
}

/** What calls that run at the same time come to: "done", or the reason of their failure. */
async function outcomesOf(calls: readonly Promise<unknown>[]): Promise<(string | undefined)[]> {
  const settled = await Promise.allSettled(calls);
  return settled.map((call) => (call.status === "fulfilled" ? "done" : failureFrom(call.reason).reason));
}

describe("a group", () => {
  test("has an owner, also where its creator is deleted at the same time", async () => {
    const ids = Array.from({ length: 24 }, (_, index) => `creator${index}`);
    const creators = await Promise.all(ids.map((id) => createPerson(session, tenant, id)));
    const creates = creators.map(async (creator) => {
      const [created] = await Promise.allSettled([
        createGroup(["bob"], creator),
        tenant.users.deleteUser({ name: creator.name }),
      ]);
      return created.status === "fulfilled" ? [created.value] : [];
    });
    const groups = (await Promise.all(creates)).flat();
    expect(groups).not.toEqual([]);
    for (const group of groups) expect(await rolesIn(group)).toEqual({ bob: OWNER });
  });

  test("is its members', from the beginning, and nobody else's", async () => {
    const name = await createGroup(["bob", "cid"]);
    expect(await rolesIn(name)).toEqual({ ada: OWNER, bob: MEMBER, cid: MEMBER });
    for (const member of [ada, bob, cid]) {
      const chat = await member.chats.getChat({ name });
      expect(chat).toMatchObject({ creator: "ada", membersCount: 3, membership: { user: member.id } });
      await say(member, name);
    }
    const missing = `${tenant.name}/chats/99`;
    for (const chat of [name, missing]) {
      expect(await failureOf(dan.chats.getChat({ name: chat }))).toMatchObject({
        reason: "RESOURCE_NOT_FOUND",
        message: (await failureOf(dan.chats.getChat({ name: missing }))).message.replace(missing, chat),
      });
    }
    expect((await dan.chats.listChats({ parent: tenant.name })).chats).toEqual([]);
  });

  test("gets members who see it at once, and it says so", async () => {
    const name = await createGroup();
    expect((await failureOf(say(dan, name))).code).toBe("NotFound");
    const { members } = await add(ada, name, "dan", "cid", "bob");
    expect(members.map(({ user, role }) => [user, role])).toEqual([
      ["dan", MEMBER],
      ["cid", MEMBER],
      ["bob", MEMBER],
    ]);
    await say(dan, name);
    const [told, said] = await messagesIn(dan, name);
    expect(told).toMatchObject({
      number: 1,
      content: { value: { type: SystemEvent_Type.MEMBERS_ADDED, actor: "ada", users: ["dan", "cid"] } },
    });
    expect(said).toMatchObject({ number: 2, author: { user: "dan" } });
  });

  test("is gone for who is removed, at once", async () => {
    const name = await createGroup(["bob", "cid"]);
    await say(bob, name);
    await ada.members.removeMember({ name: `${name}/members/bob` });
    expect((await failureOf(say(bob, name))).code).toBe("NotFound");
    expect((await failureOf(bob.chats.getChat({ name }))).code).toBe("NotFound");
    await leave(cid, name);
    expect((await failureOf(messagesIn(cid, name))).code).toBe("NotFound");
    const events = (await messagesIn(ada, name)).map(({ content }) => content.value);
    expect(events).toMatchObject([
      "hello",
      { type: SystemEvent_Type.MEMBERS_REMOVED, users: ["bob"] },
      { type: SystemEvent_Type.MEMBERS_LEFT, users: ["cid"] },
    ]);
  });

  test("obeys roles", async () => {
    const name = await createGroup(["bob", "cid"]);
    expect(await failureOf(add(bob, name, "dan"))).toMatchObject({ code: "PermissionDenied" });
    expect(await setRole(ada, name, "bob", ADMIN)).toMatchObject({ user: "bob", role: ADMIN });
    await add(bob, name, "dan");
    expect(await failureOf(setRole(bob, name, "dan", ADMIN))).toMatchObject({ code: "PermissionDenied" });
    const failure = await failureOf(bob.members.removeMember({ name: `${name}/members/ada` }));
    expect(failure).toMatchObject({ reason: "ROLE_DENIED", metadata: { resource: `${name}/members/ada` } });
    expect(await rolesIn(name)).toEqual({ ada: OWNER, bob: ADMIN, cid: MEMBER, dan: MEMBER });
  });

  test("has its creator as an owner again once another owner says so", async () => {
    const name = await createGroup();
    await setRole(ada, name, "bob", OWNER);
    await setRole(ada, name, "ada", MEMBER);
    await setRole(bob, name, "ada", OWNER);
    expect(await failureOf(setRole(bob, name, "ada", ADMIN))).toMatchObject({ reason: "ROLE_DENIED" });
    expect(await rolesIn(name)).toEqual({ ada: OWNER, bob: OWNER });
  });

  test("silences who is muted, and is gone for who is banned, until that ends", async () => {
    const name = await createGroup();
    const until = timestampFromMillis(Date.now() + DAY_MS);
    const member = { name: `${name}/members/bob` };
    await ada.members.updateMember({ member: { ...member, muteExpireTime: until } });
    expect((await failureOf(say(bob, name))).reason).toBe("MUTED");
    expect(await messagesIn(bob, name)).toHaveLength(1);
    await ada.members.updateMember({ member: { ...member, banExpireTime: until } });
    expect((await failureOf(messagesIn(bob, name))).code).toBe("NotFound");
    expect((await bob.chats.listChats({ parent: tenant.name })).chats).toEqual([]);
    const updateMask = { paths: ["mute_expire_time", "ban_expire_time"] };
    await ada.members.updateMember({ member, updateMask });
    await say(bob, name);
    expect((await bob.members.getMember(member)).muteExpireTime).toBeUndefined();
  });

  test("lets a mute be lifted over REST, by a key without a value", async () => {
    const name = await createGroup();
    const member = { name: `${name}/members/bob` };
    const until = timestampFromMillis(Date.now() + DAY_MS);
    await ada.members.updateMember({ member: { ...member, muteExpireTime: until } });
    const headers = { authorization: `Bearer ${ada.token}`, "content-type": "application/json" };
    const patch = { method: "PATCH", headers, body: Buffer.from('{"muteExpireTime":null}') };
    const answer = await exchange(`${session.address}/v1/${member.name}`, patch);
    expect(JSON.parse(answer.body.toString())).toMatchObject({ user: "bob", role: "ROLE_MEMBER" });
    await say(bob, name);
  });

  test("refuses what its kind or its members do not allow", async () => {
    const name = await createGroup();
    expect(await failureOf(add(tenant, name, "bob", "gus"))).toMatchObject({ fields: ["users[1]"] });
    expect(await failureOf(leave(ada, name))).toMatchObject({
      reason: "LAST_OWNER",
      message: `${name}/members/ada is the chat's only owner: make another one first, by UpdateMember or AddMembers with role ROLE_OWNER`,
    });
    const unknown = `${name}/members/dan`;
    const { getMember, removeMember } = tenant.members;
    for (const call of [getMember, removeMember]) {
      expect(await failureOf(call({ name: unknown }))).toMatchObject({
        code: "NotFound",
        metadata: { resource: unknown },
      });
    }
  });

  test("that is empty says that it needs an owner", async () => {
    const name = await createGroup([]);
    await leave(ada, name);
    expect(await failureOf(add(tenant, name, "bob"))).toMatchObject({
      reason: "LAST_OWNER",
      message: `${name} has no members: add the first one as its owner, by AddMembers with role ROLE_OWNER`,
    });
  });

  test("that is no group says what it does not have", async () => {
    const direct = { kind: Chat_Kind.DIRECT, members: ["bob"] };
    const { name: pair } = await ada.chats.createChat({ parent: tenant.name, chat: direct });
    const { name: session } = await ada.chats.createChat({ parent: tenant.name, chat: { kind: Chat_Kind.SUPPORT } });
    const muted = { name: `${pair}/members/bob`, muteExpireTime: timestampFromMillis(Date.now() + DAY_MS) };
    const refused: [chat: string, kind: string, call: () => Promise<unknown>, lacks: string][] = [
      [pair, "DIRECT", () => add(tenant, pair, "dan"), "nobody is added to it"],
      [pair, "DIRECT", () => leave(ada, pair), "nobody leaves it"],
      [pair, "DIRECT", () => setRole(tenant, pair, "bob", ADMIN), "its members have no roles"],
      [pair, "DIRECT", () => tenant.members.updateMember({ member: muted }), "nobody is muted or banned in it"],
      [session, "SUPPORT", () => setRole(tenant, session, "ada", ADMIN), "its members have no roles"],
      [session, "SUPPORT", () => leave(ada, session), "nobody leaves it"],
    ];
    for (const [resource, kind, call, lacks] of refused) {
      const failure = await failureOf(call());
      expect(failure).toMatchObject({ code: "FailedPrecondition", reason: "KIND_MISMATCH", metadata: { resource } });
      expect(failure.message).toContain(`${resource} is of the kind ${kind}: ${lacks}`);
    }
    expect((await say(ada, pair)).number).toBe(1);
  });

  test("shows its members by the names and pictures that they have now", async () => {
    const name = await createGroup(["bob", "cid"]);
    const update = (id: string, user: object) =>
      tenant.users.updateUser({ user: { name: `${tenant.name}/users/${id}`, ...user } });
    await update("bob", { displayName: "Bob", avatarUrl: "https://example.com/bob.png" });
    await update("dan", { displayName: "Dan" });
    const shown = { user: "bob", displayName: "Bob", avatarUrl: "https://example.com/bob.png" };
    expect(await cid.members.getMember({ name: `${name}/members/bob` })).toMatchObject(shown);
    expect(await setRole(ada, name, "bob", ADMIN)).toMatchObject({ ...shown, role: ADMIN });
    for (const answer of [await add(ada, name, "bob", "dan"), await add(ada, name, "bob", "dan")]) {
      expect(answer.members).toMatchObject([shown, { user: "dan", displayName: "Dan", avatarUrl: "" }]);
    }
    await update("bob", { displayName: "Robert" });
    const { members } = await cid.members.listMembers({ parent: name });
    expect(members.map(({ displayName, avatarUrl }) => [displayName, avatarUrl])).toEqual([
      ["", ""],
      ["Robert", shown.avatarUrl],
      ["", ""],
      ["Dan", ""],
    ]);
  });

  test("lists its members by their ids, in pages", async () => {
    const name = await createGroup(["cid", "dan", "bob"]);
    const first = await bob.members.listMembers({ parent: name, pageSize: 3 });
    const second = await bob.members.listMembers({ parent: name, pageSize: 3, pageToken: first.nextPageToken });
    const ids = [first, second].map(({ members }) => members.map(({ user }) => user));
    expect(ids).toEqual([["ada", "bob", "cid"], ["dan"]]);
    expect(second.nextPageToken).toBe("");
  });
});

describe("at the same time", () => {
  test("two owners who leave leave one", async () => {
    const name = await createGroup(["bob", "cid"]);
    await setRole(ada, name, "bob", OWNER);
    const outcomes = await outcomesOf([leave(ada, name), leave(bob, name)]);
    expect(outcomes.sort()).toEqual(["LAST_OWNER", "done"]);
    expect(Object.values(await rolesIn(name)).sort()).toEqual([MEMBER, OWNER]);
  });

  test("adding the same user many times makes one member, told of once", async () => {
    const name = await createGroup();
    const calls = Array.from({ length: 10 }, (_, index) => add([ada, tenant][index % 2]!, name, "dan"));
    expect(await outcomesOf(calls)).toEqual(Array(10).fill("done"));
    expect(await rolesIn(name)).toEqual({ ada: OWNER, bob: MEMBER, dan: MEMBER });
    expect(await messagesIn(ada, name)).toHaveLength(1);
    const { number } = await say(ada, name);
    await add(ada, name, "dan", "bob", "dan");
    expect((await say(ada, name)).number).toBe(number + 1);
    expect((await ada.chats.getChat({ name })).membersCount).toBe(3);
  });

  test("who is removed while it sends is told so: nothing is lost that was answered", async () => {
    const name = await createGroup();
    const sent: string[] = [];
    const send = async () => {
      for (let index = 0; index < 1_000; index++) {
        const body = `message ${index}`;
        try {
          await say(bob, name, body);
        } catch (error) {
          return failureFrom(error).code;
        }
        sent.push(body);
      }
      return "never removed";
    };
    const sending = send();
    await expect.poll(() => sent.length).toBeGreaterThan(3);
    await ada.members.removeMember({ name: `${name}/members/bob` });
    expect(await sending).toBe("NotFound");
    const { messages } = await ada.messages.listMessages({ parent: name, author: "bob", pageSize: 500 });
    expect(messages.map(({ content }) => content.value).reverse()).toEqual(sent);
    expect((await failureOf(say(bob, name))).code).toBe("NotFound");
  });

  test("demoting each other, each of two owners but the creator may; the last stays", async () => {
    const name = await createGroup(["bob", "cid"], ada);
    await Promise.all(["bob", "cid"].map((user) => setRole(ada, name, user, OWNER)));
    const demote = (by: Services, user: string) => setRole(by, name, user, MEMBER);
    const outcomes = await outcomesOf([demote(bob, "cid"), demote(cid, "bob"), demote(ada, "ada")]);
    expect(Object.values(await rolesIn(name))).toContain(OWNER);
    expect(outcomes).toContain("done");
  });
});

describe("a read position", () => {
  test("counts what others wrote since, and moves forward alone", async () => {
    const name = await createGroup();
    for (const body of ["1", "2", "3"]) await say(ada, name, body);
    const unread = async ({ chats }: Services) => (await chats.getChat({ name })).unreadCount;
    expect(await Promise.all([ada, bob].map(unread))).toEqual([0, 3]);
    await bob.members.markRead({ parent: name, number: 2 });
    expect(await unread(bob)).toBe(1);
    await bob.members.markRead({ parent: name, number: 1 });
    expect(await unread(bob)).toBe(1);
    await tenant.members.markRead({ parent: name, number: 700, user: "bob" });
    expect((await bob.members.getMember({ name: `${name}/members/bob` })).readNumber).toBe(3);
    const deleted = await say(ada, name, "4");
    await add(ada, name, "dan");
    expect(await unread(bob)).toBe(1);
    await ada.messages.deleteMessage({ name: deleted.name });
    expect(await unread(bob)).toBe(0);
  });

  test("is a member's: the backend says whose", async () => {
    const name = await createGroup();
    expect(await failureOf(tenant.members.markRead({ parent: name, number: 1 }))).toMatchObject({ fields: ["user"] });
    const call = tenant.members.markRead({ parent: name, number: 1, user: "dan" });
    expect(await failureOf(call)).toMatchObject({ code: "NotFound" });
    expect((await failureOf(dan.members.markRead({ parent: name, number: 1 }))).code).toBe("NotFound");
  });
});

test("a user who is deleted is a member nowhere, and its group has another owner", async () => {
  const name = await createGroup(["bob", "cid"]);
  await setRole(ada, name, "cid", ADMIN);
  await tenant.users.deleteUser({ name: ada.name });
  await expect.poll(() => rolesIn(name)).toEqual({ bob: MEMBER, cid: OWNER });
  expect((await tenant.chats.getChat({ name })).membersCount).toBe(2);
  await add(cid, name, "dan");
});
