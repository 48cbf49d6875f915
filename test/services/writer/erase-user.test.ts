import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Chat_Kind } from "../../../gen/parley/v1/chat_pb.ts";
import { Member_Role } from "../../../gen/parley/v1/member_pb.ts";
import { formatUserName } from "../../../services/aip/resource-name.ts";
import { chatWrite, mutationWrite } from "../writes.ts";
import { add, MembersScene, remove, update } from "./members-scene.ts";

const { MEMBER, ADMIN, OWNER } = Member_Role;
const { GROUP, DIRECT } = Chat_Kind;

let scene: MembersScene;
beforeAll(async () => {
  scene = await MembersScene.open();
});
afterAll(() => scene.close());

const erase = (application: string, user: string) =>
  mutationWrite({
    case: "eraseUser",
    value: { $typeName: "parley.queue.v1.EraseUser", name: formatUserName({ application, user }) },
  });

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
});
