import { create } from "@bufbuild/protobuf";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type Applied,
  type ChangeSupport,
  ChangeSupportSchema,
  Refusal_Reason,
} from "../../../gen/parley/queue/v1/record_pb.ts";
import { Chat_Kind, SupportState_Status } from "../../../gen/parley/v1/chat_pb.ts";
import { Author_Type, SystemEvent_Type } from "../../../gen/parley/v1/message_pb.ts";
import { User_Role } from "../../../gen/parley/v1/user_pb.ts";
import { formatEtag } from "../../../services/aip/etag.ts";
import { type ChatName, formatChatName } from "../../../services/aip/resource-name.ts";
import { newSystemMessage } from "../../../services/message/new-system-message.ts";
import { parseSystemEvent } from "../../../services/message/stored-system-event.ts";
import { createUser } from "../stores.ts";
import { CREATE_TIME_MS, chatWrite, deleteChatWrite, messageWrite, mutationWrite } from "../writes.ts";
import { WriterScene } from "./writer-scene.ts";

const { OPEN, PENDING, CLOSED } = SupportState_Status;
const { NOT_FOUND, ETAG_MISMATCH, KIND_MISMATCH, NO_AGENT, ASSIGNEE_NO_AGENT } = Refusal_Reason;
const { SUPPORT_ASSIGNED, SUPPORT_CLOSED, SUPPORT_REOPENED } = SystemEvent_Type;
const JUDGED_MS = CREATE_TIME_MS + 1_000;

let scene: WriterScene;
beforeAll(async () => {
  scene = await WriterScene.open();
});
afterAll(() => scene.close());

/** A session of the customer cleo, with the agents ada and abe and the user uma about. */
async function createSession(kind: Chat_Kind = Chat_Kind.SUPPORT): Promise<ChatName> {
  const name = { application: await scene.createApplication(), chat: 1 };
  await scene.apply(chatWrite(name, { kind, creator: "cleo" }));
  await createUser(scene.stores.database, name.application, "ada", User_Role.AGENT);
  await createUser(scene.stores.database, name.application, "abe", User_Role.ADMIN);
  for (const user of ["cleo", "uma"]) await createUser(scene.stores.database, name.application, user, User_Role.USER);
  return name;
}

type Wanted = { actor?: string; etag?: string };

function write(chat: ChatName, number: number, kind: ChangeSupport["kind"], { actor = "", etag = "" }: Wanted = {}) {
  const message = newSystemMessage(chat, number, CREATE_TIME_MS);
  const value = create(ChangeSupportSchema, { name: formatChatName(chat), actor, etag, message, kind });
  return mutationWrite({ case: "changeSupport", value });
}

const assign = (chat: ChatName, number: number, agent: string, wanted?: Wanted) =>
  write(chat, number, { case: "assign", value: agent }, wanted);
const close = (chat: ChatName, number: number, wanted?: Wanted) =>
  write(chat, number, { case: "close", value: true }, wanted);
const reopen = (chat: ChatName, number: number, wanted?: Wanted) =>
  write(chat, number, { case: "reopen", value: true }, wanted);

/** Why a change was refused; else its system message's number, or "unchanged". */
function outcomeOf({ outcome }: Applied): Refusal_Reason | number | "unchanged" {
  if (outcome.case === "refusal") return outcome.value.reason;
  if (outcome.case !== "support") throw new Error(`a verdict of the kind ${outcome.case}`);
  return outcome.value.message?.number ?? "unchanged";
}

describe("an assignment", () => {
  test("is told in the session, at its place in the queue", async () => {
    const session = await createSession();
    const verdicts = await scene.apply(assign(session, 1, "ada", { actor: "ada" }), messageWrite(session, 2));
    expect(verdicts[0]!.outcome).toMatchObject({
      case: "support",
      value: { chat: { support: { agent: "ada", status: OPEN } }, message: { number: 1 } },
    });
    const row = (await scene.findMessage(session, 1))!;
    const createSeq = Number(verdicts[0]!.changeMark);
    expect(row).toMatchObject({ number: 1, body: null, authorType: Author_Type.SYSTEM, createSeq });
    expect(parseSystemEvent(row.systemEvent!)).toMatchObject({
      type: SUPPORT_ASSIGNED,
      actor: "ada",
      users: ["ada"],
    });
    expect(await scene.findChat(session)).toMatchObject({ supportAgent: "ada", lastNumber: 2, revision: 2 });
  });

  test("goes to another agent, and back to the queue", async () => {
    const session = await createSession();
    await scene.apply(assign(session, 1, "ada"), assign(session, 2, "abe", { actor: "ada" }));
    expect(await scene.findChat(session)).toMatchObject({ supportAgent: "abe" });
    await scene.apply(assign(session, 3, ""));
    expect(await scene.findChat(session)).toMatchObject({ supportAgent: null });
  });

  test("under one etag is granted to one of two agents", async () => {
    const session = await createSession();
    const etag = formatEtag({ revision: 1, updateTimeMs: CREATE_TIME_MS });
    const verdicts = await scene.apply(
      assign(session, 1, "ada", { actor: "ada", etag }),
      assign(session, 2, "abe", { actor: "abe", etag }),
    );
    expect(verdicts.map(outcomeOf)).toEqual([1, ETAG_MISMATCH]);
    expect(await scene.findChat(session)).toMatchObject({ supportAgent: "ada", lastNumber: 2 });
  });

  test("to who has it already changes nothing, but its number stays given", async () => {
    const session = await createSession();
    const verdicts = await scene.apply(assign(session, 1, "ada"), assign(session, 2, "ada"));
    expect(verdicts.map(outcomeOf)).toEqual([1, "unchanged"]);
    expect(await scene.numbers(session)).toEqual([1]);
    expect(await scene.findChat(session)).toMatchObject({ lastNumber: 2, revision: 2 });
  });

  test.each([
    ["to a user who is no agent", "uma", "", ASSIGNEE_NO_AGENT],
    ["to nobody that there is", "nobody", "", ASSIGNEE_NO_AGENT],
    ["by a user who is no agent", "ada", "uma", NO_AGENT],
    ["by the customer", "ada", "cleo", NO_AGENT],
    ["by who is gone", "ada", "nobody", NO_AGENT],
  ])("%s is refused", async (_, agent, actor, reason) => {
    const session = await createSession();
    const verdicts = await scene.apply(assign(session, 1, agent, { actor }));
    expect(verdicts.map(outcomeOf)).toEqual([reason]);
    expect(await scene.numbers(session)).toEqual([]);
    expect(await scene.findChat(session)).toMatchObject({ supportAgent: null, lastNumber: 1 });
  });

  test("by who was an agent when it asked is refused where it is none any more", async () => {
    const session = await createSession();
    const where = { application: session.application, id: "ada" };
    await scene.stores.database.users.update({ role: User_Role.USER }, { where });
    expect((await scene.apply(close(session, 1, { actor: "ada" }))).map(outcomeOf)).toEqual([NO_AGENT]);
  });

  test("of a chat of another kind, or that is gone, is refused", async () => {
    const group = await createSession(Chat_Kind.GROUP);
    expect((await scene.apply(assign(group, 1, "ada"))).map(outcomeOf)).toEqual([KIND_MISMATCH]);
    const session = await createSession();
    await scene.apply(deleteChatWrite(formatChatName(session)));
    expect((await scene.apply(assign(session, 1, "ada"))).map(outcomeOf)).toEqual([NOT_FOUND]);
  });
});

describe("closing", () => {
  test("is done by agents, the backend and the customer, and opening again too", async () => {
    const session = await createSession();
    for (const [index, actor] of ["ada", "", "cleo"].entries()) {
      const [closed] = await scene.apply(close(session, 2 * index + 1, { actor }));
      expect(closed!.outcome.value).toMatchObject({ chat: { support: { status: CLOSED } } });
      expect(await scene.findChat(session)).toMatchObject({ supportStatus: CLOSED, closeTime: JUDGED_MS });
      expect(closed!.outcome.value).toMatchObject({ message: { content: { value: { type: SUPPORT_CLOSED, actor } } } });
      const [opened] = await scene.apply(reopen(session, 2 * index + 2, { actor }));
      expect(opened!.outcome.value).toMatchObject({ message: { content: { value: { type: SUPPORT_REOPENED } } } });
      expect(await scene.findChat(session)).toMatchObject({ supportStatus: OPEN, closeTime: null });
    }
    expect(await scene.numbers(session)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test("is refused to another user", async () => {
    const session = await createSession();
    const verdicts = await scene.apply(close(session, 1, { actor: "uma" }), reopen(session, 2, { actor: "uma" }));
    expect(verdicts.map(outcomeOf)).toEqual([NO_AGENT, NO_AGENT]);
  });

  test("what is closed changes nothing, as opening what is not", async () => {
    const session = await createSession();
    const verdicts = await scene.apply(reopen(session, 1), close(session, 2), close(session, 3));
    expect(verdicts.map(outcomeOf)).toEqual(["unchanged", 2, "unchanged"]);
    expect(await scene.numbers(session)).toEqual([2]);
  });

  test("keeps who has it, and a message of the customer that comes at the same time opens it", async () => {
    const session = await createSession();
    await scene.apply(
      assign(session, 1, "ada"),
      messageWrite(session, 2, { user: "ada", type: Author_Type.AGENT }),
      close(session, 3, { actor: "ada" }),
    );
    expect(await scene.findChat(session)).toMatchObject({ supportStatus: CLOSED, supportAgent: "ada" });
    await scene.apply(messageWrite(session, 4, { user: "cleo", type: Author_Type.CUSTOMER }));
    expect(await scene.findChat(session)).toMatchObject({ supportStatus: OPEN, closeTime: null, supportAgent: "ada" });
    await scene.apply(messageWrite(session, 5, { user: "ada", type: Author_Type.AGENT }), reopen(session, 6));
    expect(await scene.findChat(session)).toMatchObject({ supportStatus: PENDING });
  });
});

test("an agent who is gone has no sessions any more: open and closed ones are nobody's", async () => {
  const session = await createSession();
  const other = { ...session, chat: 2 };
  await scene.apply(chatWrite(other, { kind: Chat_Kind.SUPPORT, creator: "cleo" }));
  await scene.apply(assign(session, 1, "ada"), assign(other, 1, "abe"), assign(other, 2, "ada"), close(other, 3));
  const third = { ...session, chat: 3 };
  const name = `applications/${session.application}/users/ada`;
  await scene.apply(
    chatWrite(third, { kind: Chat_Kind.SUPPORT, creator: "cleo" }),
    assign(third, 1, "ada"),
    mutationWrite({ case: "eraseUser", value: { $typeName: "parley.queue.v1.EraseUser", name } }),
    messageWrite(other, 4, { user: "cleo", type: Author_Type.CUSTOMER }),
  );
  for (const chat of [session, other, third]) {
    expect(await scene.findChat(chat)).toMatchObject({
      supportStatus: OPEN,
      supportAgent: null,
      revision: chat === other ? 5 : 3,
    });
  }
});

test("of the sessions of an agent who is gone each is told as changed, also of many that nothing else names", async () => {
  const session = await createSession();
  const { chats } = scene.stores.database;
  await scene.apply(assign(session, 1, "ada"));
  const { number: _, ...row } = (await scene.findChat(session))!;
  const numbers = Array.from({ length: 2_500 }, (_, index) => index + 2);
  await chats.bulkCreate(numbers.map((number) => ({ ...row, number, updateTime: number })));
  const ahead = { updateTime: JUDGED_MS + 5_000 };
  await chats.update(ahead, { where: { application: session.application, number: 7 } });
  const name = `applications/${session.application}/users/ada`;
  const [verdict] = await scene.apply(
    mutationWrite({ case: "eraseUser", value: { $typeName: "parley.queue.v1.EraseUser", name } }),
  );
  const revised = {
    ...{ supportAgent: null, revision: 3, updateTime: JUDGED_MS },
    changeSeq: Number(verdict!.changeMark),
  };
  for (const number of [1, 2, 1_001, 2_501]) {
    expect(await scene.findChat({ ...session, chat: number })).toMatchObject(revised);
  }
  expect(await scene.findChat({ ...session, chat: 7 })).toMatchObject({ ...revised, ...ahead });
  expect(await chats.count({ where: { application: session.application, supportAgent: "ada" } })).toBe(0);
});
