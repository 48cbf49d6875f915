import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Chat_Kind } from "../../../gen/parley/v1/chat_pb.ts";
import { Member_Role } from "../../../gen/parley/v1/member_pb.ts";
import { createUser } from "../stores.ts";
import { chatWrite, createRequest } from "../writes.ts";
import { add, MembersScene } from "./members-scene.ts";

const { MEMBER, OWNER } = Member_Role;
const { GROUP, DIRECT, SUPPORT } = Chat_Kind;

let scene: MembersScene;
beforeAll(async () => {
  scene = await MembersScene.open();
});
afterAll(() => scene.close());

describe("a new chat", () => {
  test.each([
    ["a group has its creator as owner", GROUP, ["bob", "cid"], { ada: OWNER, bob: MEMBER, cid: MEMBER }],
    ["a direct chat has two equals", DIRECT, ["bob"], { ada: MEMBER, bob: MEMBER }],
    ["a support session has its customer", SUPPORT, [], { ada: MEMBER }],
    ["an open chat has no members", Chat_Kind.OPEN, [], {}],
    ["who is named twice is a member once", GROUP, ["bob", "bob", "ada"], { ada: OWNER, bob: MEMBER }],
    ["who is no user, or no longer, is left out", GROUP, ["gus"], { ada: OWNER }],
    ["but of a direct chat, which has two", DIRECT, ["gus"], { ada: MEMBER, gus: MEMBER }],
  ])("%s", async (_, kind, named, expected) => {
    const chat = await scene.createChat(named, kind);
    expect(await scene.roles(chat)).toEqual(expected);
    expect(await scene.writer.findChat(chat)).toMatchObject({ membersCount: Object.keys(expected).length, kind });
  });

  test.each([
    ["is owned by the first of its members by their ids", ["dan", "bob"], { bob: OWNER, dan: MEMBER }],
    ["is empty where there is no other, until its next member comes as its owner", [], {}],
  ])("that is a group whose creator is deleted meanwhile %s", async (_, members, expected) => {
    const application = await scene.newApplication();
    const chat = { application, chat: 1 };
    await scene.writer.apply(chatWrite(chat, { kind: GROUP, creator: "gus", members }));
    expect(await scene.roles(chat)).toEqual(expected);
    expect(await scene.membersCount(chat)).toBe(members.length);
    expect(await scene.outcomes(add(chat, 1, ["eve"], { role: OWNER }))).toEqual([1]);
  });

  test("that is queued twice has its members once", async () => {
    const chat = { application: await scene.writer.createApplication(), chat: 1 };
    await createUser(scene.writer.stores.database, chat.application, "ada");
    const request = createRequest(randomUUID());
    const twin = chatWrite(chat, { kind: GROUP, creator: "ada", request });
    await scene.writer.apply(twin, twin);
    await scene.writer.apply(twin);
    expect(await scene.roles(chat)).toEqual({ ada: OWNER });
    expect(scene.writer.letters).toEqual([]);
  });
});
