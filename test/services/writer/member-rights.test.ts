import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Member_Role } from "../../../gen/parley/v1/member_pb.ts";
import { SystemEvent_Type } from "../../../gen/parley/v1/message_pb.ts";
import { parseSystemEvent } from "../../../services/message/stored-system-event.ts";
import { add, LATER, MembersScene, remove, update } from "./members-scene.ts";

const { MEMBER, ADMIN, OWNER } = Member_Role;

let scene: MembersScene;
beforeAll(async () => {
  scene = await MembersScene.open();
});
afterAll(() => scene.close());

describe("roles allow", () => {
  test("an owner to add any, an ADMIN plain members, and others nobody", async () => {
    const chat = await scene.createStaffed();
    const by = (actor: string, role: Member_Role, number: number) => add(chat, number, ["fay"], { actor, role });
    expect(
      await scene.outcomes(by("dan", MEMBER, 3), by("cid", ADMIN, 4), by("cid", OWNER, 5), by("fay", MEMBER, 6)),
    ).toEqual(["ROLE_DENIED", "ROLE_DENIED", "ROLE_DENIED", "NOT_FOUND"]);
    expect(await scene.outcomes(by("cid", MEMBER, 7), remove(chat, 8, "fay"), by("bob", OWNER, 9))).toEqual([7, 8, 9]);
    expect(await scene.roles(chat)).toMatchObject({ fay: OWNER });
  });

  test("an ADMIN to remove, mute and ban plain members alone", async () => {
    const chat = await scene.createStaffed();
    const mute = { muteExpireTime: LATER };
    const by = { actor: "cid" };
    for (const [number, target] of ["ada", "bob", "cid"].entries()) {
      const writes = [
        update(chat, 10 + number, target, mute, by),
        update(chat, 20 + number, target, { banExpireTime: LATER }, by),
      ];
      expect(await scene.outcomes(...writes)).toEqual(["ROLE_DENIED", "ROLE_DENIED"]);
    }
    expect(await scene.outcomes(remove(chat, 30, "ada", by), remove(chat, 31, "bob", by))).toEqual([
      "ROLE_DENIED",
      "ROLE_DENIED",
    ]);
    expect(await scene.outcomes(update(chat, 32, "dan", { role: ADMIN }, by))).toEqual(["ROLE_DENIED"]);
    expect(await scene.outcomes(update(chat, 33, "dan", mute, by), remove(chat, 34, "eve", by))).toEqual([33, 34]);
  });

  test("nobody to mute or ban itself, or to lift that", async () => {
    const chat = await scene.createStaffed();
    const by = { actor: "bob" };
    expect(await scene.outcomes(update(chat, 3, "bob", { muteExpireTime: LATER }))).toEqual([3]);
    const lifted = update(chat, 4, "bob", { muteExpireTime: undefined }, by);
    expect(await scene.outcomes(lifted, update(chat, 5, "bob", { banExpireTime: LATER }, by))).toEqual([
      "ROLE_DENIED",
      "ROLE_DENIED",
    ]);
    expect(await scene.outcomes(update(chat, 6, "bob", { muteExpireTime: undefined }))).toEqual([6]);
  });

  test("a plain member to leave, and nothing else", async () => {
    const chat = await scene.createStaffed();
    const by = { actor: "dan" };
    expect(
      await scene.outcomes(
        remove(chat, 3, "eve", by),
        update(chat, 4, "dan", { role: ADMIN }, by),
        update(chat, 5, "eve", { muteExpireTime: LATER }, by),
        remove(chat, 6, "dan", by),
        remove(chat, 7, "dan", by),
      ),
    ).toEqual(["ROLE_DENIED", "ROLE_DENIED", "ROLE_DENIED", 6, "NOT_FOUND"]);
    const { type, users, actor } = parseSystemEvent((await scene.writer.findMessage(chat, 6))!.systemEvent!);
    expect({ type, users, actor }).toEqual({ type: SystemEvent_Type.MEMBERS_LEFT, users: ["dan"], actor: "dan" });
  });

  test("nobody else to touch the creator, and the backend to", async () => {
    const chat = await scene.createStaffed();
    const by = { actor: "bob" };
    expect(
      await scene.outcomes(
        remove(chat, 3, "ada", by),
        update(chat, 4, "ada", { role: MEMBER }, by),
        update(chat, 5, "ada", { muteExpireTime: LATER }, by),
        update(chat, 6, "ada", { banExpireTime: LATER }, by),
        update(chat, 7, "ada", { role: MEMBER }),
        remove(chat, 8, "ada"),
      ),
    ).toEqual(["ROLE_DENIED", "ROLE_DENIED", "ROLE_DENIED", "ROLE_DENIED", 7, 8]);
  });

  test("another owner to give the creator a higher role, but no lower one", async () => {
    const chat = await scene.createStaffed();
    const by = { actor: "bob" };
    expect(
      await scene.outcomes(
        update(chat, 3, "ada", { role: MEMBER }, { actor: "ada" }),
        update(chat, 4, "ada", { role: ADMIN }, { actor: "cid" }),
        update(chat, 5, "ada", { role: ADMIN }, by),
        update(chat, 6, "ada", { role: ADMIN }, by),
        update(chat, 7, "ada", { role: MEMBER }, by),
        update(chat, 8, "ada", { role: OWNER }, by),
      ),
    ).toEqual([3, "ROLE_DENIED", 5, "unchanged", "ROLE_DENIED", 8]);
    expect(await scene.roles(chat)).toMatchObject({ ada: OWNER, bob: OWNER });
  });

  test("what they allow when it is judged, not when it was asked", async () => {
    const chat = await scene.createStaffed();
    expect(
      await scene.outcomes(
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
    const chat = await scene.createChat(["bob"]);
    const by = { actor: "ada" };
    expect(
      await scene.outcomes(
        remove(chat, 1, "ada", by),
        update(chat, 2, "ada", { role: ADMIN }, by),
        update(chat, 3, "ada", { banExpireTime: LATER }),
        remove(chat, 4, "ada"),
        update(chat, 5, "ada", { role: MEMBER }),
      ),
    ).toEqual(Array(5).fill("LAST_OWNER"));
    expect(await scene.outcomes(update(chat, 6, "bob", { role: OWNER }, by), remove(chat, 7, "ada", by))).toEqual([
      6, 7,
    ]);
    expect(await scene.roles(chat)).toEqual({ bob: OWNER });
  });

  test("is one of two who leave at the same time", async () => {
    const chat = await scene.createChat(["bob", "cid"]);
    await scene.writer.apply(update(chat, 1, "bob", { role: OWNER }));
    const leaves = [remove(chat, 2, "ada", { actor: "ada" }), remove(chat, 3, "bob", { actor: "bob" })];
    expect(await scene.outcomes(...leaves)).toEqual([2, "LAST_OWNER"]);
    expect(await scene.roles(chat)).toEqual({ bob: OWNER, cid: MEMBER });
  });

  test("may leave alone: the group is empty then, and its next member is its owner", async () => {
    const chat = await scene.createChat([]);
    expect(await scene.outcomes(remove(chat, 1, "ada", { actor: "ada" }))).toEqual([1]);
    const adds = [add(chat, 2, ["bob"], { role: ADMIN }), add(chat, 3, ["bob"], { role: OWNER })];
    expect(await scene.outcomes(...adds)).toEqual(["LAST_OWNER", 3]);
    expect(await scene.roles(chat)).toEqual({ bob: OWNER });
  });

  test("is who is left when the others are banned", async () => {
    const chat = await scene.createChat(["bob"]);
    const writes = [
      update(chat, 1, "bob", { role: OWNER, banExpireTime: LATER }),
      remove(chat, 2, "ada", { actor: "ada" }),
    ];
    expect(await scene.outcomes(...writes)).toEqual([1, "LAST_OWNER"]);
  });
});
