import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Chat_Kind } from "../../../gen/parley/v1/chat_pb.ts";
import { Member_Role } from "../../../gen/parley/v1/member_pb.ts";
import type { ChatName } from "../../../services/aip/resource-name.ts";
import { deleteChatWrite, messageWrite, readWrite } from "../writes.ts";
import { MembersScene, remove } from "./members-scene.ts";
import { nameOf } from "./writer-scene.ts";

const { OWNER } = Member_Role;
const { SUPPORT } = Chat_Kind;

let scene: MembersScene;
beforeAll(async () => {
  scene = await MembersScene.open();
});
afterAll(() => scene.close());

describe("a read position", () => {
  const positionOf = async ({ application, chat }: ChatName, user: string) =>
    (await scene.writer.stores.database.members.findOne({ where: { application, chat, user }, raw: true }))!.readNumber;

  test("moves forward alone, and to the newest message at most", async () => {
    const chat = await scene.createChat(["bob"]);
    const bob = { ...chat, user: "bob" };
    await scene.writer.apply(messageWrite(chat, 1), messageWrite(chat, 2), messageWrite(chat, 3), readWrite(bob, 2));
    expect(await positionOf(chat, "bob")).toBe(2);
    await scene.writer.apply(readWrite(bob, 1));
    expect(await positionOf(chat, "bob")).toBe(2);
    await scene.writer.apply(readWrite(bob, 700), readWrite(bob, 1));
    expect(await positionOf(chat, "bob")).toBe(3);
    await scene.writer.apply(messageWrite(chat, 4), readWrite(bob, 4));
    expect(await positionOf(chat, "bob")).toBe(4);
    expect(await positionOf(chat, "ada")).toBe(0);
  });

  test("of a customer does not tell of notes, nor of numbers that nothing has", async () => {
    const session = await scene.createChat([], SUPPORT);
    const ada = { ...session, user: "ada" };
    await scene.writer.apply(
      messageWrite(session, 1),
      messageWrite(session, 2, { internal: true }),
      readWrite(ada, 700),
    );
    expect(await positionOf(session, "ada")).toBe(1);
    await scene.writer.apply(
      messageWrite(session, 3, { internal: true }),
      remove(session, 4, "ada"),
      readWrite(ada, 4),
    );
    expect(await positionOf(session, "ada")).toBe(1);
    await scene.writer.apply(messageWrite(session, 5), messageWrite(session, 6, { internal: true }), readWrite(ada, 6));
    expect(await positionOf(session, "ada")).toBe(5);
  });

  test("of an agent who is the customer itself moves to notes, too, but not beyond", async () => {
    const session = await scene.createChat([], SUPPORT);
    const ada = { ...session, user: "ada" };
    const note = messageWrite(session, 2, { internal: true });
    await scene.writer.apply(messageWrite(session, 1), note, readWrite(ada, 700, true));
    expect(await positionOf(session, "ada")).toBe(2);
  });

  test("of who is no member, or in a chat that is gone, means nothing", async () => {
    const chat = await scene.createChat(["bob"]);
    await scene.writer.apply(
      messageWrite(chat, 1),
      readWrite({ ...chat, user: "dan" }, 1),
      remove(chat, 2, "bob"),
      readWrite({ ...chat, user: "bob" }, 1),
    );
    await scene.writer.apply(deleteChatWrite(nameOf(chat), { force: true }), readWrite({ ...chat, user: "ada" }, 1));
    expect(await scene.roles(chat)).toEqual({ ada: OWNER });
    expect(await positionOf(chat, "ada")).toBe(0);
    expect(scene.writer.letters).toEqual([]);
  });
});
