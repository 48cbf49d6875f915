import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Chat_Kind } from "../../../gen/parley/v1/chat_pb.ts";
import { Member_Role } from "../../../gen/parley/v1/member_pb.ts";
import { formatUserName } from "../../../services/aip/resource-name.ts";
import { millisFromTimestamp } from "../../../services/aip/timestamp.ts";
import { chatWrite, mutationWrite } from "../writes.ts";
import { add, JUDGED_MS, LATER, MembersScene, remove, update } from "./members-scene.ts";

const { MEMBER, ADMIN, OWNER } = Member_Role;
const { GROUP, DIRECT } = Chat_Kind;

let scene: MembersScene;
beforeAll(async () => {
  scene = await MembersScene.open();
});
afterAll(() => scene.close());

function erase(application: string, user: string, timeMs = JUDGED_MS) {
  const name = formatUserName({ application, user });
  return mutationWrite({ case: "eraseUser", value: { $typeName: "parley.queue.v1.EraseUser", name } }, { timeMs });
}

describe("a user who is erased", () => {
  test("is a member of groups no longer, also where it became one just before, but is one of its pairs still", async () => {
    const chat = await scene.createChat(["bob"]);
    const other = { ...chat, chat: 2 };
    const later = { ...chat, chat: 3 };
    await scene.writer.apply(chatWrite(other, { kind: DIRECT, creator: "bob", members: ["cid"] }));
    const verdicts = await scene.writer.apply(
      add(chat, 1, ["cid"]),
      chatWrite(later, { kind: GROUP, creator: "ada", members: ["bob"] }),
      erase(chat.application, "bob"),
    );
    expect(verdicts.at(-1)!.outcome).toEqual({ case: "erased", value: formatUserName({ ...chat, user: "bob" }) });
    expect(await scene.roles(chat)).toEqual({ ada: OWNER, cid: MEMBER });
    expect(await scene.roles(other)).toEqual({ bob: MEMBER, cid: MEMBER });
    expect(await scene.roles(later)).toEqual({ ada: OWNER });
    expect(await Promise.all([chat, other, later].map((name) => scene.membersCount(name)))).toEqual([2, 2, 1]);
  });

  test("leaves a group that it owned alone to its ADMIN, else to its oldest member", async () => {
    const chat = await scene.createChat([]);
    await scene.writer.apply(add(chat, 1, ["eve"]), add(chat, 2, ["dan"], { role: ADMIN }));
    const other = { ...chat, chat: 2 };
    await scene.writer.apply(chatWrite(other, { kind: GROUP, creator: "ada" }));
    await scene.writer.apply(add(other, 1, ["fay"]));
    await scene.writer.apply(erase(chat.application, "ada"));
    expect(await scene.roles(chat)).toEqual({ dan: OWNER, eve: MEMBER });
    expect(await scene.roles(other)).toEqual({ fay: OWNER });
  });

  test("leaves other owners as they are, and nobody in an empty group", async () => {
    const chat = await scene.createStaffed();
    const empty = { ...chat, chat: 2 };
    await scene.writer.apply(chatWrite(empty, { kind: GROUP, creator: "ada" }), erase(chat.application, "ada"));
    expect(await scene.roles(chat)).toEqual({ bob: OWNER, cid: ADMIN, dan: MEMBER, eve: MEMBER });
    expect(await scene.roles(empty)).toEqual({});
  });

  test("is followed by who is there still, where the next one goes in the same batch", async () => {
    const chat = await scene.createChat(["bob", "cid"]);
    await scene.writer.apply(update(chat, 1, "bob", { role: ADMIN }));
    await scene.writer.apply(remove(chat, 2, "bob"), erase(chat.application, "ada"));
    expect(await scene.roles(chat)).toEqual({ cid: OWNER });
  });

  test("is followed by another where the other owners are banned, and by who is banned where nobody else is left", async () => {
    const chat = await scene.createStaffed();
    await scene.writer.apply(update(chat, 3, "bob", { banExpireTime: LATER }));
    await scene.writer.apply(update(chat, 4, "cid", { banExpireTime: LATER }));
    await scene.writer.apply(erase(chat.application, "ada"));
    expect(await scene.roles(chat)).toEqual({ bob: OWNER, cid: ADMIN, dan: OWNER, eve: MEMBER });
    const other = await scene.createChat(["bob", "cid"]);
    await scene.writer.apply(update(other, 1, "cid", { role: ADMIN }));
    for (const [index, user] of ["bob", "cid"].entries()) {
      await scene.writer.apply(update(other, 2 + index, user, { banExpireTime: LATER }));
    }
    await scene.writer.apply(erase(other.application, "ada"));
    expect(await scene.roles(other)).toEqual({ bob: MEMBER, cid: OWNER });
  });

  test("is followed by whose ban is over", async () => {
    const chat = await scene.createChat(["bob", "cid"]);
    await scene.writer.apply(update(chat, 1, "bob", { role: ADMIN, banExpireTime: LATER }));
    const timeMs = millisFromTimestamp(LATER);
    await scene.writer.apply(erase(chat.application, "ada", timeMs));
    expect(await scene.roles(chat)).toEqual({ bob: OWNER, cid: MEMBER });
  });

  test("is followed by another also where it became an owner in the same batch", async () => {
    const chat = await scene.createChat(["bob", "cid"]);
    await scene.writer.apply(
      update(chat, 1, "bob", { role: OWNER }),
      remove(chat, 2, "ada", { actor: "ada" }),
      erase(chat.application, "bob"),
    );
    expect(await scene.roles(chat)).toEqual({ cid: OWNER });
  });

  test("leaves each of many groups to another", async () => {
    const first = await scene.createChat(["bob"]);
    const chats = Array.from({ length: 120 }, (_, index) => ({ ...first, chat: index + 2 }));
    await scene.writer.apply(
      ...chats.map((chat) =>
        chatWrite(chat, { kind: GROUP, creator: "ada", members: [chat.chat % 2 ? "cid" : "dan"] }),
      ),
    );
    await scene.writer.apply(erase(first.application, "ada"));
    for (const chat of chats) expect(await scene.roles(chat)).toEqual({ [chat.chat % 2 ? "cid" : "dan"]: OWNER });
  });
});
