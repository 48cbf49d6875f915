import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Refusal_Reason, type UpdateMessage } from "../../../gen/parley/queue/v1/record_pb.ts";
import { ChatSchema } from "../../../gen/parley/v1/chat_pb.ts";
import { type Message, MessageSchema } from "../../../gen/parley/v1/message_pb.ts";
import { formatEtag } from "../../../services/aip/etag.ts";
import { formatApplicationName } from "../../../services/aip/resource-name.ts";
import { millisFromTimestamp } from "../../../services/aip/timestamp.ts";
import { commitMark } from "../../../services/write-queue/commit-mark.ts";
import {
  CREATE_TIME_MS,
  chatWrite,
  deleteApplicationWrite,
  deleteChatWrite,
  deleteMessageWrite,
  editWrite,
  messageWrite,
  mutationWrite,
} from "../writes.ts";
import { messageNameOf, nameOf, summaryOf, WriterScene } from "./writer-scene.ts";

const { NOT_FOUND, ETAG_MISMATCH, HAS_CHILDREN, MESSAGE_DELETED } = Refusal_Reason;

let scene: WriterScene;
beforeAll(async () => {
  scene = await WriterScene.open();
});
afterAll(() => scene.close());

const summaries = async (...writes: Parameters<WriterScene["apply"]>) => (await scene.apply(...writes)).map(summaryOf);

function updateChat(name: string, fields: MessageInitShape<typeof ChatSchema>, paths: string[], timeMs?: number) {
  const chat = create(ChatSchema, { ...fields, name });
  return mutationWrite(
    { case: "updateChat", value: { $typeName: "parley.queue.v1.UpdateChat", chat, fields: paths } },
    timeMs === undefined ? {} : { timeMs },
  );
}

function updateMessage(name: string, fields: Partial<Message>, paths: UpdateMessage["fields"]) {
  const message = create(MessageSchema, { name, content: fields.content, metadata: fields.metadata });
  return mutationWrite({
    case: "updateMessage",
    value: { $typeName: "parley.queue.v1.UpdateMessage", message, fields: paths },
  });
}

describe("an edit", () => {
  test("is applied after its create in the same record, and again", async () => {
    const chat = await scene.createChat();
    const name = messageNameOf(chat, 1);
    const verdicts = await scene.apply(messageWrite(chat, 1), editWrite(name, "first"), editWrite(name, "second"));
    expect(verdicts.map(summaryOf)).toEqual(["first", "second"]);
    const row = await scene.findMessage(chat, 1);
    expect(row).toMatchObject({
      body: "second",
      revision: 3,
      editTime: CREATE_TIME_MS + 1_000,
      createTime: CREATE_TIME_MS,
    });
    expect(verdicts.map(({ changeMark }) => Number(changeMark))).toEqual([row!.createSeq + 1, row!.changeSeq]);
  });

  test("of a message that is stored changes what it names alone", async () => {
    const chat = await scene.createChat();
    const name = messageNameOf(chat, 1);
    await scene.apply(messageWrite(chat, 1, { user: "ann" }));
    await scene.apply(updateMessage(name, { metadata: { colour: "red" } }, ["metadata"]));
    expect(await scene.findMessage(chat, 1)).toMatchObject({
      body: "message 1",
      authorUser: "ann",
      metadata: '{"colour":"red"}',
      editTime: null,
      revision: 2,
      updateTime: CREATE_TIME_MS + 1_000,
    });
    await scene.apply(updateMessage(name, { metadata: {} }, ["metadata"]));
    expect(await scene.findMessage(chat, 1)).toMatchObject({ metadata: null });
  });

  test("that names nothing changes nothing", async () => {
    const chat = await scene.createChat();
    const [verdict] = await scene.apply(messageWrite(chat, 1), updateMessage(messageNameOf(chat, 1), {}, []));
    expect(summaryOf(verdict!)).toBe("message 1");
    expect(await scene.findMessage(chat, 1)).toMatchObject({ revision: 1, updateTime: CREATE_TIME_MS });
  });

  test("does not set time back where the clock was", async () => {
    const chat = await scene.createChat();
    const edit = editWrite(messageNameOf(chat, 1), "new", { timeMs: CREATE_TIME_MS - 1 });
    await scene.apply(messageWrite(chat, 1), edit);
    expect(await scene.findMessage(chat, 1)).toMatchObject({ updateTime: CREATE_TIME_MS, editTime: CREATE_TIME_MS });
  });

  test("of what does not exist, or in a chat that is gone, is refused", async () => {
    const chat = await scene.createChat();
    await scene.apply(messageWrite(chat, 1));
    expect(await summaries(editWrite(messageNameOf(chat, 2), "new"))).toEqual([NOT_FOUND]);
    const force = deleteChatWrite(nameOf(chat), { force: true });
    expect(await summaries(force, editWrite(messageNameOf(chat, 1), "new"))).toEqual([nameOf(chat), NOT_FOUND]);
    expect(await summaries(editWrite(messageNameOf(chat, 1), "new"))).toEqual([NOT_FOUND]);
  });

  test("with an etag that another edit of the same record replaced is refused", async () => {
    const chat = await scene.createChat();
    const name = messageNameOf(chat, 1);
    const etag = formatEtag({ revision: 1, updateTimeMs: CREATE_TIME_MS });
    const writes = [messageWrite(chat, 1), editWrite(name, "first", { etag }), editWrite(name, "second", { etag })];
    expect(await summaries(...writes)).toEqual(["first", ETAG_MISMATCH]);
    expect(await scene.findMessage(chat, 1)).toMatchObject({ body: "first", revision: 2 });
  });

  test("with the etag of the verdict before is applied", async () => {
    const chat = await scene.createChat();
    const name = messageNameOf(chat, 1);
    const [verdict] = await scene.apply(messageWrite(chat, 1), editWrite(name, "first"));
    const { etag } = verdict!.outcome.value as Message;
    expect(await summaries(editWrite(name, "second", { etag }))).toEqual(["second"]);
  });
});

describe("a deletion of a message", () => {
  test("leaves a tombstone of number, author and times, which an edit cannot change", async () => {
    const chat = await scene.createChat();
    const name = messageNameOf(chat, 1);
    const writes = [messageWrite(chat, 1, { user: "ann" }), deleteMessageWrite(name), editWrite(name, "new")];
    const [verdict, refusal] = await scene.apply(...writes);
    const tombstone = verdict!.outcome.value as Message;
    expect(tombstone).toMatchObject({ number: 1, content: { case: undefined }, author: { user: "ann" }, metadata: {} });
    expect(millisFromTimestamp(tombstone.deleteTime!)).toBe(CREATE_TIME_MS + 1_000);
    expect(summaryOf(refusal!)).toBe(MESSAGE_DELETED);
    expect(await scene.findMessage(chat, 1)).toMatchObject({ body: null, deleteTime: CREATE_TIME_MS + 1_000 });
    expect(await summaries(editWrite(name, "new"))).toEqual([MESSAGE_DELETED]);
  });

  test("that is repeated gives the same tombstone, whatever its etag", async () => {
    const chat = await scene.createChat();
    const name = messageNameOf(chat, 1);
    const [first] = await scene.apply(messageWrite(chat, 1), deleteMessageWrite(name));
    const [second] = await scene.apply(deleteMessageWrite(name, { etag: "old" }));
    expect(second!.outcome).toEqual(first!.outcome);
  });

  test("with another etag, or of nothing, is refused", async () => {
    const chat = await scene.createChat();
    await scene.apply(messageWrite(chat, 1));
    const writes = [
      deleteMessageWrite(messageNameOf(chat, 1), { etag: "old" }),
      deleteMessageWrite(messageNameOf(chat, 2)),
    ];
    expect(await summaries(...writes)).toEqual([ETAG_MISMATCH, NOT_FOUND]);
    expect(await scene.findMessage(chat, 1)).toMatchObject({ deleteTime: null });
  });
});

describe("an update of a chat", () => {
  test("changes what it names", async () => {
    const chat = await scene.createChat();
    const verdicts = await summaries(
      updateChat(nameOf(chat), { title: "new" }, ["title"]),
      updateChat(nameOf(chat), { title: "other", metadata: { a: "b" } }, ["metadata"]),
      updateChat(nameOf(chat), { title: "other" }, []),
    );
    expect(verdicts).toEqual(["new", "new", "new"]);
    expect(await scene.findChat(chat)).toMatchObject({ title: "new", metadata: '{"a":"b"}', revision: 3 });
  });

  test("keeps what messages of the same record did to it", async () => {
    const chat = await scene.createChat();
    const sequence = (await scene.stores.queue.end()) + 1;
    await scene.apply(
      messageWrite(chat, 1),
      updateChat(nameOf(chat), { title: "new" }, ["title"]),
      messageWrite(chat, 2),
    );
    expect(await scene.findChat(chat)).toMatchObject({
      title: "new",
      lastNumber: 2,
      lastMessageTime: CREATE_TIME_MS,
      countDue: commitMark(sequence, 2),
    });
  });

  test("is refused with another etag, or where there is no chat", async () => {
    const chat = await scene.createChat();
    const writes = [
      updateChat(nameOf(chat), { title: "new", etag: "old" }, ["title"]),
      updateChat(nameOf({ ...chat, chat: 2 }), { title: "new" }, ["title"]),
    ];
    expect(await summaries(...writes)).toEqual([ETAG_MISMATCH, NOT_FOUND]);
  });
});

describe("a deletion of a chat", () => {
  test("without force is refused where it has messages, stored or in the same record", async () => {
    const chat = await scene.createChat();
    expect(await summaries(messageWrite(chat, 1), deleteChatWrite(nameOf(chat)))).toEqual([HAS_CHILDREN]);
    expect(await summaries(deleteMessageWrite(messageNameOf(chat, 1)), deleteChatWrite(nameOf(chat)))).toEqual([
      "tombstone",
      HAS_CHILDREN,
    ]);
    expect(await scene.findChat(chat)).toMatchObject({ deleteTime: null });
  });

  test("without force is refused where a message may follow that was numbered before", async () => {
    const chat = await scene.createChat();
    expect(await summaries(deleteChatWrite(nameOf(chat), { numbered: 1 }), messageWrite(chat, 1))).toEqual([
      HAS_CHILDREN,
    ]);
    expect(await scene.numbers(chat)).toEqual([1]);
    const force = deleteChatWrite(nameOf(chat), { force: true, numbered: 2 });
    expect(await summaries(force, messageWrite(chat, 2))).toEqual([nameOf(chat)]);
  });

  test("without messages needs no force", async () => {
    const chat = await scene.createChat();
    const [verdict] = await scene.apply(deleteChatWrite(nameOf(chat)));
    expect(summaryOf(verdict!)).toBe(nameOf(chat));
    expect(await scene.findChat(chat)).toMatchObject({
      deleteTime: CREATE_TIME_MS + 1_000,
      changeSeq: Number(verdict!.changeMark),
    });
  });

  test("of the record that created it is applied", async () => {
    const chat = { application: await scene.createApplication(), chat: 1 };
    expect(
      await summaries(chatWrite(chat), messageWrite(chat, 1), deleteChatWrite(nameOf(chat), { force: true })),
    ).toEqual([nameOf(chat)]);
    expect(await scene.findChat(chat)).toMatchObject({ deleteTime: CREATE_TIME_MS + 1_000 });
  });

  test("with another etag, or repeated, is refused", async () => {
    const chat = await scene.createChat();
    expect(await summaries(deleteChatWrite(nameOf(chat), { etag: "old" }))).toEqual([ETAG_MISMATCH]);
    expect(await summaries(deleteChatWrite(nameOf(chat)), deleteChatWrite(nameOf(chat)))).toEqual([
      nameOf(chat),
      NOT_FOUND,
    ]);
    expect(await summaries(deleteChatWrite(nameOf(chat)))).toEqual([NOT_FOUND]);
  });

  test("makes its application due for a recount", async () => {
    const chat = await scene.createChat();
    const { applications } = scene.stores.database;
    await applications.update({ countDue: 0 }, { where: { token: chat.application } });
    const sequence = (await scene.stores.queue.end()) + 1;
    await scene.apply(deleteChatWrite(nameOf(chat)));
    expect(await applications.findByPk(chat.application, { raw: true })).toMatchObject({
      countDue: commitMark(sequence, 0),
      lastChatNumber: 1,
    });
  });
});

describe("a deletion of an application", () => {
  const applicationOf = (token: string) => scene.stores.database.applications.findByPk(token, { raw: true });

  test("without force is refused where it has a chat, stored or in the same record", async () => {
    const chat = await scene.createChat();
    const name = formatApplicationName(chat);
    expect(await summaries(deleteApplicationWrite(name))).toEqual([HAS_CHILDREN]);
    const other = { application: await scene.createApplication(), chat: 1 };
    expect(await summaries(chatWrite(other), deleteApplicationWrite(formatApplicationName(other)))).toEqual([
      HAS_CHILDREN,
    ]);
    expect(await applicationOf(chat.application)).toMatchObject({ deleteTime: null });
  });

  test("without force is refused where a chat may follow that was numbered before", async () => {
    const chat = await scene.createChat();
    const name = formatApplicationName(chat);
    await scene.apply(deleteChatWrite(nameOf(chat)));
    const second = { ...chat, chat: 2 };
    const writes = [deleteApplicationWrite(name, { numbered: 2 }), chatWrite(second)];
    expect(await summaries(...writes)).toEqual([HAS_CHILDREN]);
    expect(await scene.findChat(second)).not.toBeNull();
    await scene.apply(deleteChatWrite(nameOf(second)));
    expect(await summaries(deleteApplicationWrite(name, { numbered: 2 }))).toEqual([name]);
  });

  test("needs no force where its chats are deleted, before or in the same record", async () => {
    const chat = await scene.createChat();
    const name = formatApplicationName(chat);
    const second = { ...chat, chat: 2 };
    await scene.apply(deleteChatWrite(nameOf(chat)));
    expect(await summaries(chatWrite(second), deleteChatWrite(nameOf(second)), deleteApplicationWrite(name))).toEqual([
      nameOf(second),
      name,
    ]);
  });

  test("takes its chats and keys with it", async () => {
    const chat = await scene.createChat();
    const { application: token } = chat;
    await scene.apply(chatWrite({ ...chat, chat: 2 }));
    const { apiKeys } = scene.stores.database;
    await apiKeys.create({ hash: token, application: token, createTime: 1, expireTime: null });
    const [verdict] = await scene.apply(deleteApplicationWrite(formatApplicationName(chat), { force: true }));
    expect(await applicationOf(token)).toMatchObject({
      deleteTime: CREATE_TIME_MS + 1_000,
      changeSeq: Number(verdict!.changeMark),
    });
    for (const number of [1, 2]) {
      expect(await scene.findChat({ ...chat, chat: number })).toMatchObject({ deleteTime: CREATE_TIME_MS + 1_000 });
    }
    expect(await apiKeys.count({ where: { application: token } })).toBe(0);
  });

  test("with another etag, or repeated, is refused", async () => {
    const token = await scene.createApplication();
    const name = formatApplicationName({ application: token });
    const etag = formatEtag({ revision: 1, updateTimeMs: 1_000 });
    expect(
      await summaries(
        deleteApplicationWrite(name, { etag: "old" }),
        deleteApplicationWrite(name, { etag }),
        deleteApplicationWrite(name),
      ),
    ).toEqual([ETAG_MISMATCH, name, NOT_FOUND]);
  });

  test("lets nothing be created or changed in it by the rest of the record", async () => {
    const chat = await scene.createChat();
    const second = { ...chat, chat: 2 };
    const verdicts = await summaries(
      messageWrite(chat, 1),
      deleteApplicationWrite(formatApplicationName(chat), { force: true }),
      messageWrite(chat, 2),
      chatWrite(second),
      editWrite(messageNameOf(chat, 1), "new"),
      deleteChatWrite(nameOf(chat)),
    );
    expect(verdicts).toEqual([formatApplicationName(chat), NOT_FOUND, NOT_FOUND]);
    expect(await scene.numbers(chat)).toEqual([1]);
    expect(await scene.findChat(second)).toBeNull();
  });
});
