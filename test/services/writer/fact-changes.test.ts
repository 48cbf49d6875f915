import { create } from "@bufbuild/protobuf";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { EraseUserSchema } from "../../../gen/parley/queue/v1/record_pb.ts";
import { Member_Role } from "../../../gen/parley/v1/member_pb.ts";
import { formatApplicationName, formatChatName, formatUserName } from "../../../services/aip/resource-name.ts";
import { changeFromRow } from "../../../services/facts/recorded-changes.ts";
import { appendRecord, deleteApplicationWrite, deleteChatWrite, mutationWrite, verdictsAfter } from "../writes.ts";
import { add, MembersScene, remove } from "./members-scene.ts";

let scene: MembersScene;
beforeAll(async () => {
  scene = await MembersScene.open();
});
afterAll(() => scene.close());

describe("facts that changed are told", () => {
  test("of the members concerned, and of a new chat with members", async () => {
    const chat = await scene.createChat(["bob"]);
    expect(scene.writer.forgotten).toContainEqual({ kind: "chat", chat });
    scene.writer.forgotten.length = 0;
    await scene.writer.apply(add(chat, 1, ["cid", "dan"]), remove(chat, 2, "bob"), remove(chat, 3, "nobody"));
    expect(scene.writer.forgotten).toEqual(["cid", "dan", "bob"].map((user) => ({ kind: "member", chat, user })));
  });

  test("in the database, with the change; of a new chat nothing can be known before", async () => {
    const { application } = await scene.createChat(["bob"]);
    const chat = { application, chat: 1 };
    const find = () => scene.writer.stores.database.factChanges.findAll({ where: { application }, raw: true });
    expect(await find()).toEqual([]);
    await scene.writer.apply(remove(chat, 1, "bob"));
    expect((await find()).map(changeFromRow)).toEqual([{ kind: "member", chat, user: "bob" }]);
  });

  test("before the verdict is", async () => {
    const chat = await scene.createChat(["bob"]);
    const before = await scene.writer.stores.queue.end();
    await appendRecord(scene.writer.stores.queue, remove(chat, 1, "bob"));
    const told: number[] = [];
    const forget = async () => void told.push(await scene.writer.stores.queue.end());
    await (await scene.writer.createWriter({ facts: { forget } })).drain();
    expect(told).toEqual([before + 1]);
    expect(await verdictsAfter(scene.writer.stores.queue, before)).toHaveLength(1);
  });

  test("by the next writer, where one came no further than the database", async () => {
    const chat = await scene.createChat(["bob"]);
    scene.writer.forgotten.length = 0;
    await appendRecord(scene.writer.stores.queue, remove(chat, 1, "bob"));
    const forget = () => Promise.reject(new Error("the process ended"));
    await expect((await scene.writer.createWriter({ facts: { forget } })).drain()).rejects.toThrow("ended");
    expect(await scene.roles(chat)).toEqual({ ada: Member_Role.OWNER });
    await (await scene.writer.createWriter()).drain();
    expect(scene.writer.forgotten).toEqual([{ kind: "member", chat, user: "bob" }]);
  });

  test("by the next writer, of a user who was erased also of who follows it in its groups", async () => {
    const { application } = await scene.createChat(["bob"]);
    const { database, queue } = scene.writer.stores;
    const name = formatUserName({ application, user: "ada" });
    await appendRecord(queue, mutationWrite({ case: "eraseUser", value: create(EraseUserSchema, { name }) }));
    const forget = () => Promise.reject(new Error("the process ended"));
    await expect((await scene.writer.createWriter({ facts: { forget } })).drain()).rejects.toThrow("ended");
    const recorded = await database.factChanges.findAll({ where: { application }, raw: true });
    expect(recorded.map(changeFromRow)).toEqual([{ kind: "chat", chat: { application, chat: 1 } }]);
    scene.writer.forgotten.length = 0;
    await (await scene.writer.createWriter()).drain();
    expect(scene.writer.forgotten).toEqual([{ kind: "application", application }]);
  });

  test("of a chat that changes or goes, and of an application", async () => {
    const chat = await scene.createChat(["bob"]);
    const application = formatApplicationName(chat);
    scene.writer.forgotten.length = 0;
    await scene.writer.apply(deleteChatWrite(formatChatName(chat)), deleteApplicationWrite(application));
    expect(scene.writer.forgotten).toEqual([
      { kind: "chat", chat },
      { kind: "application", application: chat.application },
    ]);
  });
});
