import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Chat_Kind } from "../../../gen/parley/v1/chat_pb.ts";
import { Member_Role } from "../../../gen/parley/v1/member_pb.ts";
import { Author_Type, SystemEvent_Type } from "../../../gen/parley/v1/message_pb.ts";
import { parseSystemEvent } from "../../../services/message/stored-system-event.ts";
import { recentBatch } from "../message/recent-batch.ts";
import { deleteChatWrite, messageWrite, newMessage, readWrite } from "../writes.ts";
import { add, JUDGED_MS, LATER, MembersScene, outcomeOf, remove, update } from "./members-scene.ts";
import { nameOf } from "./writer-scene.ts";

const { MEMBER, ADMIN, OWNER } = Member_Role;
const { DIRECT, SUPPORT } = Chat_Kind;

let scene: MembersScene;
beforeAll(async () => {
  scene = await MembersScene.open();
});
afterAll(() => scene.close());

describe("members who are added", () => {
  test("are told of in the chat, at that place in the queue", async () => {
    const chat = await scene.createChat([]);
    const [verdict] = await scene.writer.apply(
      add(chat, 1, ["bob", "cid"], { actor: "ada", role: ADMIN }),
      messageWrite(chat, 2),
    );
    expect(verdict!.outcome).toMatchObject({
      case: "members",
      value: { members: [{ user: "bob", role: ADMIN }, { user: "cid" }], removed: [], message: { number: 1 } },
    });
    const row = (await scene.writer.findMessage(chat, 1))!;
    expect(row).toMatchObject({ body: null, authorType: Author_Type.SYSTEM, createSeq: Number(verdict!.changeMark) });
    const event = { type: SystemEvent_Type.MEMBERS_ADDED, actor: "ada", users: ["bob", "cid"] };
    expect(parseSystemEvent(row.systemEvent!)).toMatchObject(event);
    expect(await scene.roles(chat)).toEqual({ ada: OWNER, bob: ADMIN, cid: ADMIN });
    expect(await scene.writer.findChat(chat)).toMatchObject({ membersCount: 3, lastNumber: 2, revision: 1 });
  });

  test("twice are members once, and stay as they are", async () => {
    const chat = await scene.createChat(["bob"]);
    const adds = [add(chat, 1, ["bob", "cid"], { role: ADMIN }), add(chat, 2, ["cid", "dan"]), add(chat, 3, ["dan"])];
    const verdicts = await scene.writer.apply(...adds);
    expect(verdicts.map(outcomeOf)).toEqual([1, 2, "unchanged"]);
    expect(parseSystemEvent((await scene.writer.findMessage(chat, 2))!.systemEvent!).users).toEqual(["dan"]);
    expect(await scene.roles(chat)).toEqual({ ada: OWNER, bob: MEMBER, cid: ADMIN, dan: MEMBER });
    expect(await scene.writer.numbers(chat)).toEqual([1, 2]);
    expect(await scene.writer.findChat(chat)).toMatchObject({ membersCount: 4, lastNumber: 3 });
  });

  test("are as many as there may be", async () => {
    const chat = await scene.createChat(["bob"]);
    expect(await scene.outcomes(add(chat, 1, ["cid", "dan"], { max: 3 }))).toEqual(["FULL"]);
    expect(await scene.outcomes(add(chat, 2, ["bob", "cid"], { max: 3 }), add(chat, 3, ["bob"], { max: 3 }))).toEqual([
      2,
      "unchanged",
    ]);
    expect(await scene.membersCount(chat)).toBe(3);
  });

  test("are users of the application when that is judged", async () => {
    const chat = await scene.createChat([]);
    expect(await scene.outcomes(add(chat, 1, ["gus"]), add(chat, 2, ["gus", "bob"]))).toEqual(["unchanged", 2]);
    expect(await scene.roles(chat)).toEqual({ ada: OWNER, bob: MEMBER });
  });
});

test.each([DIRECT, SUPPORT, Chat_Kind.OPEN])("in a chat of the kind %i members neither come nor go", async (kind) => {
  const chat = await scene.createChat(kind === DIRECT ? ["bob"] : [], kind);
  const writes = [add(chat, 1, ["dan"]), remove(chat, 2, "ada"), update(chat, 3, "bob", { role: ADMIN })];
  expect(await scene.outcomes(...writes)).toEqual(Array(3).fill("KIND_MISMATCH"));
});

test("what is refused leaves its number unused, and higher ones follow", async () => {
  const chat = await scene.createChat([]);
  expect(await scene.outcomes(remove(chat, 1, "dan"))).toEqual(["NOT_FOUND"]);
  expect(await scene.writer.findChat(chat)).toMatchObject({ lastNumber: 1, membersCount: 1, lastMessageTime: null });
  const gone = await scene.createChat([]);
  expect(await scene.outcomes(deleteChatWrite(nameOf(gone)), add(gone, 1, ["bob"]))).toEqual(["deleted", "NOT_FOUND"]);
});

test("who is removed and added again in one record begins anew", async () => {
  const chat = await scene.createChat(["bob"]);
  await scene.writer.apply(
    messageWrite(chat, 1),
    readWrite({ ...chat, user: "bob" }, 1),
    update(chat, 2, "bob", { muteExpireTime: LATER }),
  );
  expect(await scene.outcomes(remove(chat, 3, "bob"), add(chat, 4, ["bob"]))).toEqual([3, 4]);
  const row = await scene.findMember(chat, "bob");
  expect(row).toMatchObject({ readNumber: 0, muteExpireTime: null, joinTime: JUDGED_MS, role: MEMBER });
  expect(await scene.membersCount(chat)).toBe(2);
});

test("a system message goes into what is held of the chat, so that pages stay whole", async () => {
  const chat = await scene.createChat([]);
  await scene.writer.recents.add(
    [recentBatch(chat, [newMessage(chat, 1)])],
    (await scene.writer.stores.queue.end()) + 1,
  );
  await scene.writer.apply(messageWrite(chat, 1));
  await scene.writer.recents.add(
    [recentBatch(chat, [newMessage(chat, 3)])],
    (await scene.writer.stores.queue.end()) + 1,
  );
  await scene.writer.apply(add(chat, 2, ["bob"]), messageWrite(chat, 3));
  expect((await scene.writer.recent(chat))!.map(({ number }) => number)).toEqual([1, 2, 3]);
});
