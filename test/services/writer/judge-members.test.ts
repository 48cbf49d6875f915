import { randomUUID } from "node:crypto";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  AddMembersSchema,
  type Applied,
  Refusal_ReasonSchema,
  UpdateMemberSchema,
  type Write,
} from "../../../gen/parley/queue/v1/record_pb.ts";
import { Chat_Kind } from "../../../gen/parley/v1/chat_pb.ts";
import { Member_Role, type MemberSchema } from "../../../gen/parley/v1/member_pb.ts";
import { Author_Type, SystemEvent_Type } from "../../../gen/parley/v1/message_pb.ts";
import { type ChatName, formatMemberName, formatUserName } from "../../../services/aip/resource-name.ts";
import { timestampFromMillis } from "../../../services/aip/timestamp.ts";
import { parseSystemEvent } from "../../../services/message/stored-system-event.ts";
import { recentBatch } from "../message/recent-batch.ts";
import { createUser } from "../stores.ts";
import {
  appendRecord,
  CREATE_TIME_MS,
  chatWrite,
  createRequest,
  deleteChatWrite,
  membersWrite,
  messageWrite,
  mutationWrite,
  newMessage,
  readWrite,
  verdictsAfter,
} from "../writes.ts";
import { nameOf, WriterScene } from "./writer-scene.ts";

const { MEMBER, ADMIN, OWNER } = Member_Role;
const { GROUP, DIRECT, SUPPORT } = Chat_Kind;
const JUDGED_MS = CREATE_TIME_MS + 1_000;
const LATER = timestampFromMillis(JUDGED_MS + 60_000);
const USERS = ["ada", "bob", "cid", "dan", "eve", "fay"];

let scene: WriterScene;
beforeAll(async () => {
  scene = await WriterScene.open();
});
afterAll(() => scene.close());

/** A chat of ada's, with members, in an application with users. */
async function createChat(members: string[] = ["bob", "cid"], kind: Chat_Kind = GROUP): Promise<ChatName> {
  const name = { application: await scene.createApplication(), chat: 1 };
  for (const user of USERS) await createUser(scene.stores.database, name.application, user);
  await scene.apply(chatWrite(name, { kind, creator: "ada", members }));
  return name;
}

/** A group in which ada, the creator, and bob are OWNERs, cid is ADMIN, and dan and eve are plain. */
async function createStaffed(): Promise<ChatName> {
  const chat = await createChat(["bob", "cid", "dan", "eve"]);
  await scene.apply(update(chat, 1, "bob", { role: OWNER }), update(chat, 2, "cid", { role: ADMIN }));
  return chat;
}

type By = { actor?: string };
type Fields = Omit<MessageInitShape<typeof MemberSchema>, "$typeName">;

function add(
  chat: ChatName,
  number: number,
  users: string[],
  { role = MEMBER as Member_Role, max = 10, ...by }: By & { role?: Member_Role; max?: number } = {},
) {
  const value = create(AddMembersSchema, { users, role, membersMax: max });
  return membersWrite(chat, number, { case: "add", value }, by);
}

function update(chat: ChatName, number: number, user: string, fields: Fields & { unset?: string[] }, by: By = {}) {
  const { unset = [], ...set } = fields;
  const paths = { role: "role", muteExpireTime: "mute_expire_time", banExpireTime: "ban_expire_time" };
  const value = create(UpdateMemberSchema, {
    member: { name: formatMemberName({ ...chat, user }), ...set },
    fields: [...Object.keys(set).map((key) => paths[key as keyof typeof paths]), ...unset],
  });
  return membersWrite(chat, number, { case: "update", value }, by);
}

const remove = (chat: ChatName, number: number, user: string, by: By = {}) =>
  membersWrite(chat, number, { case: "remove", value: user }, by);

const erase = (application: string, user: string) =>
  mutationWrite({
    case: "eraseUser",
    value: { $typeName: "parley.queue.v1.EraseUser", name: formatUserName({ application, user }) },
  });

/** Why a change was refused; else its system message's number, or "unchanged". */
function outcomeOf({ outcome }: Applied): number | string {
  if (outcome.case === "refusal") return Refusal_ReasonSchema.value[outcome.value.reason]!.localName;
  if (outcome.case !== "members") return outcome.case ?? "none";
  return outcome.value.message?.number ?? "unchanged";
}

const outcomes = async (...writes: Write[]) => (await scene.apply(...writes)).map(outcomeOf);

/** The members of a chat, by their ids. */
async function members({ application, chat }: ChatName): Promise<Record<string, number>> {
  const rows = await scene.stores.database.members.findAll({
    where: { application, chat },
    order: ["user"],
    raw: true,
  });
  return Object.fromEntries(rows.map(({ user, role }) => [user, role]));
}

async function membersCount(chat: ChatName): Promise<number> {
  return (await scene.findChat(chat))!.membersCount;
}

describe("a new chat", () => {
  test.each([
    ["a group has its creator as owner", GROUP, ["bob", "cid"], { ada: OWNER, bob: MEMBER, cid: MEMBER }],
    ["a direct chat has two equals", DIRECT, ["bob"], { ada: MEMBER, bob: MEMBER }],
    ["a support session has its customer", SUPPORT, [], { ada: MEMBER }],
    ["an open chat has no members", Chat_Kind.OPEN, [], {}],
    ["who is named twice is a member once", GROUP, ["bob", "bob", "ada"], { ada: OWNER, bob: MEMBER }],
    ["who is no user, or no longer, is left out", GROUP, ["gus"], { ada: OWNER }],
  ])("%s", async (_, kind, named, expected) => {
    const chat = await createChat(named, kind);
    expect(await members(chat)).toEqual(expected);
    expect(await scene.findChat(chat)).toMatchObject({ membersCount: Object.keys(expected).length, kind });
  });

  test("that is queued twice has its members once", async () => {
    const chat = { application: await scene.createApplication(), chat: 1 };
    await createUser(scene.stores.database, chat.application, "ada");
    const request = createRequest(randomUUID());
    const twin = chatWrite(chat, { kind: GROUP, creator: "ada", request });
    await scene.apply(twin, twin);
    await scene.apply(twin);
    expect(await members(chat)).toEqual({ ada: OWNER });
    expect(scene.letters).toEqual([]);
  });
});

describe("members who are added", () => {
  test("are told of in the chat, at that place in the queue", async () => {
    const chat = await createChat([]);
    const [verdict] = await scene.apply(
      add(chat, 1, ["bob", "cid"], { actor: "ada", role: ADMIN }),
      messageWrite(chat, 2),
    );
    expect(verdict!.outcome).toMatchObject({
      case: "members",
      value: { members: [{ user: "bob", role: ADMIN }, { user: "cid" }], removed: [], message: { number: 1 } },
    });
    const row = (await scene.findMessage(chat, 1))!;
    expect(row).toMatchObject({ body: null, authorType: Author_Type.SYSTEM, createSeq: Number(verdict!.changeMark) });
    const event = { type: SystemEvent_Type.MEMBERS_ADDED, actor: "ada", users: ["bob", "cid"] };
    expect(parseSystemEvent(row.systemEvent!)).toMatchObject(event);
    expect(await members(chat)).toEqual({ ada: OWNER, bob: ADMIN, cid: ADMIN });
    expect(await scene.findChat(chat)).toMatchObject({ membersCount: 3, lastNumber: 2, revision: 1 });
  });

  test("twice are members once, and stay as they are", async () => {
    const chat = await createChat(["bob"]);
    const adds = [add(chat, 1, ["bob", "cid"], { role: ADMIN }), add(chat, 2, ["cid", "dan"]), add(chat, 3, ["dan"])];
    const verdicts = await scene.apply(...adds);
    expect(verdicts.map(outcomeOf)).toEqual([1, 2, "unchanged"]);
    expect(parseSystemEvent((await scene.findMessage(chat, 2))!.systemEvent!).users).toEqual(["dan"]);
    expect(await members(chat)).toEqual({ ada: OWNER, bob: MEMBER, cid: ADMIN, dan: MEMBER });
    expect(await scene.numbers(chat)).toEqual([1, 2]);
    expect(await scene.findChat(chat)).toMatchObject({ membersCount: 4, lastNumber: 3 });
  });

  test("are as many as there may be", async () => {
    const chat = await createChat(["bob"]);
    expect(await outcomes(add(chat, 1, ["cid", "dan"], { max: 3 }))).toEqual(["FULL"]);
    expect(await outcomes(add(chat, 2, ["bob", "cid"], { max: 3 }), add(chat, 3, ["bob"], { max: 3 }))).toEqual([
      2,
      "unchanged",
    ]);
    expect(await membersCount(chat)).toBe(3);
  });

  test("are users of the application when that is judged", async () => {
    const chat = await createChat([]);
    expect(await outcomes(add(chat, 1, ["gus"]), add(chat, 2, ["gus", "bob"]))).toEqual(["unchanged", 2]);
    expect(await members(chat)).toEqual({ ada: OWNER, bob: MEMBER });
  });
});

describe("roles allow", () => {
  test("an owner to add any, an ADMIN plain members, and others nobody", async () => {
    const chat = await createStaffed();
    const by = (actor: string, role: Member_Role, number: number) => add(chat, number, ["fay"], { actor, role });
    expect(
      await outcomes(by("dan", MEMBER, 3), by("cid", ADMIN, 4), by("cid", OWNER, 5), by("fay", MEMBER, 6)),
    ).toEqual(["ROLE_DENIED", "ROLE_DENIED", "ROLE_DENIED", "NOT_FOUND"]);
    expect(await outcomes(by("cid", MEMBER, 7), remove(chat, 8, "fay"), by("bob", OWNER, 9))).toEqual([7, 8, 9]);
    expect(await members(chat)).toMatchObject({ fay: OWNER });
  });

  test("an ADMIN to remove, mute and ban plain members alone", async () => {
    const chat = await createStaffed();
    const mute = { muteExpireTime: LATER };
    const by = { actor: "cid" };
    for (const [number, target] of ["ada", "bob", "cid"].entries()) {
      const writes = [
        update(chat, 10 + number, target, mute, by),
        update(chat, 20 + number, target, { banExpireTime: LATER }, by),
      ];
      expect(await outcomes(...writes)).toEqual(["ROLE_DENIED", "ROLE_DENIED"]);
    }
    expect(await outcomes(remove(chat, 30, "ada", by), remove(chat, 31, "bob", by))).toEqual([
      "ROLE_DENIED",
      "ROLE_DENIED",
    ]);
    expect(await outcomes(update(chat, 32, "dan", { role: ADMIN }, by))).toEqual(["ROLE_DENIED"]);
    expect(await outcomes(update(chat, 33, "dan", mute, by), remove(chat, 34, "eve", by))).toEqual([33, 34]);
  });

  test("a plain member to leave, and nothing else", async () => {
    const chat = await createStaffed();
    const by = { actor: "dan" };
    expect(
      await outcomes(
        remove(chat, 3, "eve", by),
        update(chat, 4, "dan", { role: ADMIN }, by),
        update(chat, 5, "eve", { muteExpireTime: LATER }, by),
        remove(chat, 6, "dan", by),
        remove(chat, 7, "dan", by),
      ),
    ).toEqual(["ROLE_DENIED", "ROLE_DENIED", "ROLE_DENIED", 6, "NOT_FOUND"]);
    const { type, users, actor } = parseSystemEvent((await scene.findMessage(chat, 6))!.systemEvent!);
    expect({ type, users, actor }).toEqual({ type: SystemEvent_Type.MEMBERS_LEFT, users: ["dan"], actor: "dan" });
  });

  test("nobody else to touch the creator, and the backend to", async () => {
    const chat = await createStaffed();
    const by = { actor: "bob" };
    expect(
      await outcomes(
        remove(chat, 3, "ada", by),
        update(chat, 4, "ada", { role: MEMBER }, by),
        update(chat, 5, "ada", { muteExpireTime: LATER }, by),
        update(chat, 6, "ada", { banExpireTime: LATER }, by),
        update(chat, 7, "ada", { role: MEMBER }),
        remove(chat, 8, "ada"),
      ),
    ).toEqual(["ROLE_DENIED", "ROLE_DENIED", "ROLE_DENIED", "ROLE_DENIED", 7, 8]);
  });

  test("what they allow when it is judged, not when it was asked", async () => {
    const chat = await createStaffed();
    expect(
      await outcomes(
        update(chat, 3, "cid", { role: MEMBER }, { actor: "ada" }),
        remove(chat, 4, "dan", { actor: "cid" }),
        remove(chat, 5, "cid", { actor: "bob" }),
        add(chat, 6, ["fay"], { actor: "cid" }),
        update(chat, 7, "bob", { banExpireTime: LATER }, { actor: "ada" }),
        remove(chat, 8, "dan", { actor: "bob" }),
      ),
    ).toEqual([3, "ROLE_DENIED", 5, "NOT_FOUND", 7, "NOT_FOUND"]);
  });
});

describe("the last owner", () => {
  test("can neither leave, nor give its role away, nor be banned, while others are in the group", async () => {
    const chat = await createChat(["bob"]);
    const by = { actor: "ada" };
    expect(
      await outcomes(
        remove(chat, 1, "ada", by),
        update(chat, 2, "ada", { role: ADMIN }, by),
        update(chat, 3, "ada", { banExpireTime: LATER }, by),
        remove(chat, 4, "ada"),
        update(chat, 5, "ada", { role: MEMBER }),
      ),
    ).toEqual(Array(5).fill("LAST_OWNER"));
    expect(await outcomes(update(chat, 6, "bob", { role: OWNER }, by), remove(chat, 7, "ada", by))).toEqual([6, 7]);
    expect(await members(chat)).toEqual({ bob: OWNER });
  });

  test("is one of two who leave at the same time", async () => {
    const chat = await createChat(["bob", "cid"]);
    await scene.apply(update(chat, 1, "bob", { role: OWNER }));
    const leaves = [remove(chat, 2, "ada", { actor: "ada" }), remove(chat, 3, "bob", { actor: "bob" })];
    expect(await outcomes(...leaves)).toEqual([2, "LAST_OWNER"]);
    expect(await members(chat)).toEqual({ bob: OWNER, cid: MEMBER });
  });

  test("may leave alone: the group is empty then", async () => {
    const chat = await createChat([]);
    expect(await outcomes(remove(chat, 1, "ada", { actor: "ada" }), add(chat, 2, ["bob"], { role: OWNER }))).toEqual([
      1, 2,
    ]);
    expect(await members(chat)).toEqual({ bob: OWNER });
  });

  test("is who is left when the others are banned", async () => {
    const chat = await createChat(["bob"]);
    const writes = [
      update(chat, 1, "bob", { role: OWNER, banExpireTime: LATER }),
      remove(chat, 2, "ada", { actor: "ada" }),
    ];
    expect(await outcomes(...writes)).toEqual([1, "LAST_OWNER"]);
  });
});

describe("a mute or ban", () => {
  test("is set, told of with its end, and lifted", async () => {
    const chat = await createChat(["bob"]);
    const [verdict] = await scene.apply(update(chat, 1, "bob", { muteExpireTime: LATER }, { actor: "ada" }));
    expect(verdict!.outcome.value).toMatchObject({ members: [{ user: "bob", muteExpireTime: LATER }] });
    expect(await outcomes(update(chat, 2, "bob", { banExpireTime: LATER }))).toEqual([2]);
    expect(await outcomes(update(chat, 3, "bob", { unset: ["ban_expire_time"] }))).toEqual([3]);
    const events = await Promise.all(
      [1, 2, 3].map(async (number) => (await scene.findMessage(chat, number))!.systemEvent!),
    );
    expect(events.map(parseSystemEvent)).toMatchObject([
      { type: SystemEvent_Type.MUTED, users: ["bob"], expireTime: LATER },
      { type: SystemEvent_Type.BANNED, expireTime: LATER },
      { type: SystemEvent_Type.BANNED },
    ]);
    expect(parseSystemEvent(events[2]!).expireTime).toBeUndefined();
    const row = await scene.stores.database.members.findOne({ where: { ...chat, user: "bob" }, raw: true });
    expect(row).toMatchObject({ muteExpireTime: JUDGED_MS + 60_000, banExpireTime: null });
  });

  test("of the past is none, and what is so already is not told of", async () => {
    const chat = await createChat(["bob"]);
    const past = timestampFromMillis(1);
    expect(
      await outcomes(
        update(chat, 1, "bob", { muteExpireTime: past }),
        update(chat, 2, "bob", { role: MEMBER }),
        update(chat, 3, "bob", {}),
      ),
    ).toEqual(["unchanged", "unchanged", "unchanged"]);
  });

  test("is the customer's in a support session, by the backend", async () => {
    const chat = await createChat([], SUPPORT);
    expect(
      await outcomes(
        update(chat, 1, "ada", { banExpireTime: LATER }),
        update(chat, 2, "bob", { banExpireTime: LATER }),
        update(chat, 3, "ada", { role: ADMIN }),
      ),
    ).toEqual([1, "KIND_MISMATCH", "KIND_MISMATCH"]);
  });
});

test.each([DIRECT, SUPPORT, Chat_Kind.OPEN])("in a chat of the kind %i members neither come nor go", async (kind) => {
  const chat = await createChat(kind === DIRECT ? ["bob"] : [], kind);
  const writes = [add(chat, 1, ["dan"]), remove(chat, 2, "ada"), update(chat, 3, "bob", { role: ADMIN })];
  expect(await outcomes(...writes)).toEqual(Array(3).fill("KIND_MISMATCH"));
});

test("what is refused leaves its number unused, and higher ones follow", async () => {
  const chat = await createChat([]);
  expect(await outcomes(remove(chat, 1, "dan"))).toEqual(["NOT_FOUND"]);
  expect(await scene.findChat(chat)).toMatchObject({ lastNumber: 1, membersCount: 1, lastMessageTime: null });
  const gone = await createChat([]);
  expect(await outcomes(deleteChatWrite(nameOf(gone)), add(gone, 1, ["bob"]))).toEqual(["deleted", "NOT_FOUND"]);
});

test("who is removed and added again in one record begins anew", async () => {
  const chat = await createChat(["bob"]);
  await scene.apply(
    messageWrite(chat, 1),
    readWrite({ ...chat, user: "bob" }, 1),
    update(chat, 2, "bob", { muteExpireTime: LATER }),
  );
  expect(await outcomes(remove(chat, 3, "bob"), add(chat, 4, ["bob"]))).toEqual([3, 4]);
  const row = await scene.stores.database.members.findOne({ where: { ...chat, user: "bob" }, raw: true });
  expect(row).toMatchObject({ readNumber: 0, muteExpireTime: null, joinTime: JUDGED_MS, role: MEMBER });
  expect(await membersCount(chat)).toBe(2);
});

test("a system message goes into what is held of the chat, so that pages stay whole", async () => {
  const chat = await createChat([]);
  await scene.recents.add([recentBatch(chat, [newMessage(chat, 1)])], (await scene.stores.queue.end()) + 1);
  await scene.apply(messageWrite(chat, 1));
  await scene.recents.add([recentBatch(chat, [newMessage(chat, 3)])], (await scene.stores.queue.end()) + 1);
  await scene.apply(add(chat, 2, ["bob"]), messageWrite(chat, 3));
  expect((await scene.recent(chat))!.map(({ number }) => number)).toEqual([1, 2, 3]);
});

describe("facts that changed are told", () => {
  test("of the members concerned, and of a new chat with members", async () => {
    const chat = await createChat(["bob"]);
    expect(scene.forgotten).toContainEqual({ kind: "chat", chat });
    scene.forgotten.length = 0;
    await scene.apply(add(chat, 1, ["cid", "dan"]), remove(chat, 2, "bob"), remove(chat, 3, "nobody"));
    expect(scene.forgotten).toEqual(["cid", "dan", "bob"].map((user) => ({ kind: "member", chat, user })));
  });

  test("before the verdict is", async () => {
    const chat = await createChat(["bob"]);
    const before = await scene.stores.queue.end();
    await appendRecord(scene.stores.queue, remove(chat, 1, "bob"));
    const told: number[] = [];
    const forget = async () => void told.push(await scene.stores.queue.end());
    await (await scene.createWriter({ facts: { forget } })).drain();
    expect(told).toEqual([before + 1]);
    expect(await verdictsAfter(scene.stores.queue, before)).toHaveLength(1);
  });
});

describe("a read position", () => {
  const positionOf = async ({ application, chat }: ChatName, user: string) =>
    (await scene.stores.database.members.findOne({ where: { application, chat, user }, raw: true }))!.readNumber;

  test("moves forward alone, and to the newest message at most", async () => {
    const chat = await createChat(["bob"]);
    const bob = { ...chat, user: "bob" };
    await scene.apply(messageWrite(chat, 1), messageWrite(chat, 2), messageWrite(chat, 3), readWrite(bob, 2));
    expect(await positionOf(chat, "bob")).toBe(2);
    await scene.apply(readWrite(bob, 1));
    expect(await positionOf(chat, "bob")).toBe(2);
    await scene.apply(readWrite(bob, 700), readWrite(bob, 1));
    expect(await positionOf(chat, "bob")).toBe(3);
    await scene.apply(messageWrite(chat, 4), readWrite(bob, 4));
    expect(await positionOf(chat, "bob")).toBe(4);
    expect(await positionOf(chat, "ada")).toBe(0);
  });

  test("of who is no member, or in a chat that is gone, means nothing", async () => {
    const chat = await createChat(["bob"]);
    await scene.apply(
      messageWrite(chat, 1),
      readWrite({ ...chat, user: "dan" }, 1),
      remove(chat, 2, "bob"),
      readWrite({ ...chat, user: "bob" }, 1),
    );
    await scene.apply(deleteChatWrite(nameOf(chat), { force: true }), readWrite({ ...chat, user: "ada" }, 1));
    expect(await members(chat)).toEqual({ ada: OWNER });
    expect(await positionOf(chat, "ada")).toBe(0);
    expect(scene.letters).toEqual([]);
  });
});

describe("a user who is erased", () => {
  test("is a member nowhere, also where it became one just before", async () => {
    const chat = await createChat(["bob"]);
    const other = { ...chat, chat: 2 };
    const later = { ...chat, chat: 3 };
    await scene.apply(chatWrite(other, { kind: DIRECT, creator: "bob", members: ["cid"] }));
    const verdicts = await scene.apply(
      add(chat, 1, ["cid"]),
      chatWrite(later, { kind: GROUP, creator: "ada", members: ["bob"] }),
      erase(chat.application, "bob"),
    );
    expect(verdicts.at(-1)!.outcome).toEqual({ case: "erased", value: formatUserName({ ...chat, user: "bob" }) });
    expect(await members(chat)).toEqual({ ada: OWNER, cid: MEMBER });
    expect(await members(other)).toEqual({ cid: MEMBER });
    expect(await members(later)).toEqual({ ada: OWNER });
    expect(await Promise.all([chat, other, later].map(membersCount))).toEqual([2, 1, 1]);
  });

  test("leaves a group that it owned alone to its ADMIN, else to its oldest member", async () => {
    const chat = await createChat([]);
    await scene.apply(add(chat, 1, ["eve"]), add(chat, 2, ["dan"], { role: ADMIN }));
    const other = { ...chat, chat: 2 };
    await scene.apply(chatWrite(other, { kind: GROUP, creator: "ada" }));
    await scene.apply(add(other, 1, ["fay"]));
    await scene.apply(erase(chat.application, "ada"));
    expect(await members(chat)).toEqual({ dan: OWNER, eve: MEMBER });
    expect(await members(other)).toEqual({ fay: OWNER });
  });

  test("leaves other owners as they are, and nobody in an empty group", async () => {
    const chat = await createStaffed();
    const empty = { ...chat, chat: 2 };
    await scene.apply(chatWrite(empty, { kind: GROUP, creator: "ada" }), erase(chat.application, "ada"));
    expect(await members(chat)).toEqual({ bob: OWNER, cid: ADMIN, dan: MEMBER, eve: MEMBER });
    expect(await members(empty)).toEqual({});
  });
});
